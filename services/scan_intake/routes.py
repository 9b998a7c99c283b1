"""`POST /scans` and `PUT /scans/{filename}`: the body is the scan, nothing is packed around it."""

from fastapi import APIRouter, Request, Response

from services.core.documents import BytesIdentity
from services.core.errors import Rejected
from services.core.receiving import Accepted, Arrival, receive
from services.core.words import MAIN_OFFICE
from services.runtime.http import Deliverer
from services.runtime.problems import documented
from services.runtime.publishing import Announcer
from services.runtime.service import Room
from services.runtime.spooling import Spool, spool_folder
from services.runtime.uploads import PROBLEMS, Acknowledgement, acknowledged, as_sent, idempotency_key, upload
from services.scan_intake import labels

IN_MEMORY_BYTES = 1024 * 1024
_BODY = {"requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


def routes(room: Room) -> APIRouter:
    """The routes of the scan intake."""
    router = APIRouter()
    counter = _Counter(room)
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
        """Answers when the scan is stored. Headers: Content-Disposition, Idempotency-Key, Content-Digest."""
        name = labels.name_in(as_sent(request.headers.get("content-disposition", "")))
        return await counter.take(request, caller.source, name)

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
        return await counter.take(request, caller.source, labels.display_name(filename))

    return router


class _Counter:
    """Where scans are taken in."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._settings = room.settings.scan_intake
        self._folder = spool_folder(room.settings.storage.folder)
        self._announcer = Announcer(room.ports.log, log=room.log)

    async def take(self, request: Request, source: str, name: str) -> Response:
        declared = request.headers.get("content-type", "")
        if labels.is_form(declared):
            raise Rejected("wrong_media_type")
        key, settings = idempotency_key(request), self._settings
        limit = settings.max_size
        spool = Spool(BytesIdentity(), limit=limit, in_memory=IN_MEMORY_BYTES, folder=self._folder)

        def accept() -> Accepted:
            spool.content.seek(0)
            beginning = spool.content.read(labels.BEGINNING_BYTES)
            arrival = Arrival(
                tenant=self._room.settings.tenant,
                channel="scan",
                source=source,
                media_type=labels.media_type(declared, beginning),
                content=spool.content,
                identity=spool.identity,
                name=name,
                office=settings.offices.get(source, MAIN_OFFICE),
                idempotency_key=key,
            )
            return receive(arrival, blobs=self._room.ports.blobs, clock=self._room.ports.clock)

        async with upload(request, self._room, spool=spool, budget=settings.byte_budget, limit=limit):
            return await acknowledged(accept, self._announcer)
