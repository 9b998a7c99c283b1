"""Uploads as streams: one body into one spool, within limits on size, silence and bytes under way."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect

from services.core.errors import Rejected
from services.core.protocol.receiving import Accepted
from services.runtime.context.service import Context
from services.runtime.streams.spooling import SLOWEST, Spool
from services.runtime.web.http import STREAMED
from services.runtime.worker.publishing import Telling

MAX_KEY_CHARACTERS = 255
MAX_DIGITS = 18
MAX_FOLDER_CHARACTERS = 500
PROBLEMS = (400, 401, 403, 408, 413, 415, 422, 429, 503)
"""What every upload may be answered besides 202."""

_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):(?:;[^,]*)?[ \t]*(?:,(?=[ \t]*[a-z*])|$)")
"""One digest of the dictionary (RFC 9530 §2): an algorithm, a byte sequence between colons (RFC 8941 §3.3.5)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """What a sender is told: the number of this delivery, its document, and whether that was known before."""

    receipt: str
    document: str
    duplicate: bool
    receipts: list[str]
    """Of a mail to several offices, the number of each occurrence, that of `receipt` first."""


@asynccontextmanager
async def upload(request: Request, context: Context, *, spool: Spool, budget: int, limit: int) -> AsyncIterator[None]:
    """The body of the request is here while the block runs; afterwards nothing of it is left. Then comes `whole`.

    Rejected `too_large`, `timed_out`; TryLater `busy`; ClientDisconnect.
    """
    setattr(request.state, STREAMED, True)
    with spool:
        wanted = _announced(request, limit)
        with context.under_way.share(wanted, budget=budget):
            silence = context.settings.http.upload_timeout.total_seconds()
            await _read(request, spool, silence=silence, patience=silence + wanted / SLOWEST)
            yield


def whole(spool: Spool, request: Request) -> Spool:
    """The spool with all that came; belongs to the thread that stores it. Rejected `empty`, `digest_mismatch`."""
    spool.flush()
    if not spool.size_bytes:
        raise Rejected("empty")
    check_digest(request.headers.getlist("content-digest"), spool.identity.sha256())
    return spool


def idempotency_key(request: Request) -> str:
    """The sender's own word for this delivery, or nothing; Rejected where it is no reasonable one."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > MAX_KEY_CHARACTERS:
        raise Rejected("bad_request", field="Idempotency-Key")
    return key


def folder_in(request: Request) -> dict[str, str]:
    """The folder that an imported mail lay in, as a property of this occurrence; header `Folder`, UTF-8 by `%`."""
    told = unquote(request.headers.get("folder", ""), errors="replace")
    folder = "".join(character for character in told if character.isprintable()).strip()[:MAX_FOLDER_CHARACTERS]
    return {"folder": folder} if folder else {}


def check_digest(headers: list[str], sha256: str) -> None:
    """Compare with `Content-Digest` (RFC 9530), where it names SHA-256; other algorithms are left alone.

    Rejected `digest_mismatch`, or `bad_request` where it is no such header: whoever sends one wants it compared.
    """
    text, place = ",".join(headers).strip(), 0
    while place < len(text):
        member = _MEMBER.match(text, place)
        if not member:
            raise Rejected("bad_request", field="Content-Digest")
        if member[1] == "sha-256" and _bytes_of(member[2]).hex() != sha256:
            raise Rejected("digest_mismatch")
        place = member.end()


def as_sent(header: str) -> str:
    """A header's text where the sender wrote UTF-8: HTTP hands it over as Latin-1."""
    return header.encode("latin-1", "replace").decode("utf-8", "replace")


async def acknowledged(act: Callable[[], Sequence[Accepted]], telling: Telling) -> Response:
    """Store in a thread, answer 202, and tell the pipeline behind the answer."""
    occurrences = await run_in_threadpool(act)
    first = occurrences[0]
    answer = Acknowledgement(
        receipt=first.receipt,
        document=first.document,
        duplicate=first.duplicate,
        receipts=[one.receipt for one in occurrences],
    )
    return JSONResponse(
        asdict(answer),
        status_code=202,
        headers={"Location": f"/api/v1/receipts/{first.receipt}"},
        background=BackgroundTask(telling.tell, *(one.event for one in occurrences)),
    )


def _announced(request: Request, limit: int) -> int:
    length = request.headers.get("content-length", "")
    wanted = int(length) if length.isdecimal() and len(length) <= MAX_DIGITS else limit
    if wanted > limit:
        raise Rejected("too_large")
    return wanted


async def _read(request: Request, spool: Spool, *, silence: float, patience: float) -> None:
    try:
        async with asyncio.timeout(silence) as waiting:
            await _pour(request, spool, waiting=waiting, silence=silence, patience=patience)
    except TimeoutError as error:
        raise Rejected("timed_out") from error
    except ClientDisconnect as error:
        raise Rejected("bad_request") from error  # nobody hears it


async def _pour(request: Request, spool: Spool, *, waiting: asyncio.Timeout, silence: float, patience: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    async for piece in request.stream():
        if spool.add(piece):
            await run_in_threadpool(spool.flush)
        waiting.reschedule(min(loop.time() + silence, deadline))


def _bytes_of(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Rejected("bad_request", field="Content-Digest") from error
