"""Pages of hits: in order, without doubles or gaps, and only of what the viewer may see now."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

from services.adapters.search_index.opensearch.client import Away, Client
from services.adapters.search_index.opensearch.query import SCALE, named, query_of
from services.adapters.search_index.opensearch.source import Source, card_of
from services.adapters.search_index.questions.conditions import Condition
from services.adapters.search_index.questions.cursor import DEEPEST, Cursor, cursor_of
from services.adapters.search_index.questions.facets import (
    DISTINCT_AT_MOST,
    FIELD,
    SENDERS,
    SHOWN_AT_MOST,
    facets_told,
)
from services.adapters.search_index.questions.hits import PAGE_AT_MOST, hit_of
from services.adapters.search_index.questions.question import Question, Translator
from services.adapters.search_index.questions.snippets import Marking
from services.adapters.search_index.questions.wording import READ
from services.core.errors import Rejected
from services.core.ports.entries import Facets, Hit, Hits, Query, Viewer

RANKED_AT_MOST = 100
"""By relevance; the cursor names those of the first page."""
HELD_FOR = "5m"

_MEANING, _SKETCH = ("meant", "meant_by"), ("sketch",)
_SOURCE = [field for field in Source.__struct_fields__ if field not in (*READ, *_MEANING, *_SKETCH)]
_ORDERS: dict[str, list[Any]] = {
    "relevance": ["_score", {"document": "asc"}],
    "newest": [{"received_at": {"order": "desc", "missing": 0}}, {"document": "asc"}],
    "oldest": [{"received_at": {"order": "asc", "missing": 0}}, {"document": "asc"}],
}
_SWITCHES = 5
_SWITCH_S = 0.05
Json = dict[str, Any]


class _Found(Struct, frozen=True):
    source: Source = msgspec.field(name="_source")
    sort: tuple[float | int | str | None, ...] = ()
    matched_queries: tuple[str, ...] = ()
    """Which of the question's needs it meets, by their numbers."""


class _Total(Struct, frozen=True):
    value: int = 0


class _Page(Struct, frozen=True):
    total: _Total = _Total()
    hits: tuple[_Found, ...] = ()


class _Count(Struct, frozen=True):
    doc_count: int = 0


class _Answer(Struct, frozen=True):
    hits: _Page
    aggregations: dict[str, _Count] = {}


class _Held(Struct, frozen=True):
    pit_id: str


class _Bucket(Struct, frozen=True):
    key: str
    doc_count: int


class _Buckets(Struct, frozen=True):
    buckets: tuple[_Bucket, ...] = ()


class _Tally(Struct, frozen=True):
    facets: _Buckets
    senders: _Buckets


class _Numbers(Struct, frozen=True):
    buckets: tuple[_Count, ...] = ()


class _Numbered(Struct, frozen=True):
    aggregations: dict[str, _Numbers]


class _Tallied(Struct, frozen=True):
    aggregations: _Tally


class Gone(Exception):
    """The view of the index that a cursor was given for has run out, or went with its index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One search: what it is over, in which order, from where on."""

    question: Question
    order: str
    size: int
    offset: int = 0
    after: tuple[int | str, ...] = ()
    only: tuple[str, ...] | None = None
    """Documents that alone are shown; the count knows nothing of it."""
    shown: tuple[str, ...] = ()
    """Documents that are not shown again; the count knows nothing of it."""
    view: str = ""

    def _query(self) -> Json:
        """The condition; beside it, finding nothing and worth nothing, each need by its number."""
        needs = [named(need, str(number)) for number, (_, need) in enumerate(self.question.needs)]
        query = query_of(self.question.condition)
        return {"bool": {"must": [query], "should": needs, "minimum_should_match": 0}} if needs else query

    def body(self) -> bytes:
        """The request."""
        read = set(READ) if self.question.sought else set()
        read |= set(_MEANING) if self.question.meaning else set()
        read |= set(_SKETCH) if self.question.sketches else set()
        asked: Json = {
            "query": self._query(),
            "size": self.size,
            "from": self.offset,
            "sort": _ORDERS[self.order],
            "track_total_hits": True,
            "_source": [*_SOURCE, *sorted(read)],
        }
        if self.after:
            asked["search_after"] = self.after
        if self.only is not None:
            asked["post_filter"] = {"terms": {"document": self.only}}
        if self.shown:
            asked["post_filter"] = {"bool": {"must_not": [{"terms": {"document": self.shown}}]}}
        if "post_filter" in asked:
            asked["aggs"] = {"all": {"filter": {"match_all": {}}}}
        if self.view:
            asked["pit"] = {"id": self.view, "keep_alive": HELD_FOR}
        return msgspec.json.encode(asked)


class Pages:
    """Answers queries from the living index."""

    def __init__(self, client: Client, alias: str, *, translator: Translator, stem: Callable[[str], str]) -> None:
        self._client = client
        self._alias = alias
        self._translator = translator
        self._stem = stem

    def page(self, query: Query, viewer: Viewer) -> Hits:
        """One page; what can be ordered neither by score nor otherwise comes newest first."""
        question = self._translator.question(query, viewer)
        cursor = cursor_of(query)
        if query.sort == "relevance" and question.scores:
            return self._by_relevance(query, question, cursor)
        return self._by_time(query, question, cursor)

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        """Counted over the same condition as the hits."""
        found = query_of(self._translator.question(query, viewer).condition)
        spread: Json = {
            FIELD: {"terms": {"field": FIELD, "size": DISTINCT_AT_MOST}},
            SENDERS: {"terms": {"field": SENDERS, "size": SHOWN_AT_MOST, "shard_size": DISTINCT_AT_MOST}},
        }
        told = msgspec.json.decode(self._counted(found, spread), type=_Tallied).aggregations
        values, senders = ([(one.key, one.doc_count) for one in many.buckets] for many in (told.facets, told.senders))
        return facets_told(values, senders, viewer, count=lambda more: self._count(found, more))

    def _count(self, found: Json, more: Sequence[Condition]) -> list[int]:
        asked = {FIELD: {"filters": {"filters": [query_of(each) for each in more]}}}
        answer = msgspec.json.decode(self._counted(found, asked), type=_Numbered)
        return [one.doc_count for one in answer.aggregations[FIELD].buckets]

    def _counted(self, found: Json, asked: Json) -> str:
        path = f"/{self._alias}/_search?allow_partial_search_results=false"
        return self._ask("POST", path, msgspec.json.encode({"query": found, "size": 0, "aggs": asked}))

    def _by_time(self, query: Query, question: Question, cursor: Cursor) -> Hits:
        """Continues behind the last one shown, whatever was written meanwhile."""
        limit = min(query.limit, PAGE_AT_MOST)
        order = "oldest" if query.sort == "oldest" else "newest"
        after = (cursor.key, cursor.shown[0]) if cursor.shown else ()
        answer = self._search(Ask(question=question, order=order, size=limit + 1, after=after))
        found, following = answer.hits.hits[:limit], ""
        if len(answer.hits.hits) > limit:
            key, document = found[-1].sort
            following = Cursor(cursor.question, key=int(key or 0), shown=(str(document),)).word()
        return Hits(items=self._hits(found, question), total=answer.hits.total.value, next=following)

    def _by_relevance(self, query: Query, question: Question, cursor: Cursor) -> Hits:
        """The first page is of now. A second one holds a view of the index, and shows what the first did not."""
        limit = min(query.limit, RANKED_AT_MOST, DEEPEST - cursor.offset)
        ask = Ask(question=question, order="relevance", size=max(limit, 0), offset=cursor.offset, shown=cursor.shown)
        if cursor.shown and limit > 0:
            return self._further(ask, cursor)
        answer = self._search(replace(ask, offset=0, shown=()))
        found, total, following = answer.hits.hits, answer.hits.total.value, ""
        if found and len(found) < total:
            following = Cursor(cursor.question, shown=tuple(each.source.document for each in found)).word()
        return Hits(items=self._hits(found, question, scored=True), total=total, next=following)

    def _further(self, ask: Ask, cursor: Cursor) -> Hits:
        """In the order of the view; what is shown, and whether, is decided by the index of now."""
        ordered, view = self._in_view(ask, cursor.snapshot)
        offset, following = ask.offset + len(ordered.hits.hits), ""
        if ordered.hits.hits and offset < min(ordered.hits.total.value, DEEPEST):
            following = msgspec.structs.replace(cursor, snapshot=view, offset=offset).word()
        documents = tuple(each.source.document for each in ordered.hits.hits)
        now = self._search(replace(ask, order="newest", offset=0, size=len(documents), shown=(), only=documents))
        of_now = {each.source.document: each for each in now.hits.hits}
        found = tuple(of_now[document] for document in documents if document in of_now)
        return Hits(items=self._hits(found, ask.question), total=now.aggregations["all"].doc_count, next=following)

    def _in_view(self, ask: Ask, view: str) -> tuple[_Answer, str]:
        """In the view that was held, or in a new one where that is gone."""
        if view:
            try:
                return self._search(replace(ask, view=view)), view
            except Gone:
                pass  # the places shift by what was written since; nobody can know more
        held = self._ask("POST", f"/{self._alias}/_search/point_in_time?keep_alive={HELD_FOR}", None)
        view = msgspec.json.decode(held, type=_Held).pit_id
        try:
            return self._search(replace(ask, view=view)), view
        except Gone:  # with its index, between the two questions
            raise Away("failed") from None

    def _search(self, ask: Ask) -> _Answer:
        if ask.view:
            answer = self._client.ask("POST", "/_search?allow_partial_search_results=false", ask.body())
            if not answer.done:
                raise Gone
            return msgspec.json.decode(answer.text, type=_Answer)
        path = f"/{self._alias}/_search?allow_partial_search_results=false"
        return msgspec.json.decode(self._ask("POST", path, ask.body()), type=_Answer)

    def _ask(self, method: str, path: str, body: bytes | None) -> str:
        """The answer of the living index; asked again when the alias moved under the question."""
        for _ in range(_SWITCHES):
            answer = self._client.ask(method, path, body)
            if answer.done:
                return answer.text
            if answer.status != HTTPStatus.NOT_FOUND:
                raise Rejected("bad_query")
            time.sleep(_SWITCH_S)
        raise Away("failed")

    def _hits(self, found: tuple[_Found, ...], question: Question, *, scored: bool = False) -> tuple[Hit, ...]:
        marking = Marking(question.sought, stem=self._stem)
        return tuple(
            hit_of(
                card_of(each.source),
                question,
                marking=marking,
                without=_lacking(each, question),
                score=SCALE * float(each.sort[0] or 0.0) if scored and each.sort else 0.0,
            )
            for each in found
        )


def _lacking(found: _Found, question: Question) -> tuple[str, ...]:
    """The words that a hit is found without."""
    met = set(found.matched_queries)
    return tuple(label for number, (label, _) in enumerate(question.needs) if str(number) not in met)
