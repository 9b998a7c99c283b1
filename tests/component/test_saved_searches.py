"""A search is saved, tells what is new in it, and nobody is told more than he may see when he looks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.search.saved import keeping, looking
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.protected import file_of, filed, protected_hall

SAVED = f"{API}/saved-searches"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Two letters about a fence, one for each of two offices."""
    offices = {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}
    hall = CityHall(tmp_path, mail_intake={"offices": offices})
    for box in ("bau", "kasse"):
        fence(hall, box)
    yield hall
    hall.close()


def fence(hall: CityHall, box: str) -> str:
    """One more letter about a fence; its document."""
    number = fence.__dict__["number"] = fence.__dict__.get("number", 0) + 1
    letter = a_mail(f"Zaun {number}", f"Es geht um den Zaun Nummer {number}.")
    document = str(hall.deliver(letter, f"{box}@stadt.example")["document"])
    hall.work()
    return document


def saved(machine: Browser, **wanted: object) -> str:
    """The id of a search for fences."""
    answer = machine.post(SAVED, json={"name": "Zäune", "q": "Zaun", **wanted})
    assert answer.status_code == 201, answer.text
    assert answer.json()["new"] == 0
    return str(answer.json()["search"])


def new_in(machine: Browser, search: str) -> list[str]:
    """The new hits; their number is that of the list, too."""
    found = [hit["document"] for hit in machine.get(f"{SAVED}/{search}/new").json()["items"]]
    assert machine.get(f"{SAVED}/{search}").json()["new"] == len(found)
    return found


def test_what_comes_later_is_new_until_it_was_seen(hall: CityHall) -> None:
    """Only the office's own letters count, each until it is seen; the list says how many searches have news."""
    machine = hall.key("search", offices=("bauamt",))
    search = saved(machine)
    fence(hall, "kasse")
    assert new_in(machine, search) == []
    document = fence(hall, "bau")
    assert new_in(machine, search) == [document]
    assert machine.get(SAVED).json()["new"] == 1
    assert machine.post(f"{SAVED}/{search}/seen", json={}).json()["new"] == 0
    assert machine.get(SAVED).json()["new"] == 0


def test_what_comes_between_looking_and_saying_so_stays_new(hall: CityHall) -> None:
    """Whoever names what was shown is told of what came meanwhile."""
    machine = hall.key("search", offices=("bauamt",))
    search = saved(machine)
    shown, later = fence(hall, "bau"), fence(hall, "bau")
    machine.post(f"{SAVED}/{search}/seen", json={"documents": [shown]})
    assert new_in(machine, search) == [later]
    assert machine.post(f"{SAVED}/{search}/seen", json={"documents": ["../x"]}).status_code == 400


def test_a_letter_that_comes_to_the_office_later_is_new_whenever_it_arrived(hall: CityHall) -> None:
    """What was assigned to the office today is new today, and so is what another one lost no more."""
    machine = hall.key("search", offices=("bauamt",))
    document = fence(hall, "kasse")
    search = saved(machine)
    chief = hall.key("search", "decide", all_offices=True)
    version = chief.get(f"{API}/documents/{document}").json()["version"]
    chief.post(
        f"{API}/documents/{document}/decisions",
        json={"action": "assign", "office": "bauamt"},
        headers={"If-Match": f'"{version}"'},
    )
    hall.work()
    assert new_in(machine, search) == [document]


def test_rights_are_those_of_the_moment_of_looking(tmp_path: Path) -> None:
    """A protected letter is no news to whoever may not see its level, though the search finds its words."""
    hall = protected_hall(tmp_path)
    below = hall.key("search", offices=("jugendamt", "poststelle"), protection=2)
    above = hall.key("search", offices=("jugendamt", "poststelle"), protection=3)
    ids = [
        str(one.post(SAVED, json={"name": "x", "q": "Unterhaltsnotstand"}).json()["search"]) for one in (below, above)
    ]
    document = filed(hall, "Unterhaltsnotstand", "51")
    assert file_of(hall, document)
    assert [new_in(below, ids[0]), new_in(above, ids[1])] == [[], [document]]
    hall.close()


def test_nobody_reads_or_changes_what_somebody_else_saved(hall: CityHall) -> None:
    """To another account it is not there; a malformed id neither."""
    search = saved(hall.key("search", offices=("bauamt",)))
    other = hall.key("search", offices=("bauamt",))
    for one in (search, "1", "../1", "%2e%2e"):
        for method, path in (("GET", ""), ("GET", "/new"), ("DELETE", "")):
            assert other.ask(method, f"{SAVED}/{one}{path}").status_code == 404, (method, path)
    assert other.get(SAVED).json() == {"items": [], "new": 0}


def test_a_search_is_changed_and_forgotten(hall: CityHall) -> None:
    """Another name keeps what is new, another question begins anew; forgotten, nothing of it is in the store."""
    machine = hall.key("search", offices=("bauamt",))
    search = saved(machine)
    fence(hall, "bau")
    renamed = machine.ask("PUT", f"{SAVED}/{search}", json={"name": "Tore", "q": "Zaun"}).json()
    assert (renamed["name"], renamed["new"]) == ("Tore", 1)
    asked = machine.ask("PUT", f"{SAVED}/{search}", json={"name": "Tore", "filter": ["jahr:2026"]}).json()
    assert (asked["q"], asked["new"]) == ("", 0)
    assert machine.ask("DELETE", f"{SAVED}/{search}").status_code == 204
    assert list(hall.ports.blobs.keys(Bucket.RECORDS, f"{hall.settings.tenant}/searches/")) == []
    assert machine.get(f"{SAVED}/{search}").status_code == 404


def test_what_cannot_be_asked_or_is_too_much_is_refused(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed line, an empty one, a name of blanks, and one search too many."""
    machine = hall.key("search", offices=("bauamt",))
    for wrong in ({"q": '"offen'}, {"q": ""}, {"filter": ["unsinn:1"]}, {"filter": ["status:unsinn"]}):
        assert machine.post(SAVED, json={"name": "x", **wrong}).status_code == 400, wrong
    assert machine.post(SAVED, json={"name": " \t", "q": "Zaun"}).status_code == 422
    monkeypatch.setattr(keeping, "MOST", 1)
    saved(machine)
    refused = machine.post(SAVED, json={"name": "x", "q": "Zaun"})
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_saved")


def test_of_very_many_hits_only_later_ones_are_new(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more is found than is remembered, nothing old is told as new, and what comes is."""
    monkeypatch.setattr(looking, "REMEMBERED", 2)
    monkeypatch.setattr(looking, "PAGE", 1)
    machine = hall.key("search", all_offices=True)
    for _ in range(3):
        fence(hall, "bau")
    search = saved(machine)
    assert new_in(machine, search) == []
    document = fence(hall, "kasse")
    assert new_in(machine, search) == [document]


def test_the_page_saves_tells_and_forgets(hall: CityHall) -> None:
    """By forms alone: saved with its filters, told on the search page, seen, removed."""
    clerk = hall.clerk(offices=("bauamt",))
    assert "Neue Treffer" not in clerk.get("/suche").text
    answer = clerk.submit("/suche?q=Zaun", "/suche/gespeichert", name="Zäune", q="Zaun", status="held")
    assert answer.status_code == 303, answer.text
    assert "Nichts Neues" in clerk.get("/suche/gespeichert").text
    document = fence(hall, "bau")
    assert "1 gespeicherte Suche mit neuen Treffern" in clerk.get("/suche").text
    listed = clerk.get("/suche/gespeichert").text
    found = re.search(r'href="(/suche/gespeichert/[0-9a-f-]+)"><strong>1 neuer Treffer', listed)
    assert found, listed
    assert f"/dokumente/{document}" in clerk.get(found[1]).text
    clerk.submit(found[1], f"{found[1]}/gesehen", shown=f"{document},")
    assert "Nichts Neues" in clerk.get("/suche/gespeichert").text
    clerk.submit("/suche/gespeichert", f"{found[1]}/entfernen")
    assert "Noch ist keine Suche gespeichert" in clerk.get("/suche/gespeichert").text
    refused = clerk.submit("/suche?q=Zaun", "/suche/gespeichert", name="Zäune", q='"offen')
    assert refused.status_code == 400
    assert keys.saved_searches(hall.settings.tenant, "x").startswith(hall.settings.tenant)
