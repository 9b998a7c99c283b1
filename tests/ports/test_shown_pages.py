"""What an `OcrEngine` promises of pages that people look at."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.core.ports.ocr_engine import OcrEngine, PagePicture
from tests.ports import files

pytestmark = pytest.mark.xdist_group("ocr")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OcrEngine]:
    """One that has no language data and cannot read: showing needs none."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    made = TesseractOcrEngine(nowhere, cache=Path(nowhere), limits=OcrLimits(workers=1, max_bytes=40_000_000))
    assert not made.ready()
    yield made
    made.close()


def show(engine: OcrEngine, content: bytes, number: int = 1) -> PagePicture:
    """A page of these bytes."""
    return engine.show_page(io.BytesIO(content), media_type="application/octet-stream", number=number)


def seen(picture: PagePicture) -> Image.Image:
    """What a browser would show."""
    assert picture.problem is None
    return Image.open(io.BytesIO(picture.png), formats=("PNG",)).convert("RGB")


def test_each_page_of_a_pdf_is_shown_in_colour(engine: OcrEngine) -> None:
    """About 1,400 pixels long; a red stamp stays red; a page that is not there has no picture."""
    stamped = files.scan("Eingegangen", ink="red")
    content = files.picture(stamped, files.scan("zwei", ink="blue"), kind="PDF", resolution=200)
    red, blue = seen(show(engine, content, 1)), seen(show(engine, content, 2))
    assert max(red.size) == max(blue.size) == pytest.approx(1_400, abs=2)
    assert _inks(red) == {"red"}
    assert _inks(blue) == {"blue"}
    assert show(engine, content, 3) == show(engine, content, 0) == PagePicture(page_count=2)


def _inks(page: Image.Image) -> set[str]:
    """The colours that stand out clearly from the paper."""
    colours = {colour for _, colour in page.getcolors(page.width * page.height) or () if isinstance(colour, tuple)}
    return {name for r, g, b in colours for name, holds in (("red", r > g + 99), ("blue", b > r + 99)) if holds}


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_pictures_of_all_usual_kinds_are_shown(engine: OcrEngine, kind: str) -> None:
    """Whatever the kind, and each page of a TIFF."""
    pages = (files.scan("eins"), files.scan("zwei")) if kind == "TIFF" else (files.scan("eins"),)
    content = files.picture(*pages, kind=kind)
    for number in range(1, len(pages) + 1):
        assert max(seen(show(engine, content, number)).size) == 1_400


def test_a_picture_is_shown_upright_on_paper_and_never_blown_up(engine: OcrEngine) -> None:
    """The camera's turn is undone, what is transparent is white, and few pixels stay few."""
    drawn = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).rectangle((0, 0, 99, 99), fill="red")
    turned = seen(show(engine, files.picture(drawn, kind="PNG", exif=_turned())))
    assert turned.size == (200, 300)
    assert turned.getpixel((150, 50)) == (255, 0, 0)
    assert turned.getpixel((20, 250)) == (255, 255, 255)


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    return exif.tobytes()


def test_what_cannot_be_shown_says_why(engine: OcrEngine) -> None:
    """Locked, damaged, empty, none of ours, or a bomb: a code, and the next page is shown as ever."""
    for content, problem in (
        (files.pdf("geheim", password="x"), "encrypted"),
        (files.pdf(*["x"] * 9)[:900], "broken"),
        (b"", "empty"),
        (files.noise(4_000), "unsupported"),
        (files.claimed_png(60_000, 60_000), "bomb"),
        (b"%PDF" + bytes(41_000_000), "too_large"),
    ):
        assert show(engine, content).problem == problem
    assert max(seen(show(engine, files.pdf("gut"))).size) > 1_000
