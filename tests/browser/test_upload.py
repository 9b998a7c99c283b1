"""Files are brought in from the desk: chosen, dragged onto the page, from a phone, and without scripts."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PASSWORD, CityHall

pytestmark = pytest.mark.browser

DROP = """
const carried = new DataTransfer();
for (const [name, text] of arguments[0]) carried.items.add(new File([text], name, {type: "text/plain"}));
for (const kind of ["dragover", "drop"]) {
  const facts = {dataTransfer: carried, bubbles: true, cancelable: true};
  document.getElementById("upload").dispatchEvent(new DragEvent(kind, facts));
}
"""


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody who brings post in, at the page for it."""
    token = hall.access.add_account("berg", rights=("deliver", "search"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(1280, 800)
    keyboard.enter("Hochladen", "Dateien können auch hierher gezogen werden.")
    return keyboard


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files on the clerk's computer."""
    made = [tmp_path / "Antrag.txt", tmp_path / "Anlage.txt"]
    for number, file in enumerate(made):
        file.write_text(f"Antrag auf Fernwaerme, Blatt {number}", encoding="utf-8")
    return made


def found(hall: CityHall, word: str) -> int:
    """How many documents say so."""
    return int(hall.key("search", all_offices=True).get(f"{API}/search?q={word}").json()["total"])


def choose(clerk: Keyboard, label: str, files: list[Path]) -> None:
    """Name files in the field with this label, as a dialog of the system does."""
    clerk.go_to(label)
    clerk.focused.send_keys("\n".join(map(str, files)))


def test_chosen_files_go_one_by_one(hall: CityHall, address: str, clerk: Keyboard, files: list[Path]) -> None:
    """Each has its receipt, which leads to what became of it; how many are done is said, and where the focus is."""
    choose(clerk, "Dateien", files)
    clerk.go_to("Hochladen")
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "2 von 2 Dateien hochgeladen" in clerk.text, "both files")
    assert clerk.focused.text == "Übertragung"
    assert not clerk.is_shown("progress")
    clerk.wait_for(lambda: found(hall, "Fernwaerme") == 2, "what was sent")
    clerk.follow("#sent a")
    clerk.wait_for(lambda: "Verlauf" in clerk.text, "the way of the letter")
    assert clerk.address.startswith(f"{address}/eingang?nummer=")
    assert clerk.complaints() == []


def test_files_are_dragged_onto_the_page(hall: CityHall, chromium: Chrome, clerk: Keyboard) -> None:
    """They go at once; what is empty is named and not sent."""
    chromium.execute_script(DROP, [["Foto.txt", "Ein Schlagloch"], ["leer.txt", ""]])
    clerk.wait_for(lambda: "1 von 2 Dateien hochgeladen, 1 nicht angenommen" in clerk.text, "the one that is a file")
    assert "Die Datei ist leer." in clerk.text
    clerk.wait_for(lambda: found(hall, "Schlagloch") == 1, "what was sent")


def test_what_was_cut_off_is_sent_again(hall: CityHall, chromium: Chrome, clerk: Keyboard) -> None:
    """The file keeps its name for this sending: once more is one delivery."""
    chromium.execute_cdp_cmd("Network.enable", {})
    chromium.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/api/v1/scans/*"]})
    chromium.execute_script(DROP, [["Foto.txt", "Ein Schlagloch"]])
    clerk.wait_for(lambda: "Die Verbindung ist abgebrochen." in clerk.text, "the reason")
    chromium.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    clerk.go_to("Noch einmal")
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "1 von 1 Datei hochgeladen" in clerk.text, "the file")
    assert "abgebrochen" not in clerk.text
    clerk.wait_for(lambda: found(hall, "Schlagloch") == 1, "what was sent")


def test_without_scripts_and_on_a_phone(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, files: list[Path]
) -> None:
    """The form takes several files together; a phone offers its camera, a desk does not."""
    assert not clerk.is_shown("#camera")
    clerk.without_scripts()
    clerk.width(390, 844)
    chromium.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    clerk.open(f"{address}/hochladen")
    clerk.wait_for(lambda: clerk.is_shown("#camera"), "the camera")
    assert clerk.overflow() <= 0
    choose(clerk, "Dateien", files)
    clerk.enter("Hochladen", "2 von 2 Dateien angenommen")
    clerk.wait_for(lambda: found(hall, "Fernwaerme") == 2, "what was sent")
