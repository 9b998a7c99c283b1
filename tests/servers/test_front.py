"""The front before the processes of a city."""

import asyncio

import httpx

from deploy.cluster.front import Front, front
from deploy.servers.server import free_port


def test_a_front_that_never_listened_has_nothing_to_stop() -> None:
    """So a city whose processes do not come up says why, and ends its servers."""
    Front(lambda _: (), port=free_port()).stop()


def test_the_front_says_itself_who_asked() -> None:
    """The processes believe it of the front, so nobody else's word about that is passed on."""
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    async def ask() -> None:
        app = front(lambda _: ["http://127.0.0.1:1"])
        app.state.client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        transport = httpx.ASGITransport(app, client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://front") as client:
            forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            await client.get("/suche", headers=forged)

    asyncio.run(ask())
    (headers,) = seen
    assert headers.get_list("x-forwarded-for") == ["198.51.100.7"]
    assert headers.get_list("x-forwarded-proto") == ["http"]
