"""A page that is drawn as one picture within what the page draws (ISO 32000-1 §8.9.7) is seen as a scanned one."""

import io
import random
import zlib

import pytest

from services.extraction.kinds import pdf_pictures
from services.extraction.kinds.pdf_pictures import may_be_pages

ENOUGH = 400_000
FAX_LINE = b"BT /F1 9 Tf 20 800 Td (FAX 03.05.2026 10:11 Seite 1) Tj ET\n"
INK = random.Random(7).randbytes(6_000)


def inline(width: int, height: int, *, names: tuple[bytes, bytes] = (b"/W", b"/H")) -> bytes:
    """A picture of this size in the drawing of a page."""
    sides = b"%s %d\n%s %d" % (names[0], width, names[1], height)
    return b"q 595 0 0 780 0 0 cm\nBI " + sides + b" /BPC 1 /CS /G /F [/A85 /Fl] ID " + INK + b"\nEI Q\n"


def pdf(drawing: bytes, dictionary: bytes = b"") -> io.BytesIO:
    """A file with this stream."""
    length = b"/Length %d" % len(drawing)
    return io.BytesIO(b"%PDF-1.4\n4 0 obj\n<<" + dictionary + length + b">>\nstream\n" + drawing + b"\nendstream\n")


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        (FAX_LINE + inline(1_728, 2_200), True),
        (inline(1_728, 2_200, names=(b"/Width", b"/Height")) + FAX_LINE, True),
        (FAX_LINE + inline(1_728, 120) * 2, True),
        (FAX_LINE + inline(200, 100), False),
        (FAX_LINE * 200, False),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_a_page_drawn_inline(drawing: bytes, *, expected: bool, packed: bool) -> None:
    """In one piece or in strips, whichever names its sides have; a logo and many words are none."""
    stream = pdf(zlib.compress(drawing), b"/Filter/FlateDecode") if packed else pdf(drawing)
    assert may_be_pages(stream, enough=ENOUGH) is expected


@pytest.mark.parametrize("sign", [b"/Length1 9000", b"/Type/ObjStm", b"/Type /XRef", b"/Type/EmbeddedFile"])
def test_fonts_tables_and_files_draw_nothing(sign: bytes) -> None:
    """What stands in them is not looked into."""
    assert not may_be_pages(pdf(inline(1_728, 2_200), sign), enough=ENOUGH)


def test_looking_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a stream grows to: a bomb is unpacked up to a limit, and no further one is."""
    unpacked: list[int] = []
    before = pdf_pictures._unpacked

    def counted(stream: memoryview, most: int) -> bytes:
        found = before(stream, most)
        unpacked.append(len(found))
        return found

    monkeypatch.setattr(pdf_pictures, "_unpacked", counted)
    bomb = zlib.compress(bytes(40_000_000), 9)
    every = pdf(bomb).getvalue() * 3 + pdf(zlib.compress(inline(1_728, 2_200))).getvalue()
    assert not may_be_pages(io.BytesIO(every), enough=ENOUGH)
    assert sum(unpacked) == pdf_pictures._LOOKED_INTO
