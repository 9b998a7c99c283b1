"""`/posteingang/gefunden`: files for what is being typed, as a piece of the page of a letter."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from msgspec import Struct

from services.core.model.accounts import Caller
from services.filing.workbench.news_pages import Narrowed
from services.filing.workbench.picking import files_for
from services.runtime.access.visibility import known
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Decider

MOST_TYPED = 100
"""Characters that are looked at of what somebody typed."""


class Seen(Struct, frozen=True, kw_only=True):
    """The letter that is decided about, as the clerk saw it."""

    document: str
    version: int
    several: bool
    """Whether it is asked for the ticked letters of the list instead."""


def _seen(offen: str = "", stand: int = 0, mehrere: str = "") -> Seen:
    # The version is the one that the page was made from: the clerk has seen nothing newer.
    return Seen(document=offen, version=stand, several=bool(mehrere))


Looked = Annotated[Seen, Depends(_seen)]


def picked(context: Context, caller: Caller, typed: str) -> dict[str, Any]:
    """What a page shows of the files that these words lead to; nothing where none were typed."""
    words = typed.strip()[:MOST_TYPED]
    return {"words": words, "picked": files_for(words, caller.viewer, context) if words else ()}


def picker_pages(context: Context, templates: Path) -> APIRouter:
    """What the page itself shows after the words were sent, before they were."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/gefunden")
    def found(request: Request, caller: Decider, narrowed: Narrowed, seen: Looked, *, akte: str = "") -> Response:
        if not seen.several:
            known(context, caller.viewer, seen.document)
        facts = picked(context, caller, akte) | {"letter": None if seen.several else seen, "narrowed": narrowed}
        html = desk.fragment(request, "workbench_picked.html", **facts)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    return router
