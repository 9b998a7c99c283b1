"""The plan, accounts and keys in a browser, by keyboard alone."""

import pytest
from selenium.webdriver import Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """An administrator has just set the password."""
    token = hall.access.add_account("amsel", rights=("search", "decide", "administer"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    return keyboard


def test_the_plan_is_unfolded_and_searched_by_keyboard(signed_in: Keyboard) -> None:
    """Enter unfolds a group and shows a position beside the tree; the search shows the place of what it finds."""
    signed_in.enter("Aktenplan", "Fassung 1")
    assert "Baugenehmigungen" not in signed_in.text
    plan = signed_in.address
    signed_in.enter("52 Bauordnung (1)", "52.10 Baugenehmigungen")
    signed_in.enter("52.10 Baugenehmigungen", "Aufbewahrung")
    signed_in.open(plan)
    signed_in.write_here("gebüh")
    signed_in.enter("Suchen", "1 Position gefunden")
    assert "20.1 Gebühren" in signed_in.text
    assert "Bauordnung" not in signed_in.text
    assert signed_in.complaints() == []


def test_accounts_and_keys_are_kept_by_keyboard(hall: CityHall, signed_in: Keyboard) -> None:
    """Making an account, disabling it, making a key and withdrawing it, without a mouse."""
    signed_in.enter("Verwaltung", "Konten")
    signed_in.enter("Konten", "Neues Konto")
    signed_in.write("Name", "berg")
    signed_in.go_to("Bauamt")
    signed_in.press(Keys.SPACE)
    signed_in.enter("Konto anlegen", "Einmal-Link für berg")
    signed_in.enter("berg", "Konto berg")
    signed_in.go_to("gesperrt (meldet die Person überall ab)")
    signed_in.press(Keys.SPACE)
    signed_in.enter("Änderungen speichern", "Das Konto ist geändert.")
    account = next(a for a in hall.access.everybody.accounts if a.name == "berg")
    assert (account.disabled, account.offices) == (True, ("bauamt",))

    signed_in.enter("Schlüssel der Maschinen", "Neuer Schlüssel")
    signed_in.write("Quelle", "scanner-1")
    signed_in.enter("Schlüssel ausgeben", "Der neue Schlüssel")
    key = next(k for k in hall.access.everybody.keys if k.source == "scanner-1")
    signed_in.enter(key.id, "Die Maschine wird ab sofort abgewiesen.")
    signed_in.enter("Schlüssel zurückziehen", "Der Schlüssel ist zurückgezogen.")
    assert next(k for k in hall.access.everybody.keys if k.source == "scanner-1").revoked
    assert signed_in.complaints() == []


def test_the_pages_fit_a_narrow_view(hall: CityHall, address: str, signed_in: Keyboard) -> None:
    """At 320 pixels (WCAG 2.2, 1.4.10) nobody scrolls sideways."""
    hall.access.add_account("b" * 90, rights=("search", "decide", "deliver", "administer"), offices=("bauamt",))
    hall.access.add_key("scanner-" + "x" * 50, rights=("deliver", "search"))
    account, key = hall.access.everybody.accounts[-1].id, hall.access.everybody.keys[-1].id
    signed_in.width(320)
    for path in ("/aktenplan?q=bau", "/konten", f"/konten/{account}", "/schluessel", f"/schluessel/{key}"):
        signed_in.open(f"{address}{path}")
        assert signed_in.overflow() <= 0, path
