"""The search page by keyboard and on a phone: facets, what is lacking, what was meant, what is kept and given out."""

import zipfile
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall, a_mail

pytestmark = pytest.mark.browser


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in; there are three letters about fences and one about a gate."""
    for number in range(3):
        hall.deliver(a_mail(f"Gartenzaun {number}", f"Der Gartenzaun steht schief, zum {number}. Mal."))
    hall.deliver(a_mail("Hoftor", "Das Hoftor klemmt.", sender="eva@beispiel.test"))
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    return keyboard


@pytest.mark.parametrize("width", [360, 1280])
def test_a_facet_is_chosen_and_taken_back_by_keyboard(clerk: Keyboard, address: str, *, width: int) -> None:
    """The sender of one of four letters is chosen: one letter is left; taken back, there are four again."""
    clerk.width(width)
    clerk.open(f"{address}/suche?q=Gartenzaun+ODER+Hoftor")
    assert "4 Dokumente" in clerk.text
    clerk.go_to("Treffer eingrenzen")
    clerk.press(Keys.ENTER)
    assert clerk.is_shown("#spread .facet")
    assert clerk.overflow() == 0
    clerk.enter("eva@beispiel.test", "1 Dokument")
    assert "Absender: eva@beispiel.test" in clerk.text
    clerk.enter("Absender eva@beispiel.test entfernen", "4 Dokumente")
    assert clerk.overflow() == 0
    assert clerk.complaints() == []


def test_what_a_hit_lacks_and_what_may_have_been_meant_is_said(clerk: Keyboard, address: str) -> None:
    """A word that stands nowhere is named beside the hit; one that is spelled nearly like another leads to it."""
    clerk.open(f"{address}/suche?q=Gartenzaun+Xylophon")
    assert "ohne: Xylophon" in clerk.text
    clerk.open(f"{address}/suche?q=Gartenzuan")
    assert "Meinten Sie" in clerk.text
    clerk.enter("Gartenzaun", "3 Dokumente")
    assert "Meinten Sie" not in clerk.text


def test_a_saved_search_tells_what_is_new(hall: CityHall, clerk: Keyboard, address: str) -> None:
    """Saved under its hits; a letter later the search page says so, and what was seen is news no more."""
    clerk.open(f"{address}/suche?q=Gartenzaun")
    clerk.go_to("Suche speichern, Liste herunterladen")
    clerk.press(Keys.ENTER)
    clerk.enter("Suche speichern", "Die Suche ist gespeichert.")
    assert "Nichts Neues" in clerk.text
    hall.deliver(a_mail("Noch ein Gartenzaun", "Auch dieser Gartenzaun steht schief."))
    clerk.open(f"{address}/suche")
    clerk.enter("1 gespeicherte Suche mit neuen Treffern", "1 neuer Treffer")
    clerk.enter("1 neuer Treffer", "Noch ein Gartenzaun")
    clerk.width(360)
    assert clerk.overflow() == 0
    clerk.enter("Als gesehen merken", "Als gesehen vermerkt.")
    assert "Nichts Neues" in clerk.text
    clerk.enter("Suche Gartenzaun entfernen", "Noch ist keine Suche gespeichert.")
    assert clerk.complaints() == []


def test_a_list_and_the_documents_are_downloaded(
    clerk: Keyboard, chromium: Chrome, address: str, tmp_path: Path
) -> None:
    """By keyboard from the page into files: the table names each hit, the zip holds each document."""
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    clerk.open(f"{address}/suche?q=Gartenzaun")
    clerk.go_to("Suche speichern, Liste herunterladen")
    clerk.press(Keys.ENTER)
    for label, ending in (("Liste als Tabelle (CSV)", ".csv"), ("Dokumente als ZIP-Archiv", ".zip")):
        clerk.go_to(label)
        clerk.press(Keys.ENTER)
        clerk.wait_for(lambda ending=ending: any(tmp_path.glob(f"poststelle-*{ending}")), label)  # type: ignore[misc]  # bound
    [table], [packed] = tmp_path.glob("*.csv"), tmp_path.glob("*.zip")
    assert table.read_text("utf-8-sig").count("Gartenzaun") == 3
    with zipfile.ZipFile(packed) as files:
        assert sum(name.startswith("dokumente/") for name in files.namelist()) == 3
