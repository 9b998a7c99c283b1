"""Signing out ends the session itself, not only its cookie in this browser."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.runtime.access.credentials import Access
from services.runtime.access.proofs import sessions
from services.runtime.app import create_app
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall

SOON = 0.2
PATIENCE = 90.0


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CityHall]:
    """A hall whose processes look often who was signed out elsewhere."""
    monkeypatch.setattr(sessions, "LOOK_EVERY", SOON)
    hall = CityHall(tmp_path)
    yield hall
    hall.close()


def _copy(of: Browser, hall: CityHall, *, elsewhere: bool = False) -> Browser:
    """Another browser with the same cookies, before this process or another one of the city."""
    app = hall.app
    if elsewhere:
        access = Access(hall.configuration, log=hall.log, clock=hall.ports.clock, secret=b"secret")
        app = create_app(hall.process, access, hall.settings)
    copy = Browser(app, Accept="text/html")
    copy.cookies = httpx.Cookies(of.cookies)
    return copy


def test_a_session_that_was_signed_out_is_over_for_every_copy_of_its_cookie(hall: CityHall) -> None:
    """On pages and in the API, at this process and at any other; another session of the same person goes on."""
    browser, other = hall.clerk("berg"), hall.stranger()
    other.submit("/anmelden", name="berg", password=PASSWORD)
    copied, elsewhere = _copy(browser, hall), _copy(browser, hall, elsewhere=True)
    assert [one.get("/suche").status_code for one in (copied, elsewhere)] == [200, 200]
    assert browser.submit("/suche", at="/abmelden").status_code == 303
    assert copied.get("/suche").headers["location"].startswith("/anmelden")
    assert copied.get(f"{API}/search", headers={"Accept": "application/json"}).status_code == 401
    deadline = time.monotonic() + PATIENCE
    while elsewhere.get("/suche").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(SOON)
    assert _copy(copied, hall, elsewhere=True).get("/suche").status_code == 303
    assert other.get("/suche").status_code == 200


def test_a_sign_out_that_cannot_be_stored_says_so(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to be signed out while other processes still let the cookie in."""
    browser = hall.clerk("berg")
    monkeypatch.setattr(hall.ports.blobs, "create", _away)
    assert browser.submit("/suche", at="/abmelden").status_code == 503


def test_a_store_that_is_away_signs_nobody_out(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is at work goes on with what needs no store."""
    browser = hall.clerk("berg")
    monkeypatch.setattr(hall.ports.blobs, "size", _away)
    assert _copy(browser, hall, elsewhere=True).get("/suche").status_code == 200


def test_marks_go_when_their_sessions_would_be_over_anyway(hall: CityHall) -> None:
    """So the store holds those of a few days, however many sign out."""
    days = [datetime.now(UTC) - timedelta(days=age) for age in (200, 5, 3)]
    marks = [keys.session_ended("main", f"{day:%Y-%m-%d}", f"{number:016x}") for number, day in enumerate(days)]
    for mark in marks:
        hall.ports.blobs.create(Bucket.RECORDS, mark, b"")
    assert hall.clerk("berg").submit("/suche", at="/abmelden").status_code == 303
    left = list(hall.ports.blobs.keys(Bucket.RECORDS, keys.sessions_ended("main")))
    assert len(left) == 2
    assert left[0] == marks[2]


def _away(*_: object) -> bool:
    raise TryLater
