"""The search page and the page of a document."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from services.core import catalogue, vocabulary
from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.ports.entries import FacetCount, FacetName, Facets, Hits, Match, Sort
from services.core.protocol.working.handling import clerk_of, due_of, notes_of
from services.runtime.access.explanation import KINDS
from services.runtime.access.visibility import ARRIVALS_ON_PAGE, stops_on_page, visible
from services.runtime.context.service import Context
from services.runtime.desk.formatting import words_marked
from services.runtime.desk.frame import Desk
from services.runtime.desk.viewer import letter_address, look_at, words_in
from services.runtime.translation.speaking import all_said, gettext, language
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Searcher
from services.search.arrivals.pages import arrival_pages
from services.search.asking import ask, facets
from services.search.described import describe
from services.search.near_duplicates.finding import near_duplicates_or_none
from services.search.problem_pages import problem_pages
from services.search.query import Paging
from services.search.saved.pages import CHOICES, EXACT, kept, saved_pages
from services.search.sealed.routes import sealed_pages
from services.search.transfer.note import notes_for

TEXT_ON_PAGE = 20_000
"""Characters of one part that the page shows; the rest is a click away."""
TEXTS_ON_PAGE = 200_000
FILTERS = CHOICES
FACETS: dict[str, tuple[FacetName, str]] = {
    "amt": ("offices", _("Amt")),
    "stelle": ("positions", _("Position")),
    "art": ("kinds", _("Art des Schreibens")),
    "kanal": ("channels", _("Eingang als")),
    "jahr": ("years", _("Jahr")),
    "absender": ("senders", _("Absender")),
    "status": ("states", _("Stand")),
    "problem": ("problems", _("Hinweis")),
}
"""Filters whose values are offered with the number of their hits."""
_LONGEST = 200
"""Characters of a filter that are read."""
_CODED = frozenset[FacetName](("channels", "states", "problems"))
"""Values that the catalogue has words for."""
FACET_AT_MOST = 12
SORTS = {"relevance": _("Beste Treffer zuerst"), "newest": _("Neueste zuerst"), "oldest": _("Älteste zuerst")}


def pages(context: Context) -> APIRouter:
    """`/suche`, `/dokumente/{id}` and `/probleme`."""
    router = APIRouter()
    desk = Desk(Path(__file__).parent / "templates")

    @router.get("/suche")
    def search(
        request: Request, caller: Searcher, q: str = "", *, sortierung: str = "relevance", ab: str = ""
    ) -> Response:
        asked = {"q": q, "sortierung": sortierung if sortierung in SORTS else "relevance"} | _narrowed(request)
        found = _beside(context, caller, asked, first=not (q or ab)) | _found(context, caller, asked, ab=ab)
        return desk.page(
            request,
            "search.html",
            status=400 if found["fault"] else 200,
            asked=asked,
            sorts=all_said(SORTS),
            later=bool(ab),
            **found,
        )

    @router.get("/dokumente/{document}")
    def document(request: Request, document: str, caller: Searcher) -> Response:
        found = visible(context, caller.viewer, document)
        told = describe(found, context, caller.viewer)
        return desk.page(
            request,
            "document.html",
            document=told,
            first_receipts=sorted(told.receipts, key=lambda one: one.received_at)[:ARRIVALS_ON_PAGE],
            texts=_texts(found, words_in(request.query_params)),
            viewer=look_at(found, request.query_params, letter_address(request.url.path, request.query_params)),
            offices={vocabulary.MAIN_OFFICE: gettext("Poststelle")} | dict(context.plan.offices),
            **_told_below(context, found, caller),
        )

    router.include_router(problem_pages(context))
    for more in (sealed_pages, saved_pages, arrival_pages):
        router.include_router(more(context, Path(__file__).parent / "templates"))
    return router


def _narrowed(request: Request) -> dict[str, str]:
    """The filters and the switch for exact words, as the address has them; empty where it has none."""
    asked = {name: request.query_params.get(name, "").strip()[:_LONGEST] for name in FILTERS}
    return asked | {EXACT: "genau" if request.query_params.get(EXACT) == "genau" else ""}


def _told_below(context: Context, found: Record, caller: Caller) -> dict[str, Any]:
    """Where it has been, how it came from paper, what is like it, and whether the viewer may decide about it."""
    stops, left_out = stops_on_page(found, caller.viewer)
    return {
        "stops": stops,
        "left_out": left_out,
        "notes": notes_for(found, caller.viewer, context)[:ARRIVALS_ON_PAGE],
        "near": near_duplicates_or_none(context, caller.viewer, found),
        "decides": "decide" in caller.rights,
        "handled": {"notes": notes_of(found), "due": due_of(found), "clerk": clerk_of(found)},
    }


def _found(context: Context, caller: Caller, asked: dict[str, str], *, ab: str) -> dict[str, Any]:
    """The hits and where they go on, or what is wrong with the query."""
    narrow = [f"{name}:{asked[name]}" for name in FILTERS if asked[name]]
    match: Match = "exact" if asked[EXACT] else "all"
    page = Paging(sort=cast("Sort", asked["sortierung"]), cursor=ab, match=match)
    try:
        found = ask(context, caller.viewer, asked["q"], narrow=narrow, page=page)
    except Rejected as error:
        sentence = catalogue.query_fault(str(error.facts.get("fault", "")), language())
        none = {
            "hits": Hits(items=(), total=0),
            "following": "",
            "step": "all",
            "suggestion": "",
            "spread": [],
            "by_meaning": False,
        }
        return none | {"fault": {"sentence": sentence, **error.facts}}
    following = f"/suche?{urlencode(asked | {'ab': found.hits.next})}" if found.hits.next else ""
    told = {"hits": found.hits, "following": following, "step": found.step, "suggestion": found.suggestion}
    told |= {"by_meaning": found.by_meaning}
    spread = _spread(context, asked, facets(context, caller.viewer, found)) if found.hits.total else []
    return told | {"fault": None, "spread": spread}


def _beside(context: Context, caller: Caller, asked: dict[str, str], *, first: bool) -> dict[str, Any]:
    """What stands around the hits; what is new in saved searches is asked for where nobody has asked for anything."""
    news = sum(1 for one in kept(context, caller) if one["new"]) if first else 0
    return {"chosen": _chosen(context, asked), "export": _export_address(asked), "news": news}


def _export_address(asked: dict[str, str]) -> str:
    """The same question, as programs ask it."""
    narrow = [("filter", f"{name}:{asked[name]}") for name in FILTERS if asked[name]]
    exact = [("exact", "true")] if asked[EXACT] else []
    return urlencode([("q", asked["q"]), *narrow, ("sort", asked["sortierung"]), *exact])


def _spread(context: Context, asked: dict[str, str], counted: Facets) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """Facets as the page shows them: label, and for each value its words, its hits and the address that chooses it."""
    shown = []
    for name, (facet, label) in FACETS.items():
        values = [one for one in counted.get(facet, ()) if one.value.casefold() != asked[name].casefold()]
        if facet == "positions":
            values = sorted(_next_level(values, asked[name].upper()), key=lambda one: one.value)
        if facet == "years":
            values = sorted(values, key=lambda one: one.value, reverse=True)
        choices = [
            (_in_words(context, facet, one.value), one.count, f"/suche?{urlencode(asked | {name: one.value})}")
            for one in values[:FACET_AT_MOST]
        ]
        shown += [(gettext(label), choices)] if choices else []
    return shown


def _chosen(context: Context, asked: dict[str, str]) -> list[dict[str, str]]:
    """What was chosen of the facets, and the addresses without it and, of a position, with the one above."""
    return [
        {
            "label": gettext(label),
            "words": _in_words(context, facet, asked[name].upper() if facet == "positions" else asked[name]),
            "without": f"/suche?{urlencode(asked | {name: ''})}",
            "above": f"/suche?{urlencode(asked | {name: asked[name].rpartition('.')[0]})}"
            if facet == "positions" and "." in asked[name]
            else "",
        }
        for name, (facet, label) in FACETS.items()
        if asked[name]
    ]


def _in_words(context: Context, facet: FacetName, value: str) -> str:
    """A value as people call it; one that nothing is known of stays as it is."""
    if facet == "offices":
        return ({vocabulary.MAIN_OFFICE: gettext("Poststelle")} | dict(context.plan.offices)).get(value, value)
    if facet == "positions":
        position = context.plan.by_code.get(value)
        return f"{value} {position.title}" if position else value
    if facet == "kinds":
        return gettext(KINDS[value]) if value in KINDS else value
    return catalogue.text(value, language()) if facet in _CODED else value


def _next_level(values: list[FacetCount], chosen: str) -> list[FacetCount]:
    """The positions right below the chosen one, or the topmost."""
    depth = chosen.count(".") + 1 if chosen else 0
    begun = f"{chosen}." if chosen else ""
    return [one for one in values if one.value.startswith(begun) and one.value.count(".") == depth]


def _texts(found: Record, words: Sequence[str]) -> dict[str, tuple[Markup, bool]]:
    """What is shown of each part's text, with the words that it was found by marked, and whether that is all of it."""
    left, shown = TEXTS_ON_PAGE, {}
    for part in found.extraction.parts if found.extraction else ():
        piece = part.text[: min(TEXT_ON_PAGE, left)]
        left -= len(piece)
        shown[part.part] = (words_marked(piece, words), len(piece) == len(part.text))
    return shown
