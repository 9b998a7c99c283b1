"""A new version of the plan by a person's hands: chosen, looked at, put in force; by keyboard, and without scripts."""

import json
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.axe import look
from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, PLAN, CityHall, a_mail

pytestmark = pytest.mark.browser

NEW = PLAN | {
    "version": "2",
    "positions": [
        *(one | ({"closed": True} if one["code"] == "52.10" else {}) for one in PLAN["positions"]),
        {"code": "52.11", "title": "Neubau", "parent": "52", "office": "bauamt", "replaces": ["52.10"]},
        {"code": "52.12", "title": "Anbau", "parent": "52", "office": "kasse", "replaces": ["52.10"]},
    ],
}


@pytest.fixture
def chief(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody who puts plans in force, signed in, with a letter filed at a position that will be split."""
    token = hall.access.add_account("plan", rights=("decide", "search", "administer"), all_offices=True, protection=3)
    document = hall.deliver(a_mail("Zaun", "Neuer Zaun"))["document"]
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.open(f"{address}/posteingang/{document}")
    keyboard.write("Neue Akte unter", "52.10")
    keyboard.enter("Akte anlegen und ablegen", "gespeichert")
    return keyboard


@pytest.mark.parametrize("scripts", [True, False])
def test_a_version_comes_into_force(
    hall: CityHall,
    address: str,
    chromium: Chrome,
    chief: Keyboard,
    *,
    scripts: bool,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """A broken file is refused with its line; the right one is looked at, and holds once the button is pressed."""
    pictures = request.config.getoption("--screenshots") or tmp_path
    broken, right = tmp_path / "falsch.json", tmp_path / "richtig.json"
    broken.write_text(json.dumps(NEW | {"positions": [{"code": "1", "title": " "}]}, indent=1))
    right.write_text(json.dumps(NEW))
    if not scripts:
        chief.without_scripts()
    chief.open(f"{address}/planfassung")
    _choose(chromium, broken)
    chief.enter("Hochladen und prüfen", "Die Datei hat einen Fehler")
    assert "Die Bezeichnung ist leer." in chief.text
    assert not scripts or look(chromium)[0] == []
    _choose(chromium, right)
    chief.enter("Hochladen und prüfen", "Fassung 2 prüfen")
    assert "0 gehen mit, 1 braucht eine Entscheidung" in chief.text
    for width in (1280, 390):
        chief.width(width, 844)
        assert chief.overflow() <= 0
        assert not scripts or look(chromium)[0] == []
        chief.picture(pictures / f"planfassung-{width}.png")
    chief.enter("In Kraft setzen", "gilt ab jetzt")
    assert hall.contexts["filing"].written_plan.version == "2"
    # A form that was refused is an error to the browser, and meant so.
    assert [said for said in chief.complaints() if "422" not in said] == []


def _choose(chromium: Chrome, file: Path) -> None:
    chromium.find_element(By.ID, "file").send_keys(str(file))
