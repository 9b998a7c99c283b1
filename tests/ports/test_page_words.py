"""Where words stand: recognised ones and letters of a PDF, on the page as it is shown, whichever way it lies."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine, language
from services.core.ports.ocr_engine import WHOLE, Look, OcrEngine, PageWord
from tests.ports import files

pytestmark = pytest.mark.xdist_group("ocr")

CACHE = Path("~/.cache/poststelle")
LINES = ("Sehr geehrte Frau Weiß,", "die Straße ist ab Montag gesperrt.", "Mit freundlichen Grüßen")
NEAR = WHOLE // 50


@pytest.fixture(scope="module")
def engine() -> Iterator[OcrEngine]:
    """One worker, with German data."""
    assert language.prepare("deu", print, cache=CACHE) is None
    made = TesseractOcrEngine(cache=CACHE, limits=OcrLimits(workers=1))
    yield made
    made.close()


def recognised(engine: OcrEngine, content: bytes) -> dict[str, PageWord]:
    """The words of the first page, each once."""
    (page,) = engine.read_pages(io.BytesIO(content), media_type="", first=1, last=1).pages
    return {word.text: word for word in page.words}


def lettered(engine: OcrEngine, content: bytes) -> dict[str, PageWord]:
    """The same by the letters that lie on the page."""
    seen = engine.page_words(io.BytesIO(content), media_type="application/pdf", number=1)
    assert seen.problem is None
    return {word.text: word for word in seen.words}


def is_near(first: PageWord, second: PageWord) -> bool:
    """Whether both stand at the same place of a page, as the eye sees it."""
    pairs = zip((first.left, first.top), (second.left, second.top), strict=True)
    return all(abs(one - other) < NEAR for one, other in pairs)


def inked(engine: OcrEngine, content: bytes) -> tuple[int, ...]:
    """Left, top, right and bottom of what stands on the first page, as it is drawn."""
    shown = engine.show_page(io.BytesIO(content), media_type="", look=Look(number=1, width=1_920))
    page = Image.open(io.BytesIO(shown.content)).convert("L").point(lambda light: 255 * (light < 128))
    sides = zip(page.getbbox() or (), (*page.size, *page.size), strict=True)
    return tuple(round(at * WHOLE / size) for at, size in sides)


def test_recognised_words_have_their_places(engine: OcrEngine) -> None:
    """In reading order: later lines lie lower, words of a line side by side, and all of them on the page."""
    words = recognised(engine, files.picture(files.scan(*LINES), dpi=(200, 200)))
    assert {"Straße", "Montag", "Grüßen"} <= set(words)
    assert words["geehrte"].top < words["Straße"].top < words["Grüßen"].top
    assert abs(words["Straße"].top - words["Montag"].top) < NEAR
    assert words["Straße"].left < words["Montag"].left
    for word in words.values():
        assert 0 <= word.left < word.left + word.width <= WHOLE
        assert 0 <= word.top < word.top + word.height <= WHOLE


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_words_of_a_turned_page_stand_where_it_shows_them(engine: OcrEngine, degrees: int) -> None:
    """The page was turned to be read; its picture was not, so the marks must not be either."""
    upright = recognised(engine, files.picture(files.scan(*LINES), dpi=(200, 200)))["Straße"]
    turned = files.scan(*LINES).rotate(degrees, expand=True)  # against the clock
    word = recognised(engine, files.picture(turned, dpi=(200, 200)))["Straße"]
    left, top, width, height = upright.left, upright.top, upright.width, upright.height
    expected = {
        90: PageWord("", top, WHOLE - left - width, height, width),
        180: PageWord("", WHOLE - left - width, WHOLE - top - height, width, height),
        270: PageWord("", WHOLE - top - height, left, height, width),
    }[degrees]
    assert is_near(word, expected)
    assert abs(word.width - expected.width) < NEAR


def test_letters_of_a_pdf_have_their_places(engine: OcrEngine) -> None:
    """Both ways of looking at the same page agree; a page that does not exist has none."""
    content = files.pdf("Straßensperrung am Montag")
    letters = lettered(engine, content)
    assert {"Straßensperrung", "am", "Montag"} == set(letters)
    layer = recognised(engine, content)
    assert all(is_near(letters[text], layer[text]) for text in letters)
    assert letters["Straßensperrung"].left < letters["am"].left < letters["Montag"].left
    beyond = engine.page_words(io.BytesIO(content), media_type="application/pdf", number=9)
    assert (beyond.page_count, beyond.words) == (1, ())


def test_letters_stand_where_the_picture_shows_ink(engine: OcrEngine) -> None:
    """Also on a page that a PDF says to be turned: what is compared is the page as it is drawn."""
    for turn in (0, 90, 180, 270):
        content = files.turned_pdf("Montag", turn)
        word = lettered(engine, content)["Montag"]
        left, top, right, bottom = inked(engine, content)
        assert abs(word.left - left) < NEAR, turn
        assert abs(word.top - top) < NEAR, turn
        assert abs(word.left + word.width - right) < NEAR, turn
        assert abs(word.top + word.height - bottom) < NEAR, turn


def test_what_is_no_pdf_has_no_letters(engine: OcrEngine) -> None:
    """A picture has none, and broken bytes are a problem of the document."""
    picture = engine.page_words(io.BytesIO(files.picture(files.scan("x"))), media_type="image/png", number=1)
    assert (picture.words, picture.problem) == ((), None)
    broken = engine.page_words(io.BytesIO(b"%PDF-1.7 halb"), media_type="application/pdf", number=1)
    assert broken.problem == "broken"
