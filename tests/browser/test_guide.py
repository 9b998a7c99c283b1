"""A clerk's day in the demo, by keyboard alone; its pictures are those of `docs/sachbearbeitung.md`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium.webdriver import Keys

from tests.browser.camera import HEIGHT, WIDTH, Camera
from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD
from tests.journeys.demo_instance import DemoInstance

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

CLERK = "h.berg"
LARGEST_SCAN = 220_000
"""With the grain of real paper in it, which no format makes small without loss."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoInstance]:
    """A mail room with the post of the demo."""
    with DemoInstance(tmp_path_factory.mktemp("demo")) as process:
        yield process


def test_a_clerks_day(demo: DemoInstance, keyboard: Keyboard, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Set a password, sign in, search, open, look through the Posteingang, file, and ask where a letter is."""
    keyboard.width(WIDTH, HEIGHT)
    camera = Camera(keyboard, request.config.getoption("--screenshots") or tmp_path)
    _sign_in(demo, keyboard, camera)
    _search_and_open(demo, keyboard, camera)
    _file(keyboard, camera)
    keyboard.open(f"{demo.url}/eingang")
    keyboard.write_here(demo.note.receipts["fassade"].lower())
    keyboard.enter("Nachsehen", "Verlauf")
    camera.take("eingangsnummer")
    assert keyboard.complaints() == []


def _sign_in(demo: DemoInstance, keyboard: Keyboard, camera: Camera) -> None:
    rights = {"name": CLERK, "rights": ["search", "decide"], "all_offices": True}
    keyboard.open(demo.ask("POST", "/accounts", json=rights)["link"])
    keyboard.write_here(PASSWORD)
    keyboard.write("Kennwort wiederholen", PASSWORD)
    keyboard.enter("Kennwort setzen und anmelden", "Das Kennwort ist gesetzt.")
    keyboard.enter("Abmelden", "Sie sind abgemeldet.")
    keyboard.open(f"{demo.url}/anmelden")
    keyboard.write_here(CLERK)
    camera.take("anmelden")
    keyboard.write("Kennwort", PASSWORD)
    keyboard.enter("Anmelden", "Dokumente warten")
    keyboard.enter("Suche", "Suchwörter")


def _search_and_open(demo: DemoInstance, keyboard: Keyboard, camera: Camera) -> None:
    keyboard.write_here(demo.note.files["carport"])
    keyboard.enter("Suchen", "5 Dokumente")  # the answer of the procedure is one of them
    camera.take("suche")
    keyboard.enter(f"Akte {demo.note.files['carport']}", "Verzeichnis")
    camera.take("akte")
    keyboard.open(f"{demo.url}/suche")
    keyboard.write_here("Geschiebemergel")
    keyboard.enter("Suchen", "1 Dokument")
    keyboard.enter("WG: Unterlagen zum Neubau", "Verlauf")
    keyboard.enter("Text von Baugrundgutachten.pdf", "Eine Flachgründung ist möglich.")
    camera.take("dokument")
    keyboard.open(f"{demo.url}/suche")
    keyboard.write_here("Streuobstwiese")
    keyboard.enter("Suchen", "1 Dokument")
    document = demo.ask("GET", f"/receipts/{demo.note.receipts['streuobstwiese']}")["document"]
    keyboard.enter(demo.ask("GET", f"/documents/{document}")["title"], "Verlauf")
    keyboard.wait_for(keyboard.pictures_are_there, "the page")
    camera.take("scan", largest=LARGEST_SCAN)


def _file(keyboard: Keyboard, camera: Camera) -> None:
    keyboard.enter("Posteingang", "36 Dokumente warten")
    camera.take("posteingang")
    keyboard.enter("Anstrich der Fassade am Fachwerkhaus", "Neue Akte unter")
    camera.take("entscheiden")
    _handle(keyboard, camera)
    keyboard.enter("Neue Akte 52.20.02 Erlaubnisse an Denkmälern", "Das Dokument wird gleich abgelegt.")
    camera.take("rueckgaengig")
    keyboard.go_to("Ansehen")
    keyboard.press(Keys.ENTER)
    known = ("Eine Entscheidung ist vorgemerkt", "Abgelegt unter")  # on a busy machine the picture takes its time
    keyboard.wait_for(lambda: any(one in keyboard.text for one in known), "the letter")
    keyboard.wait_for(lambda: _looked_again(keyboard, "Abgelegt unter 52.20.02/1-"), "the entry")
    camera.take("abgelegt")


def _handle(keyboard: Keyboard, camera: Camera) -> None:
    """A note, a day to look again and a person, all beside the letter."""
    keyboard.press("c")
    keyboard.press("Farbmuster angefordert, es kommt Mitte Dezember.")
    keyboard.enter("Notiz speichern", "Die Notiz ist gespeichert.")
    keyboard.press("m")
    keyboard.wait_for(lambda: "Bearbeitet von h.berg" in " ".join(keyboard.text.split()), "the person")
    keyboard.press("w")
    keyboard.press(f"1512{datetime.now(UTC).year + 1}")
    keyboard.enter("Vormerken", "Die Wiedervorlage ist vermerkt.")
    keyboard.show(".handling")
    camera.take("bearbeitung")


def _looked_again(keyboard: Keyboard, expected: str) -> bool:
    """Whether it is there once the page is loaded anew."""
    keyboard.open(keyboard.address)
    return expected in keyboard.text
