"""What every request meets: who is asking and how often, request ids, safety headers, health."""

import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.core.errors import Rejected
from services.core.model.accounts import Caller, Right
from services.runtime.access.credentials import Access
from services.runtime.context.service import Need
from services.runtime.operations.queue_metrics import registry
from services.runtime.process import Process

API = "/api/v1"
SESSION_COOKIE = "poststelle_session"
MOST_PARSED_BYTES = 1024 * 1024
STREAMED = "streamed"
"""In the state of a request whose body is poured away piece by piece, within limits of its own."""
_PROCESS, _NUMBERS = secrets.token_hex(4), itertools.count(1)
"""What request ids are made of: they tell requests apart and are no secret."""
_MINUTE = 60.0
_MOST_CALLERS = 10_000
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
}


def caller_with(*rights: Right) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, who has one of these rights. 401 for strangers, 403 for others, 429 for the hasty."""

    async def find(request: Request) -> Caller:
        caller = identify(request) or await _identify_again(request)
        if caller is None:
            raise Rejected("unauthorised")
        if caller.rights.isdisjoint(rights):
            raise Rejected("forbidden")
        if not request.app.state.limits.admits(caller.id):
            raise Rejected("too_many_requests")
        return caller

    return find


def identify(request: Request) -> Caller | None:
    """Whoever makes this request, by bearer key or by session; None for a stranger."""
    access: Access = request.app.state.access
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return access.by_key(token.strip())
    cookie = request.cookies.get(SESSION_COOKIE, "")
    return access.by_session(cookie, _lifetime(request)) if cookie else None


async def _identify_again(request: Request) -> Caller | None:
    """Whoever was given a key or let in by another process a moment ago is known here by the next look.

    A session of ours waits for that look, for it proves itself; a key that nobody knows may be anybody's.
    """
    cookie = request.cookies.get(SESSION_COOKIE, "")
    is_key = "authorization" in request.headers
    if not is_key and not cookie:
        return None
    access: Access = request.app.state.access
    patient = not is_key and access.is_signed(cookie, _lifetime(request))
    await run_in_threadpool(access.catch_up, patient=patient)
    return identify(request)


def _lifetime(request: Request) -> timedelta:
    return timedelta(hours=request.app.state.settings.http.session_hours)


Deliverer = Annotated[Caller, Depends(caller_with("deliver"))]
Searcher = Annotated[Caller, Depends(caller_with("search"))]
Decider = Annotated[Caller, Depends(caller_with("decide"))]
Reporter = Annotated[Caller, Depends(caller_with("deliver", "search", "administer"))]
"""Whoever may ask after a receipt: the sender as well as the clerk."""
Reader = Annotated[Caller, Depends(caller_with("search", "procedure"))]
"""Whoever may read an original: a procedure only what was delivered to it."""
Participant = Annotated[Caller, Depends(caller_with("procedure"))]
Administrator = Annotated[Caller, Depends(caller_with("administer"))]


class Limits:
    """Requests of the running minute, by caller."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._counts: dict[str, int] = {}

    def admits(self, caller: str) -> bool:
        """Count one more request; False where it is one too many."""
        minute = int(time.monotonic() / _MINUTE)
        if minute != self._minute or len(self._counts) > _MOST_CALLERS:
            self._minute, self._counts = minute, {}
        self._counts[caller] = self._counts.get(caller, 0) + 1
        return self._counts[caller] <= self._per_minute


class Accompany:
    """Gives every request an id and every answer its safety headers; never touches a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"{_PROCESS}{next(_NUMBERS):08x}"
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_accompanied(message: Message) -> None:
            if message["type"] == "http.response.start":
                accompany(MutableHeaders(scope=message), request_id)
            await send(message)

        await self._app(scope, _bounded(scope, receive), send_accompanied)


def accompany(headers: MutableHeaders, request_id: str) -> None:
    """Set what every answer carries."""
    headers["X-Request-Id"] = request_id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Bodies that are read as a whole are small; those that are streamed count for themselves (see uploads)."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_PARSED_BYTES and not scope["state"].get(STREAMED):
            raise HTTPException(413)  # the one kind of exception that FastAPI lets through while it reads a body
        return message

    return receive_bounded


def health_routes() -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`, which stand outside of the API."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    def ready(request: Request) -> JSONResponse:
        report = readiness(request.app.state.process)
        good = not report["red"] and all(report["ports"].values())
        return JSONResponse({"status": "ready" if good else "not_ready"} | report, status_code=200 if good else 503)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        ours = generate_latest(registry(request.app.state.process))
        return Response(generate_latest() + ours, media_type=CONTENT_TYPE_LATEST)

    return router


class Answers(Protocol):
    """A port that can tell whether it would answer now."""

    def ready(self) -> bool:
        """See the ports."""


def readiness(process: Process) -> dict[str, dict[str, bool] | dict[str, str]]:
    """Which ports would answer now, and which services gave up."""
    ports = process.ports
    here: dict[str, Answers] = {"log": ports.log, "blobs": ports.blobs}
    others: dict[Need, Answers] = {"extractor": ports.extractor, "ocr": ports.ocr, "index": ports.index}
    here |= {name: port for name, port in others.items() if name in process.needs}
    found = {name: port.ready() for name, port in here.items()}
    return {"ports": found, "red": dict(process.red)}
