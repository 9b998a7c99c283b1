"""Vorgänge in a browser: by keys, by the picker, without scripts and on a phone."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Keys

from services.filing import postponing
from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PLAN, CityHall, a_mail

pytestmark = pytest.mark.browser

FILE = f"52.10/1-{datetime.now(UTC).year}"
RULE = {"words": ["Gartenhaus"], "confidence": 0.5}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A hall whose desk waits for eight seconds, and whose building permits have Vorgänge."""
    hall = CityHall(tmp_path, filing={"undo_within": timedelta(seconds=8)})
    divided = {"cases": "optional", "rules": [RULE]}
    positions = [one | (divided if one["code"] == "52.10" else {}) for one in PLAN["positions"]]
    plan = json.dumps(PLAN | {"version": "2", "positions": positions})
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=plan.encode()).is_success
    yield hall
    hall.close()


def places(hall: CityHall, document: str) -> list[str]:
    """The signs of the Vorgänge that it lies in, or of its files, as soon as what waits was carried out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(postponing, "_is_due", lambda _one, _now: True)
        postponing.apply_due(hall.contexts["filing"])
    hall.work()
    told = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    return [filing["case"] or filing["file"] for filing in told["filings"]]


def test_a_letter_opens_a_case_and_the_next_one_joins_it(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """1, V; then F, the number, Enter, Enter: the open Vorgang has the focus. U takes the choice back."""
    first, second = (hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in (1, 2))
    clerk.open(f"{address}/posteingang/{first}")
    clerk.press("1")
    clerk.wait_for(lambda: "Neue Akte unter 52.10" in clerk.text, "the choice")
    assert clerk.focused.accessible_name == "Neuer Vorgang"
    clerk.press("v")
    clerk.wait_for(lambda: "vorgemerkt" in clerk.text or "Rückgängig" in clerk.text, "the note")
    clerk.press("u")
    clerk.wait_for(lambda: "wieder im Posteingang" in clerk.text, "the letter again")
    clerk.open(f"{address}/posteingang/{first}?wohin=52.10")
    clerk.press("v")
    clerk.wait_for(lambda: "Rückgängig" in clerk.text, "the note")
    assert places(hall, first) == [f"{FILE}#1"]
    clerk.open(f"{address}/posteingang/{second}")
    clerk.press("f")
    clerk.press(FILE, Keys.ENTER)
    clerk.wait_for(lambda: f"Vorgang in Akte {FILE}" in clerk.text, "the choice")
    assert clerk.focused.accessible_name == f"Vorgang {FILE}#1"
    assert clerk.focused.get_attribute("aria-describedby") == "case-1"
    assert "Gartenhaus 1" in clerk.text
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "Rückgängig" in clerk.text, "the note")
    assert places(hall, second) == [f"{FILE}#1"]
    clerk.open(f"{address}/akten/{FILE}")
    assert re.search(rf"Vorgang {re.escape(FILE)}#1\s+Gartenhaus 1", clerk.text)
    assert clerk.complaints() == []


def test_a_case_is_chosen_on_a_phone_without_scripts(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """By Tab and Enter alone, at 390 pixels: a new one, then the open one, then none."""
    letters = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(3)]
    clerk.width(390, 844)
    clerk.without_scripts()
    wanted = ("Neuer Vorgang", f"Vorgang {FILE}#1", "Ohne Vorgang ablegen")
    for document, button in zip(letters, wanted, strict=True):
        clerk.open(f"{address}/posteingang/{document}?wohin={'52.10' if document == letters[0] else FILE}")
        assert clerk.overflow() <= 0
        clerk.enter(button, "Rückgängig")
        assert places(hall, document) == [FILE if button.startswith("Ohne") else f"{FILE}#1"]
    clerk.open(f"{address}/akten/{FILE}")
    assert "Ohne Vorgang" in clerk.text
    assert clerk.overflow() <= 0
