"""What an `OcrEngine` does with pages that are mostly picture, and with what people wrote into a form."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine, language
from services.core.ports.ocr_engine import Look, OcrEngine, OcrPage
from tests.ports import files

pytestmark = pytest.mark.xdist_group("ocr")

CACHE = Path("~/.cache/poststelle")
LINES = ("Antrag auf Aufstellung", "einer Marktbude am Eulenplatz", "Mit freundlichen Grüßen")
LINE = "Gesendet von Kanzlei Wendelin, Seite 1 von 1"


@pytest.fixture(scope="module")
def engine() -> Iterator[OcrEngine]:
    """One worker, with German data fetched where it is not installed."""
    assert language.prepare("deu", print, cache=CACHE) is None
    made = TesseractOcrEngine(cache=CACHE, limits=OcrLimits(workers=1, max_bytes=20_000_000))
    assert made.ready()
    yield made
    made.close()


def _object(number: int, told: bytes, stream: bytes = b"") -> bytes:
    body = b"<<%b/Length %d>>stream\n%b\nendstream" % (told, len(stream), stream) if stream else b"<<%b>>" % told
    return b"%d 0 obj%b endobj\n" % (number, body)


def _page(picture: Image.Image, *, across: int, down: int, line: str = LINE) -> bytes:
    """An A4 page with a picture of so many points at its foot, and a line of letters on top."""
    jpeg = files.picture(picture.convert("L"), kind="JPEG", quality=90)
    drawn = b"q %d 0 0 %d 0 0 cm /I Do Q BT /F 9 Tf 30 828 Td (%b) Tj ET" % (across, down, line.encode("latin-1"))
    size = b"/Width %d/Height %d" % picture.size
    told = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode" + size
    objects = (
        _object(1, b"/Type/Catalog/Pages 2 0 R"),
        _object(2, b"/Type/Pages/Kids[3 0 R]/Count 1"),
        _object(
            3,
            b"/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</XObject<</I 5 0 R>>/Font<</F 6 0 R>>>>",
        ),
        _object(4, b"", drawn),
        _object(5, told, jpeg),
        _object(6, b"/Type/Font/Subtype/Type1/BaseFont/Helvetica"),
    )
    return b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def _first(engine: OcrEngine, content: bytes) -> OcrPage:
    result = engine.read_pages(io.BytesIO(content), media_type="", first=1, last=1)
    assert result.problem is None
    return result.pages[0]


def test_a_scan_below_a_line_of_letters_is_recognised(engine: OcrEngine) -> None:
    """What a fax machine prints over it is not all there is to read."""
    page = _first(engine, _page(files.scan(*LINES), across=595, down=800))
    assert not page.from_layer
    assert all(line in page.text for line in LINES)


def test_a_page_with_a_small_picture_is_taken_as_it_is(engine: OcrEngine) -> None:
    """A coat of arms costs no recognition."""
    page = _first(engine, _page(files.scan(*LINES), across=150, down=200))
    assert page.from_layer
    assert page.text.strip() == LINE


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PDF"])
def test_white_on_black_is_read(engine: OcrEngine, kind: str) -> None:
    """A negative from a film reader, whatever file it came in."""
    content = files.picture(
        ImageOps.invert(files.scan(*LINES).convert("RGB")), kind=kind, resolution=200, dpi=(200, 200)
    )
    assert all(line in _first(engine, content).text for line in LINES)


def test_what_stands_in_a_form_is_drawn(engine: OcrEngine) -> None:
    """The look of a field, here a red bar, is shown to the clerk."""
    bar = b"1 0 0 rg 0 0 300 100 re f"
    form = b"/Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/F 4/Rect[100 400 400 500]/AP<</N 5 0 R>>"
    objects = (
        _object(1, b"/Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>"),
        _object(2, b"/Type/Pages/Kids[3 0 R]/Count 1"),
        _object(3, b"/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]"),
        _object(4, form),
        _object(5, b"/Type/XObject/Subtype/Form/BBox[0 0 300 100]", bar),
    )
    content = b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    shown = engine.show_page(io.BytesIO(content), media_type="application/pdf", look=Look(number=1))
    picture = Image.open(io.BytesIO(shown.content)).convert("RGB")
    red, green, _ = picture.getpixel((int(picture.width * 250 / 595), int(picture.height * 392 / 842)))  # type: ignore[misc]
    assert red > 200
    assert green < 120
