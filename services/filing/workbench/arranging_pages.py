"""`/posteingang/{id}/seiten`: the pages of a scan side by side, to be split, joined, put in order and turned."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.protocol.arranging import page_count_of
from services.filing.arranging.checking import refuse_decided
from services.filing.decisions import Wish, decide
from services.filing.workbench.laying_out import TURNS, Laid, documents_of, filled_in, laid_out, name_of, wanted_of
from services.filing.workbench.news_pages import Narrowed
from services.filing.workbench.refusals import Refusals
from services.filing.workbench.waiting import Narrowing
from services.runtime.access.visibility import title_for, visible
from services.runtime.context.service import Context
from services.runtime.desk.forms import ManyFields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.translation.speaking import all_said
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.worker.publishing import Announcer

MAX_SHOWN = 300
"""Pages that are laid out on one page of the desk; a larger scan is arranged by program."""


def arranging_pages(context: Context, templates: Path) -> APIRouter:
    """A form that says how the pages lie, shown anew as often as the clerk wants, and carried out once."""
    router = APIRouter(prefix="/posteingang/{document}/seiten")
    table = _Table(context, templates)

    @router.get("")
    def shown(request: Request, document: str, caller: Decider, narrowed: Narrowed) -> Response:
        return table.page(request, caller, narrowed, document=document)

    @router.post("")
    def sent(request: Request, document: str, caller: Decider, narrowed: Narrowed, *, fields: ManyFields) -> Response:
        return table.arrange(request, caller, narrowed, document=document, fields=fields)

    return router


class _Table:
    def __init__(self, context: Context, templates: Path) -> None:
        self._context = context
        self._desk = Desk(templates)
        self._announcer = Announcer(context.ports.log, log=context.log)

    def page(self, request: Request, caller: Caller, narrowed: Narrowing, *, document: str) -> Response:
        """As the pages lie now; where they may not be arranged, who decided about them and when."""
        found = self._found(caller, document)
        faults: tuple[str, ...] = ()
        try:
            refuse_decided(found)
        except Rejected as error:
            faults = (self._refusals(request, caller).because(error),)
        facts = {"version": found.version, "faults": faults, "open": not faults}
        return self._shown(request, caller, narrowed, found=found, laid=laid_out(found), **facts)

    def arrange(
        self, request: Request, caller: Caller, narrowed: Narrowing, *, document: str, fields: dict[str, str]
    ) -> Response:
        """Show what the form says, or carry it out; what cannot be carried out is explained, and the form kept."""
        found = self._found(caller, document)
        laid = filled_in(fields, _as_it_was_shown(fields, found))
        facts: dict[str, Any] = {"version": _version(fields), "faults": (), "open": True}
        if fields.get("schritt") == "vorschau":
            return self._shown(request, caller, narrowed, found=found, laid=laid, **facts)
        try:
            wish = Wish(action="arrange", base_version=_version(fields), documents=wanted_of(laid))
            decide(wish, document, caller, context=self._context, announcer=self._announcer)
        except Rejected as error:
            facts["faults"] = (self._refusals(request, caller).because(error),)
            facts["status"] = STATUS.get(error.code, UNPROCESSABLE)
            return self._shown(request, caller, narrowed, found=found, laid=laid, **facts)
        return see_other(request, narrowed.address(document), note="pages_arranged")

    def _refusals(self, request: Request, caller: Caller) -> Refusals:
        return Refusals(access=request.app.state.access, caller=caller, context=self._context)

    def _found(self, caller: Caller, document: str) -> Record:
        found = visible(self._context, caller.viewer, document)
        if not 0 < page_count_of(found) <= MAX_SHOWN:
            raise Rejected("not_arrangeable")
        return found

    def _shown(
        self,
        request: Request,
        caller: Caller,
        narrowed: Narrowing,
        *,
        found: Record,
        laid: list[Laid],
        **facts: Any,
    ) -> Response:
        return self._desk.page(
            request,
            "arranging.html",
            document=found.document,
            title=title_for(found, caller.viewer),
            count=len(laid),
            piles=[(name_of(pile), pile) for pile in documents_of(laid)],
            apart=[one for one in laid if one.left_out],
            order=",".join(str(one.page) for one in laid),
            turns=all_said(TURNS),
            back=narrowed.address(found.document),
            target=narrowed.address(f"{found.document}/seiten"),
            **facts,
        )


def _as_it_was_shown(fields: dict[str, str], found: Record) -> list[Laid]:
    """In the order of the page that the clerk filled in, which may have been a preview."""
    laid = laid_out(found)
    by_page = {str(one.page): one for one in laid}
    order = fields.get("folge", "").split(",")
    if sorted(order) != sorted(by_page):
        return laid
    return [Laid(page=int(page), place=place, kind=by_page[page].kind) for place, page in enumerate(order, 1)]


def _version(fields: dict[str, str]) -> int:
    version = fields.get("version", "")
    with suppress(ValueError):
        if version.isascii() and len(version) < 16:  # noqa: PLR2004  # exact as a double
            return int(version)
    raise Rejected("bad_request")
