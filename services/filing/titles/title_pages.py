"""`/dokumente/{id}/titel`: the subject is changed by hand, and who changed it before."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.filing.titles.titling import LONGEST, TitleWish, entitle
from services.runtime.access.visibility import title_for, visible
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.translation.speaking import refusal
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.worker.publishing import Announcer

_DIGITS = 15
"""Of a version: exact as a double."""


def title_pages(context: Context, templates: Path) -> APIRouter:
    """For whoever may decide about the document."""
    router = APIRouter(prefix="/dokumente/{document}/titel")
    desk, announcer = Desk(templates), Announcer(context.ports.log, log=context.log)

    def page(
        request: Request, document: str, caller: Caller, *, error: Rejected | None = None, typed: str = ""
    ) -> Response:
        found = visible(context, caller.viewer, document)
        return desk.page(
            request,
            "title.html",
            status=STATUS.get(error.code, UNPROCESSABLE) if error else 200,
            fault=refusal(error.code) if error else "",
            document=found.document,
            version=found.version,
            called=title_for(found, caller.viewer),
            own=found.extraction.title if found.extraction else "",
            typed=typed if error else title_for(found, caller.viewer),
            longest=LONGEST,
            given=found.titles,
        )

    @router.get("")
    def form(request: Request, document: str, caller: Decider) -> Response:
        return page(request, document, caller)

    @router.post("")
    def change(request: Request, document: str, caller: Decider, fields: Fields) -> Response:
        typed = "" if "own" in fields else fields.get("title", "")
        try:
            wish = TitleWish(document=document, title=typed, base_version=_version(fields))
            entitle(wish, caller, context=context, announcer=announcer)
        except Rejected as error:
            return page(request, document, caller, error=error, typed=typed)
        return see_other(request, f"/dokumente/{document}", note="title_changed")

    return router


def _version(fields: dict[str, str]) -> int:
    version = fields.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= _DIGITS):
        raise Rejected("bad_request")
    return int(version)
