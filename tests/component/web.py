"""Requests to an app without a server between: through httpx, or as bare messages where a client misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import httpx
from fastapi import FastAPI

from tests.component.surroundings import Intakes

API = "/api/v1"
_Receive = Callable[[], Awaitable[dict[str, Any]]]


def send(intakes: Intakes, method: str, path: str, *, content: bytes | Iterable[bytes] = b"", **headers: str) -> Any:
    """The answer to one request of a deliverer; header names are written with underscores."""
    named = {"authorization": f"Bearer {intakes.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    body = content if isinstance(content, bytes) else _pieces(content)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(intakes.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://poststelle") as client:
            return await client.request(method, API + path, content=body, headers=named)

    return asyncio.run(ask())


def converse(app: FastAPI, path: str, receive: _Receive, **headers: str) -> tuple[int, dict[str, Any]]:
    """POST with a client's side of our own: `receive` hands over its messages one by one. Status and answer."""
    sent: list[dict[str, Any]] = []

    async def note(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": API + path,
        "raw_path": (API + path).encode(),
        "query_string": b"",
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    asyncio.run(app(scope, receive, note))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body)


async def _pieces(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece
