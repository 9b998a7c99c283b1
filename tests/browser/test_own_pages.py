"""A subject changed, colleagues beside a letter, the own account and a file on paper, in a browser."""

from datetime import UTC, datetime

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail

pytestmark = pytest.mark.browser

NEW = "ein ganz anderer Satz"


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in."""
    token = hall.access.add_account("h.berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(1280, 900)
    return keyboard


@pytest.mark.parametrize("scripts", [True, False])
def test_a_subject_is_changed(hall: CityHall, address: str, clerk: Keyboard, *, scripts: bool) -> None:
    """By keyboard, with and without scripts; the page, the history and the search know it at once."""
    document = hall.deliver(a_mail("Scan 047"))["document"]
    if not scripts:
        clerk.without_scripts()
    clerk.open(f"{address}/dokumente/{document}")
    clerk.enter("Betreff ändern", "Das Original bleibt, wie es ist.")
    clerk.go_to("Betreff")
    clerk.press(Keys.END, ": Laterne am Lindenweg", Keys.ENTER)
    clerk.wait_for(lambda: "Der Betreff ist geändert." in clerk.text, "the note")
    assert "Betreff geändert durch h.berg" in " ".join(clerk.text.split())
    clerk.open(f"{address}/suche?q=betreff:Laterne")
    assert "Scan 047: Laterne am Lindenweg" in clerk.text
    assert clerk.complaints() == []


def test_colleagues_see_each_other(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard) -> None:
    """A name appears beside the letter and in the list without a reload, and is said aloud; focus stays where it is."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    clerk.press("f", "52")
    hall.clerk("m.feld", all_offices=True).get(f"/posteingang/{document}")
    chromium.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
    clerk.wait_for(lambda: clerk.text.count("Auch geöffnet von m.feld") == 2, "the name")
    assert chromium.execute_script("return document.getElementById('present').getAttribute('role')") == "status"
    assert clerk.focused.get_attribute("value") == "52"
    assert clerk.complaints() == []


def test_keys_are_switched_off_for_good(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """On the page of the own account as well as in the list of keys; then a key does nothing (WCAG 2.1.4)."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/suche")
    clerk.enter("h.berg", "Mein Konto")
    clerk.go_to("Einzelne Tasten entscheiden und blättern")
    clerk.press(Keys.SPACE, Keys.ENTER)
    clerk.wait_for(lambda: "Gespeichert." in clerk.text, "the note")
    clerk.open(f"{address}/posteingang/{document}")
    clerk.press("x")
    clerk.open(f"{address}/posteingang/{document}")
    state = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()["state"]
    assert state == "held"
    clerk.enter("Tasten", "Einzelne Tasten ausschalten")
    clerk.press(Keys.SPACE, Keys.ESCAPE)  # the switch is the first thing in it
    clerk.wait_for(lambda: not hall.access.everybody.accounts[-1].keys_off, "the account")
    clerk.open(f"{address}/posteingang/{document}")
    clerk.press("x")
    clerk.wait_for(lambda: "nicht aktenrelevant vermerkt" in clerk.text, "the note")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_own_password_is_changed(hall: CityHall, address: str, clerk: Keyboard, *, scripts: bool) -> None:
    """A wrong one is said at the field; then the new one lets in, on a phone too."""
    clerk.width(390, 844)
    if not scripts:
        clerk.without_scripts()
    clerk.open(f"{address}/konto")
    assert clerk.overflow() <= 0
    clerk.write("Bisheriges Kennwort", "ein falsches Kennwort")
    clerk.write("Neues Kennwort", NEW)
    clerk.write("Neues Kennwort wiederholen", NEW)
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "falsch" in clerk.text, "the refusal")
    assert clerk.focused.get_attribute("id") == "former"
    clerk.press(PASSWORD)
    clerk.write("Neues Kennwort", NEW)
    clerk.write("Neues Kennwort wiederholen", NEW)
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "Ihr Kennwort ist geändert." in clerk.text, "the note")
    assert hall.stranger().submit("/anmelden", name="h.berg", password=NEW).status_code == 303


def test_a_file_is_printed_as_a_list(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """On paper a table with who printed it, without navigation and buttons; on a phone a card for each entry."""
    document = hall.deliver(a_mail("Bauantrag Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    clerk.write("Neue Akte unter", "52.10")
    clerk.enter("Akte anlegen und ablegen", "gespeichert")
    clerk.open(f"{address}/akten/52.10/1-{datetime.now(UTC).year}")
    assert clerk.display_of(".on-paper", media="screen") == "none"
    assert clerk.display_of(".on-paper", media="print") == "block"
    assert clerk.display_of(".top", media="print") == "none"
    assert clerk.display_of(".way", media="print") == "none"
    assert clerk.display_of(".register tr", media="print") == "table-row"
    clerk.width(390, 844)
    assert clerk.display_of(".register tr", media="screen") == "block"
    assert clerk.display_of(".register tr", media="print") == "table-row"
    assert clerk.display_of(".register thead", media="print") == "table-header-group"
    assert clerk.display_of(".register tr", media="screen") == "block"
    assert clerk.overflow() <= 0
