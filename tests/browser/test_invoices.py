"""The view of an invoice in a browser, by keyboard alone, on a narrow screen and on paper."""

from decimal import Decimal

import pytest

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl

pytestmark = pytest.mark.browser

ATTACK = '"><script>document.title="böse"</script><img src=x onerror="document.title=1">'


def signed_in(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """A clerk of the mail room at the search."""
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)


def test_a_clerk_reads_an_invoice_by_keyboard(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """From the Posteingang to the view and its check, without a mouse and without a complaint of the browser."""
    hall.scan(ubl(Made(number="RE-4711")), "rechnung.xml")
    signed_in(hall, address, keyboard)
    keyboard.enter("Posteingang", "1 Dokument wartet")
    keyboard.enter("Rechnung RE-4711 ansehen", "Zu zahlen")
    for words in ("Papierhaus Lindner GmbH", "117,80 EUR", "23.12.2026", "Die Prüfung hat nichts gefunden."):
        assert words in keyboard.text
    keyboard.enter("Zum Dokument", "Verlauf")
    assert keyboard.complaints() == []


def test_a_hostile_invoice_is_only_words(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """What a stranger writes into any field neither runs nor is lost."""
    made = Made(number="RE-1", seller=ATTACK, buyer=ATTACK, lines=(Line(ATTACK, Decimal(1), Decimal(1)),))
    document = hall.scan(ubl(made), "rechnung.xml")["document"]
    signed_in(hall, address, keyboard)
    keyboard.open(f"{address}/dokumente/{document}/rechnungen/0")
    assert keyboard.title == "Rechnung RE-1 – Poststelle"  # noqa: RUF001  # the dash of the title
    assert "<script>" in keyboard.text
    assert keyboard.complaints() == []


def test_the_view_fits_a_narrow_screen_and_a_sheet_of_paper(hall: CityHall, address: str, keyboard: Keyboard) -> None:
    """At 320 pixels nobody scrolls sideways but inside a table; on paper there is the invoice and nothing to click."""
    document = hall.scan(ubl(Made(seller="Papierhaus" * 12)), "rechnung.xml")["document"]
    signed_in(hall, address, keyboard)
    keyboard.width(320)
    keyboard.open(f"{address}/dokumente/{document}/rechnungen/0")
    assert keyboard.overflow() <= 0
    shown = {selector: keyboard.display_of(selector, media="print") for selector in (".top", ".actions", ".invoice")}
    assert (shown[".top"], shown[".actions"]) == ("none", "none")
    assert shown[".invoice"] != "none"
