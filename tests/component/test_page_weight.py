"""How much a browser loads before a clerk sees something, in bytes as they are sent without compression."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.receipts import new_receipt
from services.runtime.app import STATIC
from tests.component.browser import Browser
from tests.component.city_hall import CityHall, a_mail
from tests.component.every_page import everybody, full, unopened

SCRIPTS = 30_000
FIRST = 100_000
OK = 200
COPIES = 3_000
LATER, SECOND = datetime(2099, 11, 30, 12, tzinfo=UTC), timedelta(seconds=1)
_NUMBER = re.compile(r"nummer=(PE-[0-9A-Z*~$=-]+)")
_BROUGHT = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_scripts_are_small() -> None:
    """All scripts of the desk together: a page that does not need them does not wait for them."""
    assert 0 < sum(file.stat().st_size for file in STATIC.glob("*.js")) <= SCRIPTS


def test_first_content_is_small(hall: CityHall) -> None:
    """Every page with a full list, a long letter, a file of twenty and all that it brings along, before any picture."""
    clerk = everybody(hall)
    places = full(hall)
    assert unopened(hall, places) == []
    weights = {place: _weight(clerk, place) for place in places}
    assert {place: weight for place, weight in weights.items() if weight > FIRST} == {}


def _weight(clerk: Browser, place: str) -> int:
    page = clerk.get(place)
    assert page.status_code == OK, place
    brought = set(_BROUGHT.findall(page.text))
    assert any("desk.css" in one for one in brought)
    return len(page.content) + sum(len(clerk.get(one).content) for one in brought)


@pytest.mark.parametrize("channel", ["mail", "scan"])
def test_a_document_that_came_thousands_of_times_is_small(hall: CityHall, channel: str) -> None:
    """Its pages show the first arrivals, and lead to all of those that the viewer may know of, and to no others."""
    told = hall.deliver(a_mail("Werbung")) if channel == "mail" else hall.scan(b"%PDF-1.7\n", "werbung.pdf")
    document, first = told["document"], record.load(hall.ports.blobs, "main", told["document"]).receipts[0]
    numbers = []
    for number in range(1, COPIES):
        office = "kasse" if number % 100 == 0 else first.office
        copied = replace(first, receipt=new_receipt(LATER), received_at=LATER + number * SECOND, office=office)
        numbers += [copied.receipt] if office == first.office else []
        key = keys.receipt("main", document, copied.receipt)
        hall.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(copied))
    clerk = hall.clerk("berg", offices=(first.office,))
    paths = [f"/dokumente/{document}", f"/posteingang/{document}", f"/dokumente/{document}/eingaenge"]
    for path in paths:
        page = clerk.get(path)
        brought = set(_BROUGHT.findall(page.text))
        weight = len(page.content) + sum(len(clerk.get(one).content) for one in brought)
        assert (page.status_code, weight <= FIRST) == (200, True), (path, weight)
    theirs = len(numbers) + 1
    assert f"Alle {theirs} Eingänge" in clerk.get(paths[0]).text
    seen = [first.receipt, *numbers]
    for start in (0, 100, theirs - 1):
        text = clerk.get(f"{paths[2]}?ab={start}").text
        assert set(_NUMBER.findall(text)) == set(seen[start : start + 100])
        assert ('rel="next"' in text) == (start + 100 < theirs)
    assert clerk.get(f"{paths[2]}?ab={10**9}").status_code == 200
    stranger = hall.clerk("feld", offices=("bauamt",))  # may see it by now, but none of how it came
    assert not _NUMBER.findall("".join(stranger.get(path).text for path in paths))
