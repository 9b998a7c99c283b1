"""Why can I not find X: asked in a browser by keys alone, and answered in words, to those who may know."""

import pytest
from selenium.webdriver import Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall, a_mail

pytestmark = pytest.mark.browser

MESSAGE = "<brief-7@beispiel.test>"


def sign_in(hall: CityHall, address: str, keyboard: Keyboard, *offices: str) -> None:
    """Somebody of these offices, or of all."""
    token = hall.access.add_account("berg", rights=("search", "decide"), offices=offices, all_offices=not offices)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)


def ask(keyboard: Keyboard, address: str, name: str, expect: str) -> None:
    """Follow the navigation, type what is looked for, and read the answer."""
    keyboard.open(f"{address}/suche")
    keyboard.enter("Eingang verfolgen", "Wo ist mein Brief?")
    keyboard.write_here(name)
    keyboard.press(Keys.ENTER)
    keyboard.wait_for(lambda: expect in keyboard.text, expect)


def test_a_clerk_is_told_where_a_letter_is(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """Never came, waits, is found, and why another account does not find it: each in a sentence on the page."""
    hall.access.add_account("feld", rights=("search",), offices=("kasse",))
    sign_in(hall, address, keyboard)
    ask(keyboard, address, "<nie@beispiel.test>", "Hier ist nichts eingegangen, was Sie sehen dürfen.")
    hall.log.prompt = False
    receipt = hall.deliver(a_mail("Gartenhaus", Message_ID=MESSAGE))["receipt"]
    ask(keyboard, address, receipt.lower(), "Es ist da und wartet")
    assert "Warum finde ich es nicht?" in keyboard.text
    hall.work()
    hall.log.prompt = True
    ask(keyboard, address, MESSAGE, "Es ist da, und die Suche findet es.")
    keyboard.write("Warum findet dieses Konto es nicht? (Name des Kontos, freiwillig)", "feld")
    keyboard.press(Keys.ENTER)
    keyboard.wait_for(lambda: "dieses Konto darf es nicht sehen" in keyboard.text, "the missing right")
    assert "poststelle" in keyboard.text.partition("Sehen dürfen es:")[2].partition(".")[0]


def test_what_is_not_theirs_never_came_for_them(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """A clerk of another office learns nothing of it, and cannot ask for other accounts."""
    receipt = hall.deliver(a_mail("Gartenhaus"))["receipt"]
    sign_in(hall, address, keyboard, "kasse")
    ask(keyboard, address, receipt, "Hier ist nichts eingegangen, was Sie sehen dürfen.")
    assert "Warum findet dieses Konto" not in keyboard.text
