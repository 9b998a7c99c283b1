"""Hits are counted by their values, for the API and on the page, and a value is chosen and removed by its address."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.component.city_hall import API, CityHall, a_mail


@pytest.fixture
def hall(tmp_path: Path) -> CityHall:
    """Three letters about a fence, two of them of one office."""
    hall = CityHall(tmp_path, mail_intake={"offices": {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}})
    for number, box in enumerate(("bau", "bau", "kasse")):
        hall.deliver(a_mail(f"Zaun {number}", f"Es geht um den Zaun Nummer {number}."), f"{box}@stadt.example")
    hall.work()
    return hall


def test_the_api_counts_within_rights(hall: CityHall) -> None:
    """Only where asked for, and never a letter or an office that the key may not see."""
    machine = hall.key("search", offices=("bauamt",))
    assert machine.get(f"{API}/search?q=Zaun").json()["facets"] == {}
    told = machine.get(f"{API}/search?q=Zaun&facets=true").json()["facets"]
    assert told["offices"] == [{"value": "bauamt", "count": 2}]
    assert sum(one["count"] for one in told["states"]) == 2
    hall.close()


def test_a_value_is_chosen_and_removed_on_the_page(hall: CityHall) -> None:
    """The link leads to the hits that were counted, and from there back to all."""
    clerk = hall.clerk(offices=("bauamt", "kasse"))
    page = clerk.get("/suche?q=Zaun").text
    assert "3 Dokumente" in page
    chosen = re.search(r'<a href="([^"]*amt=kasse[^"]*)">[^<]*</a> \(1\)', page)
    assert chosen
    narrowed = clerk.get(unescape(chosen[1])).text
    assert "1 Dokument<" in narrowed
    removed = re.search(r'<a href="([^"]*)" aria-label="Amt kasse entfernen"', narrowed)
    assert removed
    assert "3 Dokumente" in clerk.get(unescape(removed[1])).text
    hall.close()
