"""What every request meets: who is asking and how often, request ids, safety headers, health."""

import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

import msgspec
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.core.errors import Rejected
from services.core.model.accounts import Caller, Right
from services.runtime.access.credentials import Access
from services.runtime.access.origin import SAFE, is_same_origin
from services.runtime.access.own_account import language_of
from services.runtime.translation.speaking import Language, preferred

API = "/api/v1"
SESSION_COOKIE = "poststelle_session"
MOST_PARSED_BYTES = 1024 * 1024
MOST_HEARD_BYTES = 16 * 1024
"""Of a form that a stranger sends."""
FORM = "application/x-www-form-urlencoded"
STREAMED = "streamed"
"""In the state of a request whose body is poured away piece by piece, within limits of its own."""
_PROCESS, _NUMBERS = secrets.token_hex(4), itertools.count(1)
"""What request ids are made of: they tell requests apart and are no secret."""
_MINUTE = 60.0
_MOST_CALLERS = 10_000
LATER = (429, 503)
RETRY_AFTER_SECONDS = 5
"""What every answer says that asks to come again (RFC 9110 §10.2.3), problems as well as pages."""
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
            await _hear_out(request)
            raise Rejected("unauthorised")
        if caller.rights.isdisjoint(rights):
            raise Rejected("forbidden")
        if _may_be_forged(request):
            raise Rejected("foreign_origin")
        if not request.app.state.limits.admits(caller.id):
            raise Rejected("too_many_requests")
        return _at_door(caller.using(rights), request)

    return find


def _at_door(caller: Caller, request: Request) -> Caller:
    """The caller with the route that was taken, as the audit log tells it: without what was typed into it."""
    path = str(getattr(request.scope.get("route"), "path", ""))
    below = API if request.url.path.startswith(f"{API}/") and not path.startswith(API) else ""  # routers know no prefix
    door = f"{request.method} {below}{path}"
    return msgspec.structs.replace(caller, viewer=msgspec.structs.replace(caller.viewer, door=door))


def sent_by_stranger(request: Request) -> str:
    """The form that came with a request which was refused because nobody is signed in; empty where none came."""
    return str(getattr(request.state, "form_of_stranger", ""))


async def _hear_out(request: Request) -> None:
    """Read the form of somebody whose session is over, so that the page of the sign-in can keep it."""
    if request.method == "POST" and request.headers.get("content-type", "").startswith(FORM):
        body = bytearray()
        async for piece in request.stream():
            body += piece[: MOST_HEARD_BYTES + 1 - len(body)]
        if len(body) <= MOST_HEARD_BYTES:
            request.state.form_of_stranger = body.decode("ascii", "replace")


def _may_be_forged(request: Request) -> bool:
    """Whether another site may have made a browser send this, which adds the session's cookie by itself.

    Forms of our pages bring a word of their own instead (see the desk's forms), also from browsers without `Origin`.
    """
    changes = request.method not in SAFE and request.url.path.startswith(f"{API}/")
    return changes and not _bearer(request) and not is_same_origin(request)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def identify(request: Request) -> Caller | None:
    """Whoever makes this request, by bearer key or by session; None for a stranger."""
    access: Access = request.app.state.access
    token = _bearer(request)
    if token is not None:
        return access.by_key(token)
    cookie = request.cookies.get(SESSION_COOKIE, "")
    return access.by_session(cookie, lifetime(request)) if cookie else None


def wanted_language(request: Request) -> Language:
    """The language of the account, or the one that the browser asks for while nobody is signed in."""
    caller = identify(request)
    if caller is not None:
        return language_of(request.app.state.access, caller.id)
    return preferred(request.headers.get("accept-language", ""))


async def _identify_again(request: Request) -> Caller | None:
    """Whoever was given a key or let in by another process a moment ago is known here by the next look.

    A session of ours waits for that look, for it proves itself; a key that nobody knows may be anybody's.
    """
    cookie = request.cookies.get(SESSION_COOKIE, "")
    is_key = "authorization" in request.headers
    if not is_key and not cookie:
        return None
    access: Access = request.app.state.access
    asked = time.monotonic()
    if not is_key and access.is_signed(cookie, lifetime(request)):
        await access.until_due(asked)
    await run_in_threadpool(access.catch_up, asked)
    return identify(request)


def lifetime(request: Request) -> timedelta:
    """How long a session lasts."""
    return timedelta(hours=request.app.state.settings.http.session_hours)


Deliverer = Annotated[Caller, Depends(caller_with("deliver"))]
Searcher = Annotated[Caller, Depends(caller_with("search"))]
Decider = Annotated[Caller, Depends(caller_with("decide"))]
Person = Annotated[Caller, Depends(caller_with("search", "decide", "deliver", "administer", "audit"))]
"""Whoever uses the desk for anything."""
Overseer = Annotated[Caller, Depends(caller_with("decide", "administer"))]
"""Whoever may know how well the work goes: clerks their offices', who sees all offices everything."""
Reporter = Annotated[Caller, Depends(caller_with("deliver", "search", "administer"))]
"""Whoever may ask after a receipt: the sender as well as the clerk."""
Reader = Annotated[Caller, Depends(caller_with("search", "procedure"))]
"""Whoever may read an original: a procedure only what was delivered to it."""
Participant = Annotated[Caller, Depends(caller_with("procedure"))]
Connector = Annotated[Caller, Depends(caller_with("procedure", "administer"))]
"""Whoever may arrange what a procedure is told: itself, and whoever administers."""
Administrator = Annotated[Caller, Depends(caller_with("administer"))]
Auditor = Annotated[Caller, Depends(caller_with("audit"))]
"""Whoever may read who looked at protected documents, and nothing of these."""


class RateLimits:
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

    def forgive(self, caller: str) -> None:
        """Take back one request that this minute counted."""
        if self._counts.get(caller):
            self._counts[caller] -= 1


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
                headers = MutableHeaders(scope=message)
                accompany(headers, request_id)
                if message["status"] in LATER:
                    headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
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
