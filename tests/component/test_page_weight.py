"""How much a browser loads before a clerk sees something, in bytes as they are sent without compression."""

import re

from services.runtime.app import STATIC
from tests.component.city_hall import CityHall, a_mail

SCRIPTS = 30_000
FIRST = 100_000
_BROUGHT = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_scripts_are_small() -> None:
    """All scripts of the desk together: a page that does not need them does not wait for them."""
    assert 0 < sum(file.stat().st_size for file in STATIC.glob("*.js")) <= SCRIPTS


def test_first_content_is_small(hall: CityHall) -> None:
    """A full list, a long letter and all that the page brings along, before any picture of a page."""
    letters = [hall.deliver(a_mail(f"Bauantrag {number}", "Wir bitten. " * 3000)) for number in range(25)]
    clerk = hall.clerk("berg", all_offices=True)
    for path in ("/posteingang", f"/posteingang/{letters[0]['document']}", "/suche?q=Bauantrag", "/aktenplan"):
        page = clerk.get(path)
        brought = set(_BROUGHT.findall(page.text))
        assert any("desk.css" in one for one in brought)
        weight = len(page.content) + sum(len(clerk.get(one).content) for one in brought)
        assert weight <= FIRST, (path, weight)
