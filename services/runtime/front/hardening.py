"""What no request gets past: an ambiguous length, a body that never ends, and redirects to a host that it made up."""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.web.http import STREAMED
from services.runtime.web.problems import problem

WHOLE_SECONDS = 60
"""Within this a body is here that is read as a whole, forms and JSON; uploads have limits of their own."""


class Harden:
    """Stands before the app, inside of what accompanies every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # A proxy may have taken the other one for the end of the body (RFC 9112 §6.1): nothing behind it is read.
            answer = problem("bad_request", facts={"field": "Content-Length"})
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        beginning = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}/"

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                _stay_here(MutableHeaders(scope=message), beginning)
            await send(message)

        await self._app(scope, _whole_in_time(scope, receive), send_hardened)


def _stay_here(headers: MutableHeaders, beginning: str) -> None:
    """Where the framework redirects, it repeats the request's own `Host`; a path alone leads to where we are."""
    target = headers.get("location", "")
    if target.startswith(beginning):
        headers["location"] = "/" + target.removeprefix(beginning).lstrip("/")


def _whole_in_time(scope: Scope, receive: Receive) -> Receive:
    deadline = asyncio.get_running_loop().time() + WHOLE_SECONDS
    whole = False

    async def receive_in_time() -> Message:
        nonlocal whole
        if whole or scope.get("state", {}).get(STREAMED):
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408) from error  # see `_bounded`: the kind that FastAPI lets through
        whole = not message.get("more_body", False)
        return message

    return receive_in_time
