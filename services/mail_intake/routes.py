"""`POST /mails`: a mail from a gateway that speaks HTTP."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.protocol.receiving import Accepted
from services.mail_intake import policy
from services.mail_intake.intake import MEDIA_TYPE, Intake, Submission
from services.runtime.context import uncaptured
from services.runtime.context.service import Context
from services.runtime.streams.spooling import Spool
from services.runtime.web.http import Deliverer
from services.runtime.web.problems import documented
from services.runtime.web.uploads import (
    PROBLEMS,
    Acknowledgement,
    acknowledged,
    as_sent,
    folder_in,
    idempotency_key,
    upload,
    whole,
)
from services.runtime.worker.publishing import Telling


def routes(context: Context) -> APIRouter:
    """The routes of the mail intake."""
    router = APIRouter()
    intake = Intake(context)
    telling = Telling(intake.announcer)

    @router.post(
        "/mails",
        status_code=202,
        response_model=Acknowledgement,
        responses=documented(*PROBLEMS),
        openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
        summary="Deliver a mail",
    )
    async def deliver(request: Request, caller: Deliverer) -> Response:
        """Answers when the mail is stored. Headers: Mail-From, Rcpt-To, Folder, Idempotency-Key, Content-Digest."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
            raise Rejected("wrong_media_type")
        submission = Submission(
            source=caller.source,
            mail_from=_address(request.headers.get("mail-from", "")),
            recipients=_recipients(request.headers.getlist("rcpt-to")),
            idempotency_key=idempotency_key(request),
            properties=folder_in(request),
        )
        if intake.exclusion.leaves_nobody(submission.recipients, b""):
            uncaptured.refused()
            raise Rejected("recipient_excluded")
        settings, spool = intake.settings, intake.spool()
        async with upload(request, context, spool=spool, budget=settings.byte_budget, limit=settings.max_size):
            answer = await acknowledged(lambda: _captured(intake, whole(spool, request), submission), telling)
        request.app.state.limits.forgive(caller.id)  # what holds senders back are the bytes under way
        return answer

    return router


def _captured(intake: Intake, spool: Spool, submission: Submission) -> Sequence[Accepted]:
    """The occurrences of a mail; Rejected `recipient_excluded` where it has none: no receipt would ever follow."""
    accepted = intake.accept(spool, submission).accepted
    if not accepted:
        uncaptured.refused()
        raise Rejected("recipient_excluded")
    return accepted


def _recipients(headers: list[str]) -> tuple[str, ...]:
    found = [_address(one) for header in headers for one in header.split(",")]
    if len(found) > policy.MAX_RECIPIENTS:
        raise Rejected("too_many_recipients")
    return tuple(address for address in found if address)


def _address(text: str) -> str:
    return as_sent(text).strip().removeprefix("<").removesuffix(">").strip()
