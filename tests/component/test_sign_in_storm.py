"""Many who sign in at one time hold up nobody else, and no address goes through many names."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
import httpx
import pytest

from services.core.errors import Rejected
from services.runtime.desk.passwords import HASHING, PER_ADDRESS, WAITING
from services.runtime.web import http
from tests.component.city_hall import PASSWORD, CityHall

STORM = 100
PATIENCE = 60.0
"""Seconds; whatever waits for a hashing waits for ever here."""


@contextmanager
def _slow_hashing(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No password is compared before this event, and then every one is wrong."""
    go_on = threading.Event()

    def compare(*_: str) -> str:
        go_on.wait(3 * PATIENCE)
        raise Rejected("wrong_password")

    monkeypatch.setattr(hall.access, "sign_in", compare)
    try:
        yield go_on
    finally:
        go_on.set()


async def _form(client: httpx.AsyncClient) -> dict[str, str]:
    found = re.search(r'name="form" value="([^"]+)"', (await client.get("/anmelden")).text)
    assert found
    return {"form": found[1], "password": PASSWORD}


def _client(hall: CityHall, address: str = "198.51.100.7") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(hall.app, raise_app_exceptions=False, client=(address, 123))
    return httpx.AsyncClient(transport=transport, base_url="http://poststelle", headers={"Accept": "text/html"})


def test_a_hundred_sign_ins_hold_up_neither_health_nor_pages(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few wait for the hashing, the others hear 429 at once, and threads for everybody else stay free."""

    async def storm(go_on: threading.Event) -> Counter[int]:
        async with _client(hall) as client:
            form = await _form(client)
            asked = [
                asyncio.create_task(client.post("/anmelden", data=form | {"name": f"name-{number}"}))
                for number in range(STORM)
            ]
            many, done = STORM - HASHING - WAITING, set[Any]()
            while len(done) < many:
                done, _ = await asyncio.wait_for(asyncio.wait(asked, timeout=0.05), PATIENCE)
            assert {answer.result().headers["retry-after"] for answer in done} == {"5"}
            for path in ("/health/live", "/anmelden"):
                assert (await asyncio.wait_for(client.get(path), PATIENCE)).status_code == 200
            go_on.set()
            return Counter([answer.status_code for answer in await asyncio.gather(*asked)])

    with _slow_hashing(hall, monkeypatch) as go_on:
        told = asyncio.run(asyncio.wait_for(storm(go_on), 2 * PATIENCE))
    assert told == {429: STORM - HASHING - WAITING, 401: HASHING + WAITING}


def test_health_is_answered_while_every_thread_is_held(hall: CityHall) -> None:
    """The event loop answers by itself, whatever the threads wait for."""

    async def ask() -> int:
        begun, done = threading.Event(), threading.Event()

        def hold() -> None:
            begun.set()
            done.wait(3 * PATIENCE)

        anyio.to_thread.current_default_thread_limiter().total_tokens = 1
        held = asyncio.create_task(anyio.to_thread.run_sync(hold))
        await asyncio.to_thread(begun.wait, PATIENCE)
        try:
            async with _client(hall) as client:
                return (await asyncio.wait_for(client.get("/health/live"), PATIENCE)).status_code
        finally:
            done.set()
            await held

    assert asyncio.run(ask()) == 200


def test_no_address_goes_through_many_names(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many failures in a minute it is 429 for any name, also for its neighbours in IPv6 and for no others."""
    monkeypatch.setattr(http, "_MINUTE", 1e12)  # which never ends
    with _slow_hashing(hall, monkeypatch) as go_on:
        go_on.set()

        async def guess(addresses: list[str]) -> list[int]:
            told = []
            for number, address in enumerate(addresses):
                async with _client(hall, address) as client:
                    answer = await client.post("/anmelden", data=await _form(client) | {"name": f"name-{number}"})
                    told.append(answer.status_code)
            return told

        neighbours = [f"2001:db8:1:2::{number:x}" for number in range(PER_ADDRESS + 1)]
        assert asyncio.run(guess(neighbours)) == [401] * PER_ADDRESS + [429]
        assert asyncio.run(guess(["2001:db8:1:3::1", "198.51.100.7"])) == [401, 401]


def test_an_office_behind_one_address_may_sign_in(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is let in does not count: all of a city hall may come by one proxy."""
    monkeypatch.setattr(http, "_MINUTE", 1e12)
    monkeypatch.setattr(hall.access, "sign_in", lambda *_: "cookie")

    async def everybody() -> set[int]:
        told = set()
        async with _client(hall) as client:
            form = await _form(client)
            for number in range(PER_ADDRESS * 2):
                told.add((await client.post("/anmelden", data=form | {"name": f"name-{number}"})).status_code)
        return told

    assert asyncio.run(everybody()) == {303}


def test_sessions_of_a_reset_account_hold_no_threads(hall: CityHall) -> None:
    """Each waits for the next look at the accounts, up to a second, and all of them for the same one."""
    browser = hall.clerk("berg")
    hall.access.reset_account("berg")

    async def everybody() -> list[int]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 1
        async with _client(hall) as client:
            client.cookies = browser.cookies
            answers = await asyncio.gather(*(client.get("/suche") for _ in range(30)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(asyncio.wait_for(everybody(), 1.5 * PATIENCE)) == [303] * 30
