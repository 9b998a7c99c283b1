"""Marks lie on the words of a page's picture, turn and grow with it, and are there without scripts."""

import io
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image, ImageDraw
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.actions.action_builder import ActionBuilder

from services.core.ports.ocr_engine import Look, PagePicture
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall

pytestmark = pytest.mark.browser

SCAN = b"PICTURE\fErstes Blatt\fDer Kanal ist undicht\fLetztes Blatt"
WIDTH, HEIGHT = 960, 1_358
BOXES = """
return [...document.querySelectorAll(".sheet img")].map((one) => {
  const {left, top, width, height} = one.getBoundingClientRect();
  return [left, top, width, height, one.complete && one.naturalWidth > 0];
});
"""


@pytest.fixture
def document(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> str:
    """A scan whose pages are drawn: each word is a grey bar, a tenth of the page high, where it is told to stand."""

    def drawn(content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        del media_type
        pages = content.read().split(b"\f")[1:]
        page = Image.new("RGB", (WIDTH, HEIGHT), "white")
        for at, _ in enumerate(pages[look.number - 1].split()):
            box = (0, at * HEIGHT // 10 + 20, WIDTH // 2, (at + 1) * HEIGHT // 10 - 20)
            ImageDraw.Draw(page).rectangle(box, fill="#b0b0b0")
        file = io.BytesIO()
        page.rotate(-look.turn, expand=True).save(file, "WEBP")
        return PagePicture(page_count=len(pages), content=file.getvalue())

    monkeypatch.setattr(hall.ports.ocr, "show_page", drawn)
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=SCAN, headers=headers)
    return str(answer.json()["document"])


@pytest.fixture
def clerk(clerk: Keyboard) -> Keyboard:
    """Before a screen as high as a page."""
    clerk.width(1280, 1_400)
    return clerk


def colour(chromium: Chrome, across: float, down: float) -> tuple[int, ...]:
    """Of the page's picture as the screen shows it, so far across and down."""
    left, top, width, height, _ = chromium.execute_script(BOXES)[0]
    shown = Image.open(io.BytesIO(chromium.get_screenshot_as_png())).convert("RGB")
    found = shown.getpixel((round(left + across * width), round(top + down * height)))
    assert isinstance(found, tuple)
    return found


def is_yellow(found: tuple[int, ...]) -> bool:
    """Whether something yellow lies there."""
    red, _, blue = found[:3]
    return red - blue > 30


def test_a_hit_is_marked_where_it_stands(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, document: str, tmp_path: Path
) -> None:
    """From the search to page two; the second of four words is yellow, the others are not; so also turned."""
    del hall
    clerk.open(f"{address}/suche")
    clerk.write_here("Kanal")
    clerk.press(Keys.ENTER)
    clerk.wait_for(lambda: "1 Dokument" in clerk.text, "the hit")
    clerk.follow(f'a[href^="/dokumente/{document}"]')
    clerk.wait_for(lambda: "Seite 2 von 3" in clerk.text, "the page of the hit")
    clerk.wait_for(clerk.pictures_are_there, "page and marks")
    page, marks = chromium.execute_script(BOXES)
    assert all(abs(one - other) <= 2 for one, other in zip(page[:4], marks[:4], strict=True))
    assert is_yellow(colour(chromium, 0.25, 0.15))
    assert not is_yellow(colour(chromium, 0.25, 0.05))
    assert not is_yellow(colour(chromium, 0.75, 0.15))
    clerk.picture(tmp_path / "marks.png")
    clerk.open(clerk.address + "&teil=0&seite=2&drehen=90")
    clerk.wait_for(clerk.pictures_are_there, "page and marks")
    assert is_yellow(colour(chromium, 0.85, 0.25))
    assert not is_yellow(colour(chromium, 0.15, 0.25))
    assert clerk.complaints() == []


def test_marks_need_no_scripts_and_fit_a_phone(address: str, chromium: Chrome, clerk: Keyboard, document: str) -> None:
    """At 390 pixels, without scripts, they lie on the page."""
    clerk.width(390, 844)
    clerk.without_scripts()
    clerk.open(f"{address}/dokumente/{document}?treffer=Kanal")
    clerk.wait_for(lambda: "Seite 2 von 3" in clerk.text, "the page")
    assert clerk.overflow() <= 0
    clerk.go_to("Scan")
    clerk.wait_for(lambda: bool(chromium.execute_script(BOXES)[1][4]), "the marks")


def test_leafing_keeps_the_marks(address: str, chromium: Chrome, clerk: Keyboard, document: str) -> None:
    """The next page is marked by the same words, without a new page."""
    clerk.open(f"{address}/dokumente/{document}?treffer=Blatt")
    clerk.wait_for(lambda: "Seite 1 von 3" in clerk.text, "the first page")
    chromium.execute_script("window.same = true")
    clerk.enter("Nächste Seite", "Seite 2 von 3")
    clerk.enter("Nächste Seite", "Seite 3 von 3")
    clerk.wait_for(clerk.pictures_are_there, "page and marks")
    assert "pages/3/marks.svg?wort=Blatt" in chromium.page_source
    assert is_yellow(colour(chromium, 0.25, 0.15))
    assert chromium.execute_script("return window.same") is True


def test_words_are_selected_on_the_picture(address: str, chromium: Chrome, clerk: Keyboard, document: str) -> None:
    """A double click marks the word that is seen there, on a turned page, too; Ctrl and A mark all of the page."""
    selected = "return window.getSelection().toString().trim()"
    clerk.open(f"{address}/dokumente/{document}?teil=0&seite=2")
    clerk.wait_for(lambda: "Seite 2 von 3" in clerk.text, "the page")
    for turned, across, down in (("", 0.25, 0.15), ("&drehen=90", 0.85, 0.25)):
        clerk.open(f"{address}/dokumente/{document}?teil=0&seite=2{turned}")
        clerk.wait_for(clerk.pictures_are_there, "the page")
        clerk.go_to("Scan")
        clerk.wait_for(lambda: clerk.is_shown(".words text"), "the words")
        left, top, width, height, _ = chromium.execute_script(BOXES)[0]
        mouse = ActionBuilder(chromium)
        place = round(left + across * width), round(top + down * height)
        mouse.pointer_action.move_to_location(*place)  # type: ignore[no-untyped-call]
        mouse.pointer_action.double_click()
        mouse.perform()
        assert chromium.execute_script(selected) == "Kanal"
    clerk.press_with(Keys.CONTROL, "a")
    assert chromium.execute_script(selected).split() == ["Der", "Kanal", "ist", "undicht"]
    assert clerk.complaints() == []
