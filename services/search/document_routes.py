"""Reading one document: the record as it is now, its journey, its texts and its original."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.runtime.access.visibility import StopOut, stop_out, stops_of, visible
from services.runtime.context.service import Context
from services.runtime.web.downloads import SAFETY, download
from services.runtime.web.http import Reader, Searcher
from services.runtime.web.problems import documented, other_answers
from services.search.described import DocumentOut, describe
from services.search.originals import copy_for, name_of

LONGEST_WAIT = 10.0
LOOK_EVERY = 0.1
PROBLEMS = documented(401, 403, 404, 410, 429, 503)
RECORD = other_answers(_202="The version is not reached yet", _304="Nothing has changed")
BYTES = other_answers(_206="The range that was asked for", _304="The bytes are the same", _416="No such range")
ORIGINAL = BYTES | PROBLEMS | documented(500)
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})")
_PRIVATE = {"Cache-Control": "private, no-cache"}


class History(BaseModel):
    """The journey of a document, oldest first."""

    items: list[StopOut]


def document_routes(context: Context) -> APIRouter:
    """`GET /documents/{id}` and what lies below it."""
    router = APIRouter(prefix="/documents/{document}")

    @router.get("", response_model=DocumentOut, responses=RECORD | PROBLEMS, summary="Read a document's record")
    async def one(
        request: Request,
        document: str,
        caller: Searcher,
        *,
        min_version: Annotated[int, Query(ge=0)] = 0,
        prefer: Annotated[str, Header()] = "",
    ) -> Response:
        """ETag: versions of record and plan. 202 where `min_version` is not reached, also after `Prefer: wait=2`."""
        found = await _reached(context, caller, document, version=min_version, wait=_wait(prefer))
        if found.version < min_version:
            return JSONResponse({"document": document, "version": found.version}, 202, _PRIVATE)
        return _to_response(request, found, context, caller=caller)

    @router.get("/history", responses=PROBLEMS, summary="Read a document's journey")
    def history(document: str, caller: Searcher) -> History:
        """Oldest first."""
        found = visible(context, caller.viewer, document)
        return History(items=[stop_out(stop) for stop in stops_of(found, caller.viewer)])

    @router.get("/original", response_class=Response, responses=ORIGINAL, summary="Download the original")
    def original(request: Request, document: str, caller: Reader) -> Response:
        """Always a download; understands `Range`. 500 `damaged` where it is missing or not what was stored."""
        found = visible(context, caller.viewer, document)
        copy = copy_for(context, found, caller.viewer)
        return download(request, copy, name=name_of(found, caller.viewer), media_type=found.receipts[0].media_type)

    @router.get("/parts/{part}/text", response_class=PlainTextResponse, responses=PROBLEMS, summary="Read a text")
    def text(document: str, part: str, caller: Searcher) -> Response:
        """The text of one part, as it was read or recognised."""
        found = visible(context, caller.viewer, document)
        return PlainTextResponse(_text(found, part), headers=SAFETY)

    return router


def _text(found: Record, part: str) -> str:
    for one in found.extraction.parts if found.extraction else ():
        if one.part == part:
            return one.text
    raise Rejected("not_found")


def _to_response(request: Request, found: Record, context: Context, *, caller: Caller) -> Response:
    # Office in charge and titles of positions are those of the plan in force: the same version of the record may be
    # told otherwise by another plan.
    etag = f'"{found.version}.{context.configuration.version("plan")}"'
    if etag in re.split(r"\s*,\s*", request.headers.get("if-none-match", "").replace("W/", "")):
        return Response(status_code=304, headers=_PRIVATE | {"ETag": etag})
    told = describe(found, context, caller.viewer).model_dump(mode="json")
    return JSONResponse(told, headers=_PRIVATE | {"ETag": etag})


async def _reached(context: Context, caller: Caller, document: str, *, version: int, wait: float) -> Record:
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        found = await run_in_threadpool(visible, context, caller.viewer, document)
        if found.version >= version or loop.time() >= until:
            return found
        await asyncio.sleep(LOOK_EVERY)


def _wait(prefer: str) -> float:
    # RFC 7240 §4.3: seconds that the client is willing to wait.
    found = _WAIT.search(prefer)
    return min(float(found[1]), LONGEST_WAIT) if found else 0.0
