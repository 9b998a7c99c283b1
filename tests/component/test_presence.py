"""Who has a letter open is told to those who see it too, and is forgotten by itself."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.filing.workbench import presence
from services.filing.workbench.presence import sweep_presence
from tests.component.browser import Browser
from tests.component.city_hall import CityHall, a_mail
from tests.component.test_list_news import asked


@pytest.fixture
def letters(hall: CityHall) -> list[str]:
    """Two that wait."""
    return [hall.deliver(a_mail(subject))["document"] for subject in ("Gartenhaus", "Zaun")]


def said(page: str) -> str:
    """What is told beside the letter."""
    found = re.search(r'id="present"[^>]*>([^<]*)<', page)
    assert found
    return found[1]


def later(hall: CityHall, seconds: int) -> None:
    """So much time goes by."""
    now = hall.ports.clock.now() + timedelta(seconds=seconds)
    hall.ports.clock.now = lambda: now  # type: ignore[method-assign]


def marks(hall: CityHall) -> list[str]:
    """What is stored of it."""
    return list(hall.ports.blobs.keys(Bucket.RECORDS, keys.presences("main")))


def test_colleagues_see_each_other_and_nobody_sees_himself(hall: CityHall, letters: list[str]) -> None:
    """Beside the letter and in the list, by name; a list that is looked at anew tells it, too."""
    berg, feld = hall.clerk("h.berg", all_offices=True), hall.clerk("m.feld", all_offices=True)
    page = berg.get(f"/posteingang/{letters[1]}").text
    assert said(page) == ""
    assert said(feld.get(f"/posteingang/{letters[1]}").text) == "Auch geöffnet von h.berg"
    path, known = asked(page)
    news = berg.get(path, headers=known)
    assert (news.status_code, said(news.text)) == (200, "Auch geöffnet von m.feld")
    assert berg.get(path, headers={"If-None-Match": news.headers["etag"]}).status_code == 304
    beside = berg.get(f"/posteingang/{letters[0]}").text
    assert said(beside) == ""
    assert beside.count("Auch geöffnet von m.feld") == 1


def test_it_is_forgotten_by_itself(hall: CityHall, letters: list[str]) -> None:
    """After a minute nobody is told, and after the sweep nothing of it is stored; who goes on looking stays."""
    berg, feld = hall.clerk("h.berg", all_offices=True), hall.clerk("m.feld", all_offices=True)
    berg.get(f"/posteingang/{letters[0]}")
    later(hall, 60)
    assert said(feld.get(f"/posteingang/{letters[0]}").text) == ""
    sweep_presence(hall.contexts["filing"])
    assert len(marks(hall)) == 1
    assert said(berg.get(f"/posteingang/{letters[0]}").text) == "Auch geöffnet von m.feld"


def test_looking_again_stores_nothing_new(hall: CityHall, letters: list[str]) -> None:
    """However often a page asks, it is one mark for each person, letter and span of time."""
    berg = hall.clerk("h.berg", all_offices=True)
    later(hall, 0)
    path, _ = asked(berg.get(f"/posteingang/{letters[0]}").text)
    for _ in range(20):
        berg.get(path)
    assert len(marks(hall)) == 1


def test_a_letter_that_is_not_shown_makes_no_list_anew(hall: CityHall, letters: list[str]) -> None:
    """Else every page in a city would be made again every ten seconds, since somebody always opens something."""
    berg, cashier = hall.clerk("h.berg", all_offices=True), hall.clerk("k.see", offices=("kasse",))
    path, known = asked(cashier.get("/posteingang").text)
    berg.get(f"/posteingang/{letters[0]}")
    assert cashier.get(path, headers=known).status_code == 304


def test_it_is_told_only_to_those_who_may_see_the_letter(hall: CityHall, letters: list[str]) -> None:
    """And a letter that is not theirs is not marked by asking for it."""
    cashier = hall.clerk("k.see", offices=("kasse",))
    assert cashier.get(f"/posteingang/{letters[0]}").status_code == 404
    assert cashier.get(f"/posteingang/neues?offen={letters[0]}").status_code == 200
    assert marks(hall) == []


def test_a_full_store_keeps_nobody_from_reading(
    hall: CityHall, letters: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a courtesy: the letter is there without it."""
    berg = hall.clerk("h.berg", all_offices=True)

    def full(*_: object, **__: object) -> bool:
        raise TryLater("store_full")

    monkeypatch.setattr(hall.ports.blobs, "create", full)
    assert berg.get(f"/posteingang/{letters[0]}").status_code == 200


def test_a_town_may_do_without(tmp_path: Path) -> None:
    """With `filing.present_for` 0 nobody is noted anywhere."""
    hall = CityHall(tmp_path, filing={"present_for": timedelta(0)})
    try:
        letter = hall.deliver(a_mail())["document"]
        berg, feld = hall.clerk("h.berg", all_offices=True), hall.clerk("m.feld", all_offices=True)
        berg.get(f"/posteingang/{letter}")
        assert said(feld.get(f"/posteingang/{letter}").text) == ""
        assert marks(hall) == []
    finally:
        hall.close()


def test_a_machine_is_nobody(hall: CityHall, letters: list[str]) -> None:
    """A key that reads pages has no name to be told."""
    machine: Browser = hall.key("search", "decide", all_offices=True)
    machine.get(f"/posteingang/{letters[0]}")
    assert said(hall.clerk("h.berg", all_offices=True).get(f"/posteingang/{letters[0]}").text) == ""


def test_many_looks_are_one_list(hall: CityHall, letters: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of pages ask each ten seconds: what the store has is listed once for all of them, not once for each."""
    berg, feld = hall.clerk("h.berg", all_offices=True), hall.clerk("m.feld", all_offices=True)
    later(hall, 0)
    path, _ = asked(berg.get(f"/posteingang/{letters[0]}").text)
    feld.get(f"/posteingang/{letters[1]}")
    listed: list[str] = []
    monkeypatch.setattr(presence, "FRESH_SECONDS", 600)
    keys_of = hall.ports.blobs.keys

    def counted(*how: Any) -> Iterator[str]:
        listed.append(str(how[1]))
        return keys_of(*how)

    monkeypatch.setattr(hall.ports.blobs, "keys", counted)
    for _ in range(20):
        assert "Auch geöffnet von m.feld" in berg.get(path).text
    assert len([prefix for prefix in listed if prefix.startswith(keys.presences("main"))]) <= 2
    # Of another process it is told as soon as it is listed anew.
    monkeypatch.setattr(presence, "FRESH_SECONDS", 0)
    stored = next(iter(marks(hall)))
    account = hall.access.everybody.accounts[-1].id
    hall.ports.blobs.create(Bucket.RECORDS, f"{stored.rpartition('/')[0]}/{letters[0]}.{account}", b"")
    assert said(berg.get(path).text) == "Auch geöffnet von m.feld"
