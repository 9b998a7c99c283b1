"""`/suche/gespeichert`: what somebody keeps looking for, and what is new in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.side_files import SavedSearch
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.translation.speaking import refusal
from services.runtime.web.http import Searcher
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.search.saved import keeping
from services.search.saved.looking import PAGE, news

SAVED = "/suche/gespeichert"
CHOICES = ("status", "kanal", "seit", "bis", "amt", "stelle", "art", "jahr", "absender", "problem")
"""Filters of the search page, each with one value."""
EXACT = "nur"
"""The switch for exact words: `genau`."""


def saved_pages(context: Context, templates: Path) -> APIRouter:
    """The list, what is new in one of them, and their forms."""
    router = APIRouter(prefix=SAVED)
    desk = Desk(templates)

    def listed(request: Request, caller: Caller, *, error: Rejected | None = None, typed: str = "") -> Response:
        status = STATUS.get(error.code, UNPROCESSABLE) if error else 200
        facts = {"kept": kept(context, caller), "fault": refusal(error.code) if error else "", "typed": typed}
        return desk.page(
            request,
            "saved.html",
            status=status,
            most=keeping.MOST,
            mails=bool(context.settings.outgoing_mail.relay),
            **facts,
        )

    @router.get("")
    def every(request: Request, caller: Searcher) -> Response:
        return listed(request, caller)

    @router.post("")
    def save(request: Request, caller: Searcher, fields: Fields) -> Response:
        try:
            keeping.save(context, caller, _wish(fields))
        except Rejected as error:
            return listed(request, caller, error=error, typed=fields.get("name", ""))
        return see_other(request, SAVED, note="search_saved")

    @router.post("/{search}/entfernen")
    def remove(request: Request, search: str, caller: Searcher, _: Fields) -> Response:
        keeping.remove(context, caller, search)
        return see_other(request, SAVED, note="search_removed")

    _mail_page(router, context, listed)
    _news_pages(router, context, desk)
    return router


def _news_pages(router: APIRouter, context: Context, desk: Desk) -> None:
    """What is new in one of them, and that it was seen."""

    @router.get("/{search}")
    def one(request: Request, search: str, caller: Searcher) -> Response:
        saved = keeping.one_of(context, caller, search)
        hits = news(context, caller.viewer, saved, limit=PAGE)
        return desk.page(request, "saved_news.html", saved=saved, hits=hits, address=address_of(saved))

    @router.post("/{search}/gesehen")
    def seen(request: Request, search: str, caller: Searcher, fields: Fields) -> Response:
        shown = [document for document in fields.get("shown", "").split(",")[:PAGE] if document]
        keeping.look(context, caller, search, shown)
        return see_other(request, SAVED, note="search_seen")


def _mail_page(router: APIRouter, context: Context, listed: Callable[..., Response]) -> None:
    """The form that says where to tell of news."""

    @router.post("/{search}/mail")
    def mail(request: Request, search: str, caller: Searcher, fields: Fields) -> Response:
        try:
            keeping.notify(context, caller, search, fields.get("mail", ""))
        except Rejected as error:
            if error.code == "not_found":
                raise
            return listed(request, caller, error=error)
        return see_other(request, SAVED, note="search_mail")


def kept(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """The caller's saved searches as pages show them, with the number of new hits of each."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "question": one.question,
            "filters": one.filters,
            "seen_at": one.seen_at,
            "address": address_of(one),
            "mail": one.mail,
            "new": news(context, caller.viewer, one).total,
        }
        for one in keeping.all_of(context, caller)
    ]


def address_of(saved: SavedSearch) -> str:
    """Where the search page shows all of its hits."""
    chosen = dict(one.partition(":")[::2] for one in saved.filters)
    asked = {"q": saved.question} | {name: chosen[name] for name in CHOICES if name in chosen}
    return f"/suche?{urlencode(asked | ({EXACT: 'genau'} if saved.exact else {}))}"


def _wish(fields: dict[str, str]) -> keeping.Wish:
    filters = tuple(f"{name}:{fields[name].strip()}" for name in CHOICES if fields.get(name, "").strip())
    question, exact = fields.get("q", ""), fields.get(EXACT) == "genau"
    return keeping.Wish(name=fields.get("name", ""), question=question, filters=filters, exact=exact)
