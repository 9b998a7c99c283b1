"""Files are picked by words in a browser: while typing, by arrows, by one key, on a phone and without scripts."""

import re
from datetime import UTC, datetime

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail

pytestmark = pytest.mark.browser

FILE = f"52.10/1-{datetime.now(UTC).year}"


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in; there is a file about a carport in the Lindenweg, opened by Erika."""
    letter = hall.deliver(a_mail("Bauantrag Carport", "Am Lindenweg 4 soll gebaut werden."))["document"]
    program = hall.key("search", "decide", all_offices=True)
    version = program.get(f"{API}/documents/{letter}").json()["version"]
    opened = {"action": "file", "position": "52.10"}
    headers = {"If-Match": f'"{version}"'}
    assert program.post(f"{API}/documents/{letter}/decisions", json=opened, headers=headers).is_success
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(1280, 800)
    return keyboard


def filed_as(hall: CityHall, document: str) -> list[str]:
    """Where it lies now."""
    told = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    return [filing["file"] for filing in told["filings"]]


def test_a_file_is_found_while_somebody_types(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """F, a street, down, Enter; up leads back to the field, and the browser has no complaint."""
    waiting = hall.deliver(a_mail("Nachfrage", sender="Otto <otto@beispiel.test>"))["document"]
    clerk.open(f"{address}/posteingang/{waiting}")
    clerk.press("f")
    clerk.press("lindenw")
    clerk.wait_for(lambda: "1 Akte gefunden" in clerk.text, "the file")
    assert "Bauantrag Carport" in clerk.text
    clerk.press(Keys.ARROW_DOWN)
    assert clerk.focused.accessible_name == f"Akte {FILE}"
    clerk.press(Keys.ARROW_UP)
    assert clerk.focused.get_attribute("id") == "file"
    clerk.press(Keys.ARROW_DOWN, Keys.ENTER)
    clerk.wait_for(lambda: "gespeichert" in clerk.text, "the note")
    assert filed_as(hall, waiting) == [FILE]
    assert clerk.complaints() == []


def test_words_that_lead_nowhere_are_said_at_the_field(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """While typing and after Enter; what was typed stays, and the field has the focus."""
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    clerk.open(f"{address}/posteingang/{waiting}")
    clerk.press("f")
    clerk.press("Xylophon")
    clerk.wait_for(lambda: "wurde keine Akte gefunden" in clerk.text, "the sentence")
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "akte=Xylophon" in clerk.address, "the page")
    clerk.wait_for(lambda: clerk.focused.get_attribute("id") == "file", "the field")
    assert clerk.focused.get_attribute("aria-invalid") == "true"
    assert clerk.focused.get_attribute("value") == "Xylophon"
    assert filed_as(hall, waiting) == []


def test_the_senders_file_is_taken_by_one_key(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """A: where the same sender's last letter lies."""
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    clerk.open(f"{address}/posteingang/{waiting}")
    assert "Dieser Absender zuletzt hier: Bauantrag Carport" in clerk.text
    clerk.press("a")
    clerk.wait_for(lambda: "gespeichert" in clerk.text, "the note")
    assert filed_as(hall, waiting) == [FILE]


def test_on_a_phone_and_without_scripts(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """At 390 pixels, by Tab and Enter alone: words bring a page with the files, each a button."""
    waiting = hall.deliver(a_mail("Nachfrage", sender="Otto <otto@beispiel.test>"))["document"]
    clerk.width(390, 844)
    clerk.without_scripts()
    clerk.open(f"{address}/posteingang/{waiting}")
    clerk.write("In eine bestehende Akte", "Carport")
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "1 Akte gefunden" in clerk.text, "the files")
    assert clerk.overflow() <= 0
    clerk.enter(f"Akte {FILE}", "gespeichert")
    assert filed_as(hall, waiting) == [FILE]


def test_what_is_typed_is_no_markup(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard) -> None:
    """A word of angle brackets stands there as it was typed, while typing and on the page."""
    waiting = hall.deliver(a_mail("Nachfrage"))["document"]
    clerk.open(f"{address}/posteingang/{waiting}")
    clerk.press("f")
    clerk.press("<img src=x onerror=alert(1)>")
    clerk.wait_for(lambda: "wurde keine Akte gefunden" in clerk.text, "the sentence")
    assert chromium.execute_script("return document.querySelector('#found-count img, #found-list img')") is None
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "akte=" in clerk.address, "the page")
    assert re.search(r"Zu „<img src=x onerror=alert\(1\)>“", clerk.text)
    assert clerk.complaints() == []
