"""`/planfassung`: a new version of the plan is uploaded, looked at beside the one in force, put in force or dropped."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.documents import BytesIdentity
from services.core.plan import file_plan, plan_check
from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_check import Fault
from services.filing.plan import drafts
from services.filing.plan.activation import activate, compared, looked_through
from services.filing.plan.move_routes import MoveOut, change_to, moves_out
from services.filing.plan.words import changes_shown, fault_shown
from services.runtime.access.credentials import Access
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields, visit_of
from services.runtime.desk.frame import Desk, see_other
from services.runtime.streams.sent_form import SentForm
from services.runtime.streams.spooling import Spool, spool_folder
from services.runtime.translation.speaking import gettext, refusal
from services.runtime.web.http import Administrator
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.web.uploads import upload

PAGE = "/planfassung"
SHOWN_CHANGES = 200
SHOWN_LETTERS, LOOKED_AT = 60, 40
"""Letters of one page, and how many are looked at in one go."""
LONGEST_LOOK_SECONDS = 1.0
_IN_MEMORY_BYTES = 1024 * 1024
_FORM_AROUND_BYTES = 64 * 1024
LIMIT_BYTES = plan_check.MAX_BYTES + _FORM_AROUND_BYTES
_LONGEST_CURSOR = 500
_LONGEST_NUMBER = 15


def version_pages(context: Context, templates: Path) -> APIRouter:
    """The upload, the preview, and what is done with it; for administrators."""
    router = APIRouter(prefix=PAGE)
    counter = _Counter(context, templates)

    @router.get("")
    def form(request: Request, caller: Administrator) -> Response:
        return counter.form(request, caller)

    @router.post("")
    async def sent(request: Request, caller: Administrator) -> Response:
        return await counter.take(request, caller)

    @router.get("/{draft}")
    def preview(request: Request, caller: Administrator, draft: str, ab: str = "") -> Response:
        if len(ab) > _LONGEST_CURSOR:
            raise Rejected("bad_request")
        return counter.preview(request, caller, draft, cursor=ab)

    @router.post("/{draft}")
    def decide(request: Request, caller: Administrator, draft: str, fields: Fields) -> Response:
        return counter.decide(request, caller, draft, fields=fields)

    return router


class _Counter:
    def __init__(self, context: Context, templates: Path) -> None:
        self._context = context
        self._desk = Desk(templates)
        self._folder = spool_folder(context.settings.storage.folder)

    def form(
        self, request: Request, caller: Caller, *, fault: str = "", faults: Sequence[Fault] = (), status: int = 200
    ) -> Response:
        """The file is asked for; what was wrong with the last one stands above."""
        facts = {"fault": fault, "faults": [fault_shown(one) for one in faults], "most_faults": plan_check.MAX_FAULTS}
        facts |= {"plan": self._context.written_plan, "waits": drafts.waiting(self._context, caller)}
        facts |= {"in_force": self._context.configuration.version("plan"), "reads": "search" in caller.rights}
        return self._desk.page(request, "plan_version.html", status=status, **facts)

    async def take(self, request: Request, caller: Caller) -> Response:
        """The form is laid down within the limits of a plan, then taken apart and looked through."""
        spool = self._spool()
        try:
            async with upload(request, self._context, spool=spool, budget=2 * LIMIT_BYTES, limit=LIMIT_BYTES):
                name, faults = await run_in_threadpool(self._kept, request, caller, spool)
        except Rejected as error:
            if error.code not in ("too_large", "bad_request", "empty"):
                raise
            fault, status = refusal(error.code), STATUS.get(error.code, UNPROCESSABLE)
            if error.code == "empty":
                fault, status = gettext("Es ist keine Datei ausgewählt."), UNPROCESSABLE
            return await run_in_threadpool(self.form, request, caller, fault=fault, status=status)
        if faults:
            return await run_in_threadpool(self.form, request, caller, faults=faults, status=UNPROCESSABLE)
        return see_other(request, f"{PAGE}/{name}")

    def preview(
        self, request: Request, caller: Caller, draft: str, *, cursor: str = "", error: Rejected | None = None
    ) -> Response:
        """What would change beside the plan that is in force now, and which letters that concerns."""
        context = self._context
        content = drafts.read(context, caller, draft)
        proposal, new, old = compared(content, context), file_plan.decode(content), context.written_plan
        facts: dict[str, Any] = {"draft": draft, "base": proposal.base, "old": old, "new": new}
        facts |= {"in_use": proposal.in_use, "rebuild": proposal.rebuild, "count": len(proposal.changes)}
        shown = proposal.changes[:SHOWN_CHANGES]
        facts["changes"] = changes_shown(shown, proposal.in_use, plans=(old, new))
        letters, following = self._letters(new, caller, cursor)
        facts |= {"letters": letters, "following": following, "later": bool(cursor)}
        facts["fault"] = refusal(error.code) if error else ""
        status = STATUS.get(error.code, UNPROCESSABLE) if error else 200
        return self._desk.page(request, "plan_preview.html", status=status, **facts)

    def decide(self, request: Request, caller: Caller, draft: str, *, fields: dict[str, str]) -> Response:
        """Put in force what was looked at, unless another plan came into force meanwhile; or drop it."""
        action = fields.get("action", "")
        if action == "drop":
            drafts.drop(self._context, caller)
            return see_other(request, PAGE, note="plan_dropped")
        if action != "activate":
            raise Rejected("bad_request")
        proposal = compared(drafts.read(self._context, caller, draft), self._context)
        try:
            if _number(fields.get("base", "")) != proposal.base:
                raise Rejected("plan_changed")  # noqa: TRY301  # shown like that of the activation
            activate(proposal, self._context)
        except Rejected as error:
            return self.preview(request, caller, draft, error=error)
        drafts.drop(self._context, caller)
        return see_other(request, PAGE, note="plan_followed" if proposal.rebuild else "plan_activated")

    def _letters(self, new: FilePlan, caller: Caller, cursor: str) -> tuple[list[MoveOut], str]:
        """Letters that the plan concerns, until a page is full or a person has waited long enough."""
        change, until = change_to(new, caller, self._context), time.monotonic() + LONGEST_LOOK_SECONDS
        found: list[MoveOut] = []
        while True:
            page = moves_out(change.moves(cursor, LOOKED_AT), caller.viewer)
            found, cursor = [*found, *page.items], page.next
            if not cursor or len(found) >= SHOWN_LETTERS or time.monotonic() > until:
                return found, cursor

    def _kept(self, request: Request, caller: Caller, spool: Spool) -> tuple[str, list[Fault]]:
        """The name of the plan that was sent, or all its faults; Rejected `empty` where no file came."""
        spool.flush()
        spool.content.seek(0)
        access: Access = request.app.state.access
        with SentForm(request.headers.get("content-type", ""), self._spool) as form:
            form.read(spool.content)
            if not access.is_form_of(visit_of(request), form.fields.get("form", "")):
                raise Rejected("bad_form")
            if not form.files or not form.files[0].spool.size_bytes:
                raise Rejected("empty")
            form.files[0].spool.content.seek(0)
            compact, faults = looked_through(form.files[0].spool.content.read())
        return ("" if faults else drafts.keep(self._context, caller, compact)), faults

    def _spool(self) -> Spool:
        return Spool(BytesIdentity(), limit=LIMIT_BYTES, in_memory=_IN_MEMORY_BYTES, folder=self._folder)


def _number(text: str) -> int:
    """The version that the form names; none that is in force for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else -1
