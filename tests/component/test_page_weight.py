"""How much a browser loads before a clerk sees something, in bytes as they are sent without compression."""

import re

from services.runtime.app import STATIC
from tests.component.browser import Browser
from tests.component.city_hall import CityHall
from tests.component.every_page import everybody, full, unopened

SCRIPTS = 30_000
FIRST = 100_000
OK = 200
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
