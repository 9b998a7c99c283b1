"""One path space before all processes, on the loopback: sends every request on to a process that has the service.

A small stand-in for the proxy with TLS that a city has. Bodies are streamed both ways and never kept.
"""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.cluster.routes import routes, service_of

SAFE = ("GET", "HEAD")
"""May be asked twice (RFC 9110, section 9.2.1)."""
SAID_BY_US = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
"""What the processes believe of us: whoever asks does not say it."""
ATTEMPTS = 2
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BETWEEN_TWO = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    }
)
"""Headers that concern one connection only (RFC 9110, section 7.6.1)."""
AWAY = {"type": "about:blank", "title": "No process of this service answers now; try again soon.", "status": 503}
PATIENCE = httpx.Timeout(5, read=None, write=None, pool=None)
"""Long polls and long uploads have limits of their own, in the services."""

ASKED = httpx.Timeout(12)
"""How long a process may take to say how it is; its own questions to servers have limits below that."""

Copies = Callable[[str], Sequence[str]]
"""The addresses of the processes that run a service now."""
Everyone = Callable[[], Mapping[str, str]]
"""The address of every process that there should be, by its name."""


def front(copies: Copies, everyone: Everyone = dict) -> Starlette:
    """The app; `copies` is asked at every request, `everyone` at each question whether all is well."""
    table = routes()
    turn = itertools.count()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        async with httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False) as client:
            app.state.client = client
            yield

    async def send_on(request: Request) -> Response:
        found = list(copies(service_of(request.scope["path"], table)))
        first = next(turn)
        for number in range(max(ATTEMPTS, len(found)) if found else 0):
            answer = await _answer_of(found[(first + number) % len(found)], request)
            if answer:
                return answer
        return JSONResponse(AWAY, 503, {"Retry-After": "2"}, media_type="application/problem+json")

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(request: Request) -> Response:
        asked = everyone()
        told = await asyncio.gather(*(_told_by(address, request.app.state.client) for address in asked.values()))
        processes = dict(zip(asked, told, strict=True))
        good = all(one["status"] == "ready" for one in told)
        told_of_all = {"status": "ready" if good else "not_ready", "processes": processes}
        return JSONResponse(told_of_all, 200 if good else 503)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/{path:path}", send_on, methods=list(METHODS)),
        ],
        lifespan=lifespan,
    )


async def _told_by(address: str, client: httpx.AsyncClient) -> dict[str, Any]:
    """What a process says of itself."""
    try:
        answer = await client.get(f"{address}/health/ready", timeout=ASKED)
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        return {"status": "away"}
    return told


async def _answer_of(address: str, request: Request) -> Response | None:
    """What this process says, or nothing where none listens there: then no byte of the body was taken."""
    client: httpx.AsyncClient = request.app.state.client
    raw_path = request.scope["raw_path"].decode("ascii")
    query = f"?{request.scope['query_string'].decode('ascii')}" if request.scope["query_string"] else ""
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    sent = client.build_request(
        request.method,
        f"{address}{raw_path}{query}",
        headers=[*_kept(request.headers.raw, but=SAID_BY_US), *_about(request)],
        content=request.stream() if has_body else None,
    )
    try:
        answer = await client.send(sent, stream=True)
    except httpx.ConnectError:
        return None
    except httpx.TransportError:
        if request.method in SAFE:
            return None
        # It began, and whether it was done is not known: the caller decides whether to ask again.
        return JSONResponse(AWAY | {"status": 502}, 502, media_type="application/problem+json")
    streamed = StreamingResponse(_pieces(answer), answer.status_code)
    streamed.raw_headers = list(_kept(answer.headers.raw))
    return streamed


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()


def _kept(
    headers: Iterable[tuple[bytes, bytes]], *, but: frozenset[bytes] = frozenset()
) -> Iterator[tuple[bytes, bytes]]:
    return ((name, value) for name, value in headers if name.lower() not in BETWEEN_TWO | but)


def _about(request: Request) -> Iterator[tuple[bytes, bytes]]:
    """Who asked: the processes believe it of the loopback (`http.proxies`)."""
    if request.client:
        yield b"X-Forwarded-For", request.client.host.encode()
    yield b"X-Forwarded-Proto", request.url.scheme.encode()


class Front:
    """The front in a thread of its own."""

    def __init__(self, copies: Copies, everyone: Everyone = dict, *, port: int) -> None:
        config = uvicorn.Config(
            front(copies, everyone),
            host="127.0.0.1",
            port=port,
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="front", daemon=True)

    def start(self) -> None:
        """Listen; OSError where the port is taken."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise OSError("the port of the front is taken")
            self._thread.join(0.02)

    def stop(self) -> None:
        """Answer nobody any more; a front that never came to listen has nothing to stop."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
