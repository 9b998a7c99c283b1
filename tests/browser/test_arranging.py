"""Pages of a scan are arranged in a browser: by keys alone, without scripts, and on a phone."""

import pytest
from selenium.webdriver import Keys

from services.core.model import record
from tests.browser.keyboard import Keyboard
from tests.component.city_hall import CityHall
from tests.component.piles import found, parts_of, scanned
from tests.fakes.readers import SHEETS

pytestmark = pytest.mark.browser

LETTERS = SHEETS + b"Antrag Ahorn\fAnlage Lageplan\fWiderspruch Birke\fAnlage Foto"


def laid(hall: CityHall, scan: str) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Pages and turns of each document."""
    parts = [part.receipts[0].part_of for part in parts_of(hall, scan)]
    return [(part.pages, part.turns) for part in parts if part]


def split(clerk: Keyboard) -> None:
    """Say that a document begins with page 3, and that page 4 lies upside down."""
    clerk.go_to("Neues Schriftstück ab Seite 3")
    clerk.press(Keys.SPACE)
    clerk.go_to("Seite 4 drehen")
    clerk.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)


def test_a_scan_is_split_and_a_page_turned_by_keys(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """T lays the pages out, a preview shows what comes of it, and it is taken back from the scan's page."""
    scan = scanned(hall, LETTERS)
    clerk.open(f"{address}/posteingang")
    clerk.wait_for(lambda: "1 Dokument wartet" in clerk.text, "the letter")
    clerk.press("t")
    clerk.wait_for(lambda: "Der Scan hat 4 Seiten." in clerk.text, "the pages")
    split(clerk)
    clerk.enter("Vorschau", "Schriftstück 2")
    assert "Sie bilden 2 Schriftstücke." in clerk.text
    clerk.enter("Übernehmen", "Die Seiten werden neu geordnet.")
    assert laid(hall, scan) == [((1, 2), ()), ((3, 4), (0, 180))]
    clerk.enter("Neuordnung zurücknehmen", "liegt wieder im Posteingang")
    assert record.standing(found(hall, scan)).state == "held"
    assert clerk.complaints() == []


def test_it_needs_no_scripts(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """The same by Tab, Space and Enter; a page gets another place by its number."""
    scan = scanned(hall, LETTERS)
    clerk.without_scripts()
    clerk.open(f"{address}/posteingang/{scan}")
    clerk.enter("Seiten ordnen", "Der Scan hat 4 Seiten.")
    split(clerk)
    clerk.write("Platz von Seite 4", "1")
    clerk.enter("Übernehmen", "Die Seiten werden neu geordnet.")
    assert laid(hall, scan) == [((4, 1, 2), (180, 0, 0)), ((3,), ())]


def test_it_fits_on_a_phone(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """At 390 and at 320 pixels nobody scrolls sideways, and everything is reached."""
    scan = scanned(hall, LETTERS)
    for width in (390, 320):
        clerk.width(width, 844)
        clerk.open(f"{address}/posteingang/{scan}/seiten")
        assert clerk.overflow() <= 0
    assert clerk.unreached() == []
