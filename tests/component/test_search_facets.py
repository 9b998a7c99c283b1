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
    removed = re.search(r'<a href="([^"]*)" aria-label="Amt [^"]*asse[^"]* entfernen"', narrowed)
    assert removed
    assert "3 Dokumente" in clerk.get(unescape(removed[1])).text
    hall.close()


def test_kind_channel_year_and_sender_are_chosen_and_removed(hall: CityHall) -> None:
    """Each value that the page offers leads to as many hits as it says, and its mark leads back."""
    clerk = hall.clerk(offices=("bauamt", "kasse"))
    page = clerk.get("/suche?q=Zaun").text
    offered = dict.fromkeys(
        name for name in ("amt", "kanal", "jahr", "absender") if re.search(rf'<a href="[^"]*[?&;]{name}=\w', page)
    )
    assert [*offered] == ["amt", "kanal", "jahr", "absender"]
    for name in offered:
        found = re.search(rf'<a href="([^"]*[?&;]{name}=\w[^"]*)">([^<]*)</a> \((\d)\)', page)
        assert found
        narrowed = clerk.get(unescape(found[1])).text
        assert f"{found[3]} Dokument" in narrowed, name
        removed = re.search(rf'<a href="([^"]*)" aria-label="[^"]* {re.escape(found[2])} entfernen"', narrowed)
        assert removed, name
        assert "3 Dokumente" in clerk.get(unescape(removed[1])).text
    hall.close()


def test_filters_of_facets_are_understood_by_the_api(hall: CityHall) -> None:
    """A sender is one address as a filter and words in a line; what is no year and no kind is refused."""
    machine = hall.key("search", all_offices=True)
    sender = machine.get(f"{API}/search?q=Zaun&facets=true").json()["facets"]["senders"][0]["value"]
    ask = f"{API}/search"
    assert machine.get(ask, params={"q": "Zaun", "filter": f"absender:{sender}"}).json()["total"] == 3
    assert machine.get(ask, params={"q": f"absender:{sender.partition('@')[0]}"}).json()["total"] == 3
    assert machine.get(ask, params={"filter": "absender:niemand@beispiel.test"}).json()["total"] == 0
    assert machine.get(ask, params={"q": "jahr:1999"}).json()["total"] == 0
    for wrong in ("jahr:26", "art:unsinn", "absender: "):
        assert machine.get(ask, params={"filter": wrong}).status_code == 400
    hall.close()
