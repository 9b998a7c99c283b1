"""The HTTP interface of procedures: inbox with long poll, uploads, outbox."""

import asyncio
import re
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause
from services.core.messages.events import Facts
from services.core.messages.procedures import Upload
from services.core.model import record_files
from services.core.model.accounts import Caller
from services.core.model.documents import BytesIdentity
from services.procedures import cloud_events, inbox, outbox
from services.procedures.registering.replaying import first_line_since
from services.procedures.registering.routes import routes as registering
from services.procedures.webhooks.routes import routes as webhooks
from services.runtime.context.service import Context
from services.runtime.streams.spooling import Spool, spool_folder
from services.runtime.web.http import Participant
from services.runtime.web.problems import documented
from services.runtime.web.uploads import upload, whole

LONGEST_WAIT = 25.0
LOOK_EVERY = 0.25
IN_MEMORY_BYTES = 1024 * 1024
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_FILE_NAME = re.compile(r'filename="([^"\\/\x00-\x1f]{1,200})"')


class Asked(BaseModel):
    """Which part of the inbox is wanted, and how long to wait for it in seconds."""

    cursor: str = Field("", pattern=r"^[0-9]{0,15}$")
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)
    limit: int = Field(50, ge=1, le=200)
    since: AwareDatetime | None = None
    """Without a cursor: begin at the first line that is not older."""


class InboxPage(BaseModel):
    """CloudEvents in structured mode, oldest first; `next` is the cursor for what comes behind them."""

    items: list[dict[str, Any]]
    next: str


class Uploaded(BaseModel):
    """What a submission names."""

    upload: str
    sha256: str
    size_bytes: int
    metadata_key: str


def routes(context: Context) -> APIRouter:
    """The routes below `/procedures`."""
    router = APIRouter(prefix="/procedures")
    registering(router, context)
    webhooks(router, context)
    _reading(router, context)
    _speaking(router, context)
    return router


def _reading(router: APIRouter, context: Context) -> None:
    @router.get("/{name}/inbox", responses=documented(400, 401, 403, 404, 409, 410, 429, 503), summary="Read the inbox")
    async def read(request: Request, name: str, caller: Participant, asked: Annotated[Asked, Query()]) -> InboxPage:
        """Waits for news where there is none; 410 for a cursor that the inbox has not: begin without one."""
        _own(name, caller, context)
        return await _page(request, name, asked, context)


def _speaking(router: APIRouter, context: Context) -> None:
    @router.post(
        "/{name}/uploads",
        status_code=201,
        responses=documented(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
        openapi_extra={"requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string"}}}}},
        summary="Upload the content of a submission",
    )
    async def bring(request: Request, name: str, caller: Participant) -> Uploaded:
        """Headers: Content-Type, Content-Disposition (file name), Content-Digest. Becomes a document by submitting."""
        _own(name, caller, context)
        return await _uploaded(request, name, context)

    @router.post(
        "/{name}/outbox",
        status_code=202,
        responses=documented(401, 403, 404, 409, 413, 422, 429, 503),
        openapi_extra={"requestBody": {"required": True, "content": {cloud_events.STRUCTURED: {"schema": {}}}}},
        summary="Say something: acknowledged, rejected, submitted",
    )
    async def say(request: Request, name: str, caller: Participant) -> Response:
        """One CloudEvent, structured or binary. Answers when it is stored; a repeat is answered the same."""
        _own(name, caller, context)
        body = await _body(request)
        facts = cloud_events.facts_of(request.headers.get("content-type", ""), request.headers, body)

        return JSONResponse({"id": await run_in_threadpool(_said, facts, name, context)}, status_code=202)


def _said(facts: Facts, name: str, context: Context) -> str:
    """Store it, then tell the service by the procedure's outbox: a repeat has the same id, and a new upload another."""
    outbox.accept(facts, name, context)
    tenant = context.settings.tenant
    about = "/".join(str(getattr(facts, part, "")) for part in ("delivery", "submission", "upload"))
    cause = Cause(tenant, procedures.delivery_id(tenant, name, about, filing="said"))
    event = topics.emit_to(name, facts, cause=cause, now=context.ports.clock.now())
    context.ports.log.publish(event)
    return event.id


def _own(name: str, caller: Caller, context: Context) -> None:
    """What is another procedure's is not there; a paused one has to wait."""
    known = context.procedures.named(name)
    if caller.viewer.procedure != name or known is None:
        raise Rejected("not_found")
    if known.paused_since:
        raise Rejected("procedure_paused")


async def _page(request: Request, name: str, asked: Asked, context: Context) -> InboxPage:
    loop, cursor = asyncio.get_running_loop(), int(asked.cursor or 0)
    if asked.since and not asked.cursor:
        cursor = await run_in_threadpool(first_line_since, context, name, asked.since) - 1
    until = loop.time() + asked.wait
    while True:
        found = await run_in_threadpool(inbox.page, context, name, cursor, asked.limit)
        if found or loop.time() >= until or request.app.state.closing:
            return InboxPage(items=[cloud_events.structured(event) for event in found], next=str(cursor + len(found)))
        await asyncio.sleep(LOOK_EVERY)


async def _uploaded(request: Request, name: str, context: Context) -> Uploaded:
    settings, tenant = context.settings.procedures, context.settings.tenant
    folder = spool_folder(context.settings.storage.folder)
    spool = Spool(BytesIdentity(), limit=settings.max_size, in_memory=IN_MEMORY_BYTES, folder=folder)
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    named = _FILE_NAME.search(request.headers.get("content-disposition", ""))

    def keep() -> Uploaded:
        content = whole(spool, request).content
        made = Upload(
            upload=str(uuid.uuid4()),
            sha256=spool.identity.sha256(),
            size_bytes=spool.size_bytes,
            media_type=declared if _MEDIA_TYPE.fullmatch(declared) else "application/octet-stream",
            name=named[1] if named else "",
            made_at=context.ports.clock.now(),
        )
        content.seek(0)
        context.ports.blobs.create(Bucket.RECORDS, keys.uploaded(tenant, name, made.upload), content)
        key = inbox.key_of(context, name, "uploads", made.upload)
        context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made))
        return Uploaded(upload=made.upload, sha256=made.sha256, size_bytes=made.size_bytes, metadata_key=key)

    async with upload(request, context, spool=spool, budget=settings.byte_budget, limit=settings.max_size):
        return await run_in_threadpool(keep)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > cloud_events.MOST_BYTES:
            raise Rejected("too_large")
    return bytes(body)
