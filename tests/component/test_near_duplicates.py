"""The same letter by mail and by post is told with its reason, to whoever may see both; nothing is done about it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.core.errors import TryLater
from services.core.ports.entries import Hits, Query, Viewer
from tests.component.city_hall import API, CityHall, a_mail
from tests.unit.core.test_near_duplicates import LETTER, OTHER, read_again

BOXES = {"bau@musterstadt.test": "bauamt", "kasse@musterstadt.test": "kasse", "post@musterstadt.test": "poststelle"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[CityHall]:
    """A city hall whose boxes belong to offices."""
    hall = CityHall(tmp_path / "hall", mail_intake={"offices": BOXES})
    yield hall
    hall.close()


def test_a_letter_by_mail_and_by_post(town: CityHall) -> None:
    """Each is told of the other, on its page and by the API, with why; both stay as they are."""
    mail = town.deliver(a_mail("Widerspruch", LETTER))["document"]
    scan = town.scan(read_again(LETTER, 0.05, 1).encode(), "scan-0815.txt")["document"]
    town.deliver(a_mail("Spielplatz", OTHER))
    machine, clerk = town.key("search", all_offices=True), town.clerk(offices=("poststelle",))
    (told,) = machine.get(f"{API}/documents/{mail}/near-duplicates").json()["items"]
    assert (told["document"], told["channel"], told["state"]) == (scan, "scan", "held")
    assert 0.5 < told["share"] < 1.0
    assert told["reason"].startswith(f"{int(100 * told['share'])} % des Textes übereinstimmen")
    page = clerk.get(f"/dokumente/{scan}").text
    assert "Ähnlich wie" in page
    assert f'<a href="/dokumente/{mail}">Widerspruch</a>' in page
    assert f"weil {told['reason']}" in page
    assert {machine.get(f"{API}/documents/{one}").json()["state"] for one in (mail, scan)} == {"held"}


def test_the_same_text_says_so(town: CityHall) -> None:
    """Word for word, and the numbers in it."""
    first = town.deliver(a_mail("Widerspruch", LETTER))["document"]
    town.deliver(a_mail("Noch einmal: Widerspruch", LETTER))
    (told,) = town.key("search", all_offices=True).get(f"{API}/documents/{first}/near-duplicates").json()["items"]
    assert told["reason"] == "der ganze Text übereinstimmt und auch die Zahlen darin gleich sind"


def test_no_more_than_five_are_told(town: CityHall) -> None:
    """The most alike first, however many there are."""
    first = town.deliver(a_mail("Einwendung", LETTER))["document"]
    for number in range(8):
        town.scan(read_again(LETTER, 0.02 * number, number).encode(), f"{number}.txt")
    told = town.key("search", all_offices=True).get(f"{API}/documents/{first}/near-duplicates").json()["items"]
    assert len(told) == 5
    assert [one["share"] for one in told] == sorted((one["share"] for one in told), reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_told_of_what_they_may_not_see(town: CityHall, seed: int) -> None:
    """Whoever asks, about whichever copy: exactly the others that they can open are told, on the page as by the API."""
    chance = random.Random(seed)
    boxes = [chance.choice(list(BOXES)) for _ in range(4)]
    copies = [
        town.deliver(a_mail(f"Geheim{number}", read_again(LETTER, 0.01, number)), to=box)["document"]
        for number, box in enumerate(boxes)
    ]
    hidden: set[str] = set()
    for number in range(3):
        offices = tuple(sorted(chance.sample(["bauamt", "kasse", "poststelle"], chance.randrange(1, 3))))
        machine, clerk = town.key("search", offices=offices), town.clerk(f"person-{number}", offices=offices)
        theirs = {one for one in copies if machine.get(f"{API}/documents/{one}").status_code == 200}
        hidden |= set(copies) - theirs
        for document in copies:
            answer = machine.get(f"{API}/documents/{document}/near-duplicates")
            assert answer.status_code == (200 if document in theirs else 404)
            told = {one["document"] for one in answer.json().get("items", ())}
            assert told == (theirs - {document} if document in theirs else set())
            page = clerk.get(f"/dokumente/{document}").text
            assert {n for n in range(4) if f"Geheim{n}" in page} == {
                n for n, one in enumerate(copies) if document in theirs and one in theirs
            }
    assert hidden


def test_a_page_says_so_while_the_index_is_away(town: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document itself is in the store; whoever asks for what is like it is told to come again."""
    document = town.deliver(a_mail("Widerspruch", LETTER))["document"]
    town.deliver(a_mail("Noch einmal", LETTER))
    clerk, machine = town.clerk(offices=("poststelle",)), town.key("search", all_offices=True)

    def away(query: Query, viewer: Viewer) -> Hits:
        raise TryLater

    monkeypatch.setattr(town.ports.index, "search", away)
    page = clerk.get(f"/dokumente/{document}")
    assert (page.status_code, "Lässt sich gerade nicht sagen" in page.text) == (200, True)
    assert machine.get(f"{API}/documents/{document}/near-duplicates").status_code == 503
