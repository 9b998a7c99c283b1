"""`POST /scans` and `PUT /scans/{filename}`: the body is the scan, nothing is packed around it."""

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.vocabulary import MAIN_OFFICE
from services.runtime.context.service import Context
from services.runtime.streams import labels
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
from services.scan_intake.hot_folder import sidecar as sidecars
from services.scan_intake.hot_folder.sidecar import ScanSidecar
from services.scan_intake.intake import Intake, Submission

_BODY = {"requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


def routes(context: Context) -> APIRouter:
    """The routes of the scan intake."""
    router = APIRouter()
    counter = _Counter(context)
    answers = documented(*PROBLEMS)

    @router.post(
        "/scans",
        status_code=202,
        response_model=Acknowledgement,
        responses=answers,
        openapi_extra=_BODY,
        summary="Deliver a scan",
    )
    async def post(request: Request, caller: Deliverer) -> Response:
        """Answers when the scan is stored.

        Headers: Content-Disposition, Folder, Idempotency-Key, Content-Digest, and Scan-Sidecar with what the scanner
        tells of it, as JSON of `scan-sidecar.v1.json`.
        """
        name = labels.name_in(as_sent(request.headers.get("content-disposition", "")))
        return await counter.take(request, caller, name)

    @router.put("/scans/{filename:path}", status_code=202, include_in_schema=False)  # a name with slashes inside
    @router.put(
        "/scans/{filename}",
        status_code=202,
        response_model=Acknowledgement,
        responses=answers,
        openapi_extra=_BODY,
        summary="Deliver a scan under a file name",
    )
    async def put(filename: str, request: Request, caller: Deliverer) -> Response:
        """For `curl -T`; each call is a delivery of its own. The name is kept for display only."""
        return await counter.take(request, caller, labels.display_name(filename))

    return router


class _Counter:
    """Where scans are taken in."""

    def __init__(self, context: Context) -> None:
        self._intake = Intake(context)
        self._telling = Telling(self._intake.announcer)

    async def take(self, request: Request, caller: Caller, name: str) -> Response:
        declared = request.headers.get("content-type", "")
        if labels.is_form(declared):
            raise Rejected("wrong_media_type")
        key, intake, told = idempotency_key(request), self._intake, _sidecar_of(request)
        submission = Submission(
            source=caller.source,
            name=name,
            declared_type=declared,
            office=_office_told(told, intake.context),
            idempotency_key=key,
            properties=folder_in(request) | (sidecars.properties(told) if told else {}),
        )
        spool = intake.spool()
        budget, limit = intake.settings.byte_budget, intake.settings.max_size
        async with upload(request, intake.context, spool=spool, budget=budget, limit=limit):
            answer = await acknowledged(
                lambda: [intake.accept(_compared(whole(spool, request), told), submission)], self._telling
            )
        request.app.state.limits.forgive(caller.id)  # what holds senders back are the bytes under way
        return answer


def _sidecar_of(request: Request) -> ScanSidecar | None:
    """What the scanner tells of the scan in the header `Scan-Sidecar`; Rejected `sidecar_broken` for other forms."""
    told = as_sent(request.headers.get("scan-sidecar", ""))
    return sidecars.parse(told.encode()) if told else None


def _office_told(told: ScanSidecar | None, context: Context) -> str:
    """Whose post it is, where the file plan knows the office; else nothing."""
    office = (told.office if told else None) or ""
    return office if office in (MAIN_OFFICE, *context.plan.offices) else ""


def _compared(spool: Spool, told: ScanSidecar | None) -> Spool:
    """The scan, if it is the one that the sidecar tells of."""
    if told:
        sidecars.check_content(told, sha256=spool.identity.sha256(), size_bytes=spool.size_bytes)
    return spool
