"""Members come and go in the middle of text recognition."""

import pytest

from tests.journeys.agreement import agree
from tests.journeys.instance import eventually
from tests.journeys.letters import a_scan
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

BIRDS = (
    *("Rotkehlchen", "Buchfink", "Nachtigall", "Mauersegler", "Haussperling", "Goldammer"),
    *("Kormoran", "Graureiher", "Turmfalke", "Schleiereule", "Bachstelze", "Kuckuck"),
)


def test_a_rebalance_in_the_middle_of_ocr_reads_every_page_once(city: Metropolis) -> None:
    """One copy joins, one leaves in order, one is killed while pages are read: each page is told of once and found."""
    for bird in BIRDS:
        page = a_scan(f"Gesichtet wurde:\n{bird}\nim Stadtwald.")
        assert city.http.put(f"/scans/{len(bird)}.png", content=page).status_code == 202
    before = _recognised(city)
    eventually(lambda: _recognised(city) > before, 120)
    third = city.city.add("ocr")
    city.city.restart(city.processes("ocr")[0])
    third.kill()
    city.city.dismiss(third)
    agree(city.books, within_s=600)
    for bird in BIRDS:
        (hit,) = city.search(bird)
        assert (hit["complete"], hit["problems"]) == (True, []), bird


def _recognised(city: Metropolis) -> int:
    """How many documents have what was read of their pages."""
    return sum(key.endswith("/extraction/2.json") for key in city.stored("documents"))
