"""The desk in a browser, by keyboard alone."""

from datetime import UTC, datetime

import pytest

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall, a_mail
from tests.component.dead import dead_letter

pytestmark = pytest.mark.browser


def test_a_clerk_signs_in_searches_opens_and_files_by_keyboard(
    hall: CityHall, address: str, keyboard: Keyboard
) -> None:
    """From the one-time link to the register entry, without a mouse, without a complaint of the browser."""
    told = hall.deliver(
        a_mail("Bauantrag Gartenhaus", "Wir bitten um Genehmigung.", attached="Der Lageplan liegt bei.")
    )
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)

    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.enter("Abmelden", "Sie sind abgemeldet.")

    keyboard.write_here("berg")
    keyboard.write("Kennwort", PASSWORD)
    keyboard.enter("Anmelden", "1 Dokument wartet")
    keyboard.enter("Suche", "Suchwörter")

    keyboard.write_here("Lageplan")
    keyboard.enter("Suchen", "1 Dokument")
    keyboard.enter("Bauantrag Gartenhaus", "Verlauf")
    keyboard.enter("Entscheiden", "Ganzes Dokument")
    keyboard.enter("Ganzes Dokument", "Text von anlage.txt")
    keyboard.enter("Text von anlage.txt", "Der Lageplan liegt bei.")
    assert told["receipt"] in keyboard.text

    keyboard.enter("Posteingang", "1 Dokument wartet")
    keyboard.enter("Bauantrag Gartenhaus", "Neue Akte unter")
    keyboard.write("Neue Akte unter", "52.10")
    keyboard.enter("Akte anlegen und ablegen", "Abgelegt unter 52.10/1-")
    assert "Die Entscheidung ist gespeichert." in keyboard.text
    keyboard.enter(f"52.10/1-{datetime.now(UTC).year}-001", "Verzeichnis")
    keyboard.enter("Akten unter 52.10", "1 Akte")
    assert keyboard.complaints() == []


def test_an_administrator_replays_by_keyboard(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """From the status page to what is dead, narrowed, counted and put before its service again."""
    told = hall.deliver(a_mail())
    dead_letter(hall, told["document"])
    token = hall.access.add_account("berg", rights=("search", "administer"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.enter("Verwaltung", "Status")
    keyboard.enter("Status", "Warteschlangen")
    keyboard.enter("Verwaltung", "Verarbeitungsfehler")
    keyboard.enter("Verarbeitungsfehler", "1 Verarbeitungsfehler")
    keyboard.enter("1 erneut vorlegen", "Wird erneut bearbeitet.")
    assert hall.replayed() == 1
    assert keyboard.complaints() == []


def test_pages_fit_a_narrow_view(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """At 320 pixels (WCAG 2.2, 1.4.10) nothing is cut off and nobody scrolls sideways."""
    told = hall.deliver(a_mail("Bauantrag" * 12, "Wort" * 90, attached="ein Plan", name="Lageplan" * 9 + ".txt"))
    token = hall.access.add_account("berg", rights=("search", "decide", "administer"), all_offices=True)
    keyboard.width(320)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.open(f"{address}/posteingang/{told['document']}")
    keyboard.write("Neue Akte unter", "52.10")
    keyboard.enter("Akte anlegen und ablegen", "Abgelegt unter 52.10/1-")
    dead_letter(hall, told["document"])
    document, receipt = told["document"], told["receipt"]
    paths = [f"/dokumente/{document}", "/posteingang", f"/posteingang/{document}", f"/eingang?nummer={receipt}"]
    for path in (
        "/suche",
        "/suche?q=Bauantrag*",
        "/suche?q=%22offen",
        "/status",
        "/probleme",
        "/liegengeblieben",
        "/anmelden",
        "/akten?stelle=52.10",
        f"/akten/52.10/1-{datetime.now(UTC).year}",
        *paths,
    ):
        keyboard.open(f"{address}{path}")
        assert keyboard.overflow() <= 0, path
