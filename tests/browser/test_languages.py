"""The pages in English and in German again, chosen and used by keys alone."""

import json

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PASSWORD, PLAN, CityHall, a_mail

pytestmark = pytest.mark.browser

RULE = {"words": ["gartenhaus"], "confidence": 0.9}


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in; the plan proposes a position for every garden house."""
    ruled = f'"parent": "52", "office": "bauamt", "rules": [{json.dumps(RULE)}]'
    plan = json.dumps(PLAN).replace('"parent": "52", "office": "bauamt"', ruled)
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=plan.encode()).is_success
    token = hall.access.add_account("berg", rights=("search", "decide", "deliver"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(1280, 900)
    return keyboard


def test_a_letter_is_filed_in_english(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard) -> None:
    """English on the own account page, the workbench in English, a letter filed by Enter, and German again."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/konto")
    clerk.go_to("Deutsch")
    clerk.press(Keys.ARROW_DOWN, Keys.ENTER)
    clerk.wait_for(lambda: "Your pages now appear in English." in clerk.text, "English")
    clerk.open(f"{address}/posteingang")
    assert "1 document waits for a decision" in clerk.text
    assert chromium.execute_script("return document.documentElement.lang") == "en"
    clerk.press(Keys.SPACE)
    clerk.wait_for(lambda: "With the selected ones (1)" in clerk.text, "what a script says")
    clerk.press(Keys.SPACE, Keys.ENTER)
    clerk.wait_for(lambda: "Nothing waits for a decision" in clerk.text, "the end of the pile")
    assert hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()["state"] == "filed"
    clerk.open(f"{address}/konto")
    clerk.go_to("English")
    clerk.press(Keys.ARROW_UP, Keys.ENTER)
    clerk.wait_for(lambda: "Ihre Seiten erscheinen jetzt auf Deutsch." in clerk.text, "German")
    assert chromium.execute_script("return document.documentElement.lang") == "de"
    assert clerk.complaints() == []
