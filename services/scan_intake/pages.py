"""`/hochladen`: paper and files from a clerk's computer or phone; by a form, and with scripts file by file."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from msgspec import Struct
from starlette.background import BackgroundTask

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.protocol.receiving import Accepted
from services.runtime.access.credentials import Access
from services.runtime.context.service import Context
from services.runtime.desk.forms import visit_of
from services.runtime.desk.frame import Desk
from services.runtime.streams.sent_form import MOST_FILES, Sent, SentForm
from services.runtime.streams.spooling import Spool
from services.runtime.translation.speaking import gettext, refusal
from services.runtime.web.http import Deliverer
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.web.uploads import MAX_KEY_CHARACTERS, upload
from services.runtime.worker.publishing import Telling
from services.scan_intake.intake import Intake, Submission

TEMPLATES = Path(__file__).parent / "templates"


class Taken(Struct, frozen=True, kw_only=True):
    """What became of one file: its receipt, or why it was refused."""

    name: str
    receipt: str = ""
    duplicate: bool = False
    refused: str = ""


def pages(context: Context) -> APIRouter:
    """The page, and the form that works without scripts."""
    router = APIRouter(prefix="/hochladen")
    counter = _Counter(context)

    @router.get("")
    def shown(request: Request, _: Deliverer) -> Response:
        return counter.page(request)

    @router.post("")
    async def sent(request: Request, caller: Deliverer) -> Response:
        return await counter.take(request, caller)

    return router


class _Counter:
    def __init__(self, context: Context) -> None:
        self._intake = Intake(context)
        self._telling = Telling(self._intake.announcer)
        self._desk = Desk(TEMPLATES)

    def page(self, request: Request, taken: tuple[Taken, ...] = (), *, fault: str = "", status: int = 200) -> Response:
        """The form, and what became of the files that were sent with it."""
        facts = {"sending": secrets.token_urlsafe(16), "taken": taken, "fault": fault, "most": MOST_FILES}
        return self._desk.page(
            request, "upload.html", status=status, max_size=int(self._intake.settings.max_size), **facts
        )

    async def take(self, request: Request, caller: Caller) -> Response:
        """The whole form is laid down within the limits of one upload, then taken apart: each file is a delivery."""
        intake, spool = self._intake, self._intake.spool()
        budget, limit = intake.settings.byte_budget, int(intake.settings.max_size)
        try:
            async with upload(request, intake.context, spool=spool, budget=budget, limit=limit):
                taken, accepted = await run_in_threadpool(self._taken, request, caller, spool)
        except Rejected as error:
            if error.code not in ("too_large", "bad_request"):
                raise
            status = STATUS.get(error.code, UNPROCESSABLE)
            return self.page(request, fault=refusal(error.code), status=status)
        fault = "" if taken else gettext("Es ist keine Datei ausgewählt.")
        response = self.page(request, taken, fault=fault, status=200 if taken else UNPROCESSABLE)
        response.background = BackgroundTask(self._telling.tell, *(one.event for one in accepted))
        return response

    def _taken(self, request: Request, caller: Caller, spool: Spool) -> tuple[tuple[Taken, ...], list[Accepted]]:
        spool.flush()
        spool.content.seek(0)
        access: Access = request.app.state.access
        accepted: list[Accepted] = []
        with SentForm(request.headers.get("content-type", ""), self._intake.spool) as form:
            form.read(spool.content)
            # Nothing is taken in from a form that is none of ours.
            if not access.is_form_of(visit_of(request), form.fields.get("form", "")):
                raise Rejected("bad_form")
            return tuple(self._each(form, caller, accepted)), accepted

    def _each(self, form: SentForm, caller: Caller, accepted: list[Accepted]) -> Iterator[Taken]:
        sending = form.fields.get("sendung", "")[: MAX_KEY_CHARACTERS // 2]
        for number, sent in enumerate(form.files):
            name = sent.name or gettext("Ohne Namen")
            try:
                one = self._accepted(sent, caller, f"{sending}-{number}" if sending else "")
            except Rejected as error:
                yield Taken(name=name, refused=refusal(error.code))
                continue
            accepted.append(one)
            yield Taken(name=name, receipt=one.receipt, duplicate=one.duplicate)

    def _accepted(self, sent: Sent, caller: Caller, key: str) -> Accepted:
        """A form that is sent again, because its answer was lost, brings the same receipts."""
        if not sent.spool.size_bytes:
            raise Rejected("empty")
        return self._intake.accept(
            sent.spool,
            Submission(source=caller.source, name=sent.name, declared_type=sent.declared_type, idempotency_key=key),
        )
