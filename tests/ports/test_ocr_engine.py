"""What an `OcrEngine` promises, asked of every adapter."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine, language
from services.core.catalogue import PROBLEMS
from services.core.ports.ocr_engine import OcrEngine, OcrResult
from tests.benchmarks import scans
from tests.ports import files

pytestmark = pytest.mark.xdist_group("ocr")

CACHE = Path("~/.cache/poststelle")
LINES = ("Sehr geehrte Frau Weiß,", "die Straße ist ab Montag gesperrt.", "Mit freundlichen Grüßen")


def a_tesseract() -> OcrEngine:
    """One worker, with German data fetched where it is not installed."""
    assert language.prepare("deu", print, cache=CACHE) is None
    return TesseractOcrEngine(cache=CACHE, limits=OcrLimits(workers=1, max_bytes=20_000_000))


# A new adapter is a line here.
ADAPTERS = {"tesseract": a_tesseract}


@pytest.fixture(scope="module", params=list(ADAPTERS))
def engine(request: pytest.FixtureRequest) -> Iterator[OcrEngine]:
    """One adapter, ready."""
    made = ADAPTERS[request.param]()
    assert made.ready()
    yield made
    made.close()


def read(engine: OcrEngine, content: bytes, media_type: str = "", first: int = 1, last: int = 99) -> OcrResult:
    """The pages of these bytes."""
    return engine.read_pages(io.BytesIO(content), media_type=media_type, first=first, last=last)


def texts(result: OcrResult) -> list[list[str]]:
    """The lines of each page, without blank ones."""
    return [[line for line in page.text.splitlines() if line] for page in result.pages]


def test_a_scanned_pdf_is_read_page_by_page(engine: OcrEngine) -> None:
    """Text in reading order with umlauts, confidence between 0 and 1, and how many pages there are."""
    content = files.picture(files.scan(*LINES), files.scan("Zweite Seite"), kind="PDF", resolution=200)
    result = read(engine, content, "application/pdf")
    assert (result.page_count, result.problem) == (2, None)
    assert texts(result) == [list(LINES), ["Zweite Seite"]]
    assert [page.number for page in result.pages] == [1, 2]
    assert all(0.8 < page.confidence <= 1 for page in result.pages)


def test_only_the_pages_asked_for_are_read(engine: OcrEngine) -> None:
    """From first to last, counted from 1, as far as they exist."""
    content = files.pdf("eins", "zwei", "drei", "vier")
    result = read(engine, content, "application/pdf", first=2, last=3)
    assert (result.page_count, texts(result)) == (4, [["zwei"], ["drei"]])
    assert [page.number for page in read(engine, content, first=4, last=900).pages] == [4]
    assert read(engine, content, first=5, last=9) == OcrResult(page_count=4)
    assert [page.number for page in read(engine, content, first=-3, last=1).pages] == [1]


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF", "JPEG2000", "PPM", "TGA"])
def test_pictures_of_all_usual_kinds_are_read(engine: OcrEngine, kind: str) -> None:
    """Whatever the type says: what counts is the content."""
    result = read(engine, files.picture(files.scan(*LINES), kind=kind, dpi=(200, 200)), "image/x-unknown")
    assert (result.page_count, texts(result)) == (1, [list(LINES)])


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_lies_on_its_side_or_head_is_read(engine: OcrEngine, degrees: int) -> None:
    """However it was put into the scanner."""
    result = read(engine, files.picture(files.scan(*LINES).rotate(degrees, expand=True), dpi=(200, 200)), "image/png")
    assert texts(result) == [list(LINES)]
    assert result.pages[0].confidence > 0.8


def test_a_tiff_may_hold_many_pages(engine: OcrEngine) -> None:
    """Black and white, as scanners and fax machines write them."""
    words = ("Erstes Blatt", "Zweites Blatt", "Drittes Blatt")
    pages = [files.scan(line).convert("1") for line in words]
    content = files.picture(*pages, compression="group4", dpi=(200, 200))
    assert texts(read(engine, content)) == [[line] for line in words]


@pytest.mark.parametrize("dpi", [100, 150, 300, 400])
def test_other_resolutions_are_read_too(engine: OcrEngine, dpi: int) -> None:
    """Also where the picture does not say which it is, as photos do not."""
    page = files.scan(*LINES, dpi=dpi)
    for told in ({"dpi": (dpi, dpi)}, {}, {"dpi": (72, 72)}):
        assert texts(read(engine, files.picture(page, kind="JPEG", quality=90, **told))) == [list(LINES)]


def test_a_fax_with_flat_lines_is_read(engine: OcrEngine) -> None:
    """Standard faxes have half as many lines down as dots across (ITU-T T.4)."""
    page = files.scan(*LINES, dpi=204)
    flat = page.resize((page.width, page.height * 98 // 204)).convert("1")
    (page_read,) = read(engine, files.picture(flat, dpi=(204, 98))).pages
    assert "".join(page_read.text.split()) == "".join(LINES).replace(" ", "")


def test_a_photo_is_turned_upright(engine: OcrEngine) -> None:
    """Cameras note how they were held."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = files.scan(*LINES).transpose(Image.Transpose.ROTATE_90)
    assert texts(read(engine, files.picture(lying, kind="JPEG", exif=exif, dpi=(200, 200)))) == [list(LINES)]


def test_what_is_transparent_is_paper(engine: OcrEngine) -> None:
    """Black on nothing is not black on black."""
    page = files.scan(*LINES)
    clear = Image.new("RGBA", page.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=page.convert("L").point(lambda value: 255 - value))
    assert texts(read(engine, files.picture(clear, kind="PNG", dpi=(200, 200)))) == [list(LINES)]


def test_white_ink_on_nothing_is_read(engine: OcrEngine) -> None:
    """On white paper nobody would see it."""
    page = files.scan(*LINES)
    clear = Image.new("RGBA", page.size, (255, 255, 255, 0))
    clear.paste((255, 255, 255, 255), mask=page.convert("L").point(lambda value: 255 - value))
    assert texts(read(engine, files.picture(clear, kind="PNG", dpi=(200, 200)))) == [list(LINES)]


def test_a_large_tiff_is_read(engine: OcrEngine) -> None:
    """With places of eight bytes, as newer scanners write it."""
    assert texts(read(engine, files.picture(files.scan(*LINES), dpi=(200, 200), big_tiff=True))) == [list(LINES)]


def test_a_few_lines_on_a_shaded_page_are_read(engine: OcrEngine) -> None:
    """Paper that is darker below and noisy has no one brightness that tells its ink: read as blank it would be lost."""
    content = next(scans.scans(7, "short", "degraded", 1))
    result = read(engine, content.content, content.media_type)
    assert result.pages[0].text.split()[-1] == content.truth.split()[-1]
    assert len(result.pages[0].text) > 0.9 * len(content.truth)


def test_small_print_in_a_photo_format_is_read(engine: OcrEngine) -> None:
    """Eight points, looked at twice: a JPEG that was unpacked at half its size stays the size that it says it has."""
    content = next(scans.scans(7, "dense", "clean", 1))
    larger = Image.open(io.BytesIO(content.content)).resize((2848, 4028))
    result = read(engine, files.picture(larger, kind="JPEG", dpi=(345, 345), quality=90))
    words = set(content.truth.split())
    assert len(words & set(result.pages[0].text.split())) > 0.95 * len(words)


@pytest.mark.parametrize("tint", ["white", "#d8d0c0"])
def test_a_blank_page_is_certain(engine: OcrEngine, tint: str) -> None:
    """No text, full confidence, no problem; also on tinted paper with specks."""
    page = files.scan(tint=tint)
    for speck in range(40):
        page.putpixel((40 * speck % page.width, 57 * speck), (0, 0, 0))
    (read_page,) = read(engine, files.picture(page, dpi=(200, 200))).pages
    assert (read_page.text, read_page.confidence, read_page.problem) == ("", 1.0, None)


@pytest.mark.parametrize("ink", ["black", "#909090"])
def test_a_lone_page_number_is_no_blank_page(engine: OcrEngine, ink: str) -> None:
    """Little is not nothing."""
    assert texts(read(engine, files.picture(files.scan("Seite 3", ink=ink), dpi=(200, 200)))) == [["Seite 3"]]


PROBLEM_FILES = {
    "empty": (b"", "image/tiff", "empty"),
    "too large": (bytes(20_000_001), "image/tiff", "too_large"),
    "noise": (files.noise(5_000), "image/heic", "unsupported"),
    "word": (files.docx("Text"), "application/pdf", "unsupported"),
    "encrypted": (files.pdf("x", password="geheim"), "application/pdf", "encrypted"),
    "cut pdf": (files.pdf("x")[:300], "application/pdf", "broken"),
    "cut header": (files.picture(files.scan("x"), kind="PNG")[:10], "image/png", "broken"),
    "large picture": (files.claimed_png(15_000, 14_000), "image/png", "too_large"),
    "pixel bomb": (files.claimed_png(60_000, 60_000), "image/png", "bomb"),
}


@pytest.mark.parametrize("case", PROBLEM_FILES)
def test_what_is_wrong_with_a_file_is_said_in_the_words_of_the_catalogue(engine: OcrEngine, case: str) -> None:
    """Never an exception."""
    content, media_type, problem = PROBLEM_FILES[case]
    assert read(engine, content, media_type) == OcrResult(page_count=0, problem=problem)
    assert problem in PROBLEMS


def test_a_picture_that_breaks_off_is_a_broken_page(engine: OcrEngine) -> None:
    """Its size is known, its content is not; the engine goes on afterwards."""
    content = files.picture(files.scan(*LINES), kind="PNG")
    (page,) = read(engine, content[: len(content) // 2], "image/png").pages
    assert (page.text, page.problem) == ("", "broken")
    assert texts(read(engine, content, "image/png")) == [list(LINES)]


def test_a_huge_sheet_is_read_smaller(engine: OcrEngine) -> None:
    """A plan of ten metres does not need more memory than a poster."""
    page = files.scan("KARTE", dpi=100).resize((8_000, 400))
    result = read(engine, files.picture(page, kind="PDF", resolution=20), "application/pdf")
    assert (result.page_count, result.pages[0].problem) == (1, None)


def test_the_version_is_one_word(engine: OcrEngine) -> None:
    """It is part of keys."""
    assert engine.version.replace("-", "").replace(".", "").replace("_", "").isalnum()
