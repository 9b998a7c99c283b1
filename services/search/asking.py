"""Asking the index, for the API and for the pages alike: step by step, until there is something to show.

First all words. Where that gives fewer than a handful, the words that nothing has are looked for in other spellings,
and most of the words are enough; a hit tells which it lacks. Where that gives nothing, one word is enough. What
answers far worse than the best hit is left out of these two. Where no word is found at all, the documents nearest in
meaning are shown; and of a line of several words the first page is ordered by words and meaning together. Every step is
a query of the viewer's: what is counted, shown or suggested stands in documents that he may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import COMPLETE, Facets, Filters, Hits, Match, Query, Sort, Viewer
from services.core.ports.search_index import SearchIndex
from services.runtime.context.service import Context
from services.search.forgiving import early, meaning, spelling, synonyms
from services.search.query import Paging, parse

HANDFUL = 5
"""Hits with all words of a sentence from which nobody looks for more."""
_FAR_WORSE = 0.55
"""Share of the best score under which a hit lacks too much to be an answer; found by measuring, see decision 0043."""
_MARK = "~"
"""Between the step of a list and the index's own cursor."""
_WIDER: tuple[Match, ...] = ("most", "any")
_STEPS: tuple[Match, ...] = ("exact", "all", *_WIDER)
Step = Match | Literal["meaning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The hits of a line, by which step they were found, and the line as it may have been meant."""

    hits: Hits
    step: Step
    asked: Query
    """What was asked in the end; of a list that was cut, the documents that are shown."""
    suggestion: str = ""
    by_meaning: bool = False
    """Whether what question and documents mean decided about the order, or about all of it."""


def ask(
    context: Context, viewer: Viewer, text: str, *, narrow: Sequence[str] = (), page: Paging | None = None
) -> Found:
    """The hits for a typed line that this viewer may see; Rejected("bad_query") says where it is malformed."""
    page = page or Paging()
    step, _, cursor = page.cursor.rpartition(_MARK)
    begun = replace(page, cursor=cursor, match=_step(step, page.match))
    query = understood(context, text, narrow=narrow, page=begun)
    index = context.ports.index
    if begun.match == "exact" or page.cursor:
        query = spelling.forgiving(index, query, viewer)[0] if begun.match in _WIDER else query
        return _told(index.search(query, viewer), query)
    hits = index.search(query, viewer)
    words = spelling.plain_words(query)
    spoken = words > 2 and spelling.words_in_all(query) >= spelling.SENTENCE  # noqa: PLR2004 - a name or a matter has two
    enough = HANDFUL if spoken and query.sort == "relevance" else 1
    enough_said = hits.total >= enough or not words
    found = _told(hits, query) if enough_said else _forgiven(index, viewer, query, text=text)
    if query.sort != "relevance" or not words:
        return found
    if words < meaning.WORDS and found.hits.total:
        return replace(found, hits=early.reordered(found.hits, extra=_extra(found)))
    return _with_meaning(index, viewer, query, found) if context.settings.search.meaning else found


def understood(context: Context, text: str, *, narrow: Sequence[str], page: Paging) -> Query:
    """What a typed line asks of the index under the plan in force; Rejected("bad_query") where it is malformed."""
    template = Template(context.settings.filing.file_number)
    known = synonyms.of(context.settings.search.synonyms)
    query = parse(text, narrow, template=template, synonyms=known, page=page)
    return _with_predecessors(query if query.match == "exact" else spelling.spoken(query), context.plan)


def _forgiven(index: SearchIndex, viewer: Viewer, query: Query, *, text: str) -> Found:
    """What other spellings and fewer words find; where that is nothing, all words were asked for in vain."""
    forgiving, meant = spelling.forgiving(index, query, viewer)
    for step in _WIDER:
        wider = msgspec.structs.replace(forgiving, match=step)
        hits = index.search(wider, viewer)
        if hits.total:
            hits = _worth_showing(hits) if query.sort == "relevance" else hits
            return _told(hits, wider, spelling.suggested(text, meant))
    return _told(Hits(items=(), total=0), query)


def _with_meaning(index: SearchIndex, viewer: Viewer, query: Query, found: Found) -> Found:
    """The hits by words and meaning together; where words found nothing, and only words were asked for, by meaning."""
    question = meaning.point_of(query)
    if question is None:
        return found
    if found.hits.total:
        hits = meaning.reordered(found.hits, question, extra=_extra(found))
        return replace(found, hits=hits, by_meaning=hits is not found.hits)
    if not spelling.only_plain(query):
        return found
    near = meaning.found(index, query, viewer, question)
    if not near.items:
        return found
    asked = Query(filters=Filters(documents=tuple(hit.document for hit in near.items)))
    return Found(hits=near, step="meaning", asked=asked, by_meaning=True)


def _extra(found: Found) -> float:
    """What hits with all words have on top of their score in this step."""
    return COMPLETE if found.step in _WIDER else 0.0


def _worth_showing(hits: Hits) -> Hits:
    """The hits without those that answer far worse than the best one; the list ends there."""
    first = hits.items[0]
    best = first.score - (COMPLETE if not first.without else 0.0)
    worth = [hit for hit in hits.items if hit.score >= best * _FAR_WORSE]
    if len(worth) == len(hits.items):
        return hits
    return Hits(items=tuple(worth), total=len(worth))


def facets(context: Context, viewer: Viewer, found: Found) -> Facets:
    """How what was found spreads, counted by the index over what this viewer may see."""
    return context.ports.index.facets(found.asked, viewer)


def _told(hits: Hits, query: Query, suggestion: str = "") -> Found:
    following = f"{query.match}{_MARK}{hits.next}" if hits.next else ""
    shown = msgspec.structs.replace(hits, next=following)
    return Found(hits=shown, step=query.match, asked=_counted(hits, query), suggestion=suggestion)


def _counted(hits: Hits, query: Query) -> Query:
    """What facets count: of one whole page in a step that may have been cut, its documents."""
    if query.match not in _WIDER or hits.next or not hits.items or query.cursor:
        return query
    return Query(filters=Filters(documents=tuple(hit.document for hit in hits.items)))


def _step(step: str, wanted: Match) -> Match:
    return next((known for known in _STEPS if known == step), wanted)


def _with_predecessors(query: Query, plan: FilePlan) -> Query:
    """A position is asked for with those whose matters it took over: their files keep their numbers."""
    asked = frozenset(query.filters.positions)
    earlier = [code for code in (*plan.by_code, *plan.successors) if plan.place_of(code) in asked] if asked else []
    positions = tuple(dict.fromkeys((*query.filters.positions, *earlier)))
    filters = msgspec.structs.replace(query.filters, positions=positions)
    return msgspec.structs.replace(query, filters=filters)


def held(context: Context, viewer: Viewer, *, office: str = "", reason: str = "", page: Paging | None = None) -> Hits:
    """The documents that wait for a clerk, oldest first."""
    sort: Sort = "oldest"
    place = page or Paging(sort=sort)
    narrow = ["status:held"]
    narrow += [f"amt:{office}"] if office else []
    narrow += [f"grund:{reason}"] if reason else []
    return ask(context, viewer, "", narrow=narrow, page=Paging(sort=sort, cursor=place.cursor, limit=place.limit)).hits
