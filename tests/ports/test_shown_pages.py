"""What an `OcrEngine` promises of pages that people look at."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.core.ports.ocr_engine import Look, OcrEngine, PagePicture
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
    return engine.show_page(io.BytesIO(content), media_type="application/octet-stream", look=Look(number=number))


def seen(picture: PagePicture) -> Image.Image:
    """What a browser would show."""
    assert picture.problem is None
    return Image.open(io.BytesIO(picture.content), formats=("PNG",)).convert("RGB")


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


def drawn(engine: OcrEngine, content: bytes, look: Look) -> tuple[Image.Image, int]:
    """A page as the desk has it, and how many bytes that takes."""
    shown = engine.show_page(io.BytesIO(content), media_type="application/octet-stream", look=look)
    assert shown.problem is None
    return Image.open(io.BytesIO(shown.content), formats=("WEBP",)).convert("RGB"), len(shown.content)


@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_a_page_is_as_wide_as_it_is_asked_for(engine: OcrEngine, kind: str) -> None:
    """Upright and on its side; a scan of full size with 200 dpi takes less than 40 kB."""
    content = files.picture(files.scan(*["Sehr geehrte Damen und Herren, anbei"] * 20), kind=kind, resolution=200)
    upright, size = drawn(engine, content, Look(number=1, width=960, limit=40_000))
    assert upright.width == 960
    assert upright.height == pytest.approx(1_357, abs=2)
    assert 10_000 < size <= 40_000
    turned, _ = drawn(engine, content, Look(number=1, width=960, turn=90, limit=40_000))
    assert turned.width == 960
    assert turned.height == pytest.approx(679, abs=2)


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_a_page_is_turned_clockwise(engine: OcrEngine, turn: int, corner: tuple[int, int]) -> None:
    """What was at the top left is found where a hand would have turned it."""
    page = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 99, 99), fill="red")
    shown, _ = drawn(engine, files.picture(page, kind="PNG"), Look(number=1, width=400, turn=turn))
    corners = [(x, y) for x in (0, 1) for y in (0, 1) if "red" in _inks(_spot(shown, 50 + 299 * x, 50 + 299 * y))]
    assert corners == [corner]


def _spot(page: Image.Image, x: int, y: int) -> Image.Image:
    return page.crop((x, y, x + 1, y + 1))


def test_no_page_takes_more_than_it_may(engine: OcrEngine) -> None:
    """Noise, which nothing packs: it is drawn smaller. A strip as long as it likes: it is drawn narrower."""
    noise = Image.effect_noise((1_200, 1_600), 120).convert("RGB")
    _, size = drawn(engine, files.picture(noise, kind="PNG"), Look(number=1, width=960, limit=40_000))
    assert size <= 40_000
    strip, _ = drawn(
        engine,
        files.picture(Image.new("RGB", (100, 5_000), "white"), kind="PDF"),
        Look(number=1, width=480, limit=40_000),
    )
    assert strip.height <= 3 * 480
