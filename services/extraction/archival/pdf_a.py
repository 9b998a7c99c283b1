"""PDF/A-2b of pictures with the words that stand on them: pages, a colour profile, a sentence about itself, no more.

A writer of our own: what it needs of PDF is six kinds of objects, and the libraries that convert to PDF/A need
Ghostscript for it (decision 0075).
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from services.core.ports.ocr_engine import WHOLE, PageWord
from services.extraction.archival.srgb import PROFILE

SHORT, LONG = 595.28, 841.89
"""Of A4, in points. How large the paper was, a picture does not say: its shorter side counts as that of A4."""
_GLYPH = 0.5
"""Mean width of a letter, as a share of its size; the layer is stretched to each word."""
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


_MARKER, _FRAMES = 0xFF, frozenset({0xC0, 0xC1, 0xC2})


class NoJpeg(ValueError):
    """What was to be a page is no picture that we can lay on one."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its picture as baseline JPEG in RGB, and the words where they stand."""

    jpeg: bytes
    words: Sequence[PageWord] = ()


def pdf_a(sheets: Iterable[Sheet]) -> bytes:
    """The file. NoJpeg for a sheet that is none; the same sheets make the same bytes."""
    writer = _Writer()
    kids = [_page(writer, sheet) for sheet in sheets]
    writer.put(_PAGES, f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode())
    return writer.ended()


_CATALOG, _PAGES, _FONT, _META, _ICC = 1, 2, 3, 4, 5


class _Writer:
    """Objects in the order of their writing, and where each of them begins."""

    def __init__(self) -> None:
        self._out = BytesIO()
        self._out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._places: dict[int, int] = {}
        self._next = _ICC + 1
        intent = "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
        pages, meta = f"/Pages {_PAGES} 0 R", f"/Metadata {_META} 0 R"
        intents = f"/OutputIntents[{intent}/DestOutputProfile {_ICC} 0 R>>]"
        self.put(_CATALOG, f"<</Type/Catalog{pages}{meta}{intents}>>".encode())
        self.put(_FONT, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
        self.put_stream(_META, "/Type/Metadata/Subtype/XML", _XMP.encode())
        self.put_stream(_ICC, "/N 3/Alternate/DeviceRGB", PROFILE)

    def number(self) -> int:
        """Of an object that is going to be written."""
        self._next += 1
        return self._next - 1

    def put(self, number: int, content: bytes) -> None:
        """Write an object."""
        self._places[number] = self._out.tell()
        self._out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def put_stream(self, number: int, entries: str, content: bytes) -> None:
        """Write an object that is a stream."""
        head = f"<<{entries}/Length {len(content)}>>".encode()
        self.put(number, head + b"\nstream\n" + content + b"\nendstream")

    def ended(self) -> bytes:
        """With the table of all places behind it."""
        begin, name = self._out.tell(), hashlib.sha256(self._out.getbuffer()).hexdigest()[:32]
        self._out.write(f"xref\n0 {self._next}\n0000000000 65535 f \n".encode())
        for number in range(1, self._next):
            self._out.write(f"{self._places[number]:010} 00000 n \n".encode())
        trailer = f"<</Size {self._next}/Root {_CATALOG} 0 R/ID[<{name}><{name}>]>>"
        self._out.write(f"trailer\n{trailer}\nstartxref\n{begin}\n%%EOF\n".encode())
        return self._out.getvalue()


def _page(writer: _Writer, sheet: Sheet) -> int:
    across, down = _pixels(sheet.jpeg)
    width, height = (SHORT, SHORT * down / across) if across <= down else (SHORT * across / down, SHORT)
    picture, drawn, page = writer.number(), writer.number(), writer.number()
    size = f"/Width {across}/Height {down}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    writer.put_stream(picture, f"/Type/XObject/Subtype/Image{size}", sheet.jpeg)
    writer.put_stream(drawn, "", _drawn(sheet.words, width, height))
    box = f"/MediaBox[0 0 {width:.2f} {height:.2f}]"
    needs = f"/Resources<</XObject<</P {picture} 0 R>>/Font<</F {_FONT} 0 R>>>>"
    writer.put(page, f"<</Type/Page/Parent {_PAGES} 0 R{box}{needs}/Contents {drawn} 0 R>>".encode())
    return page


def _drawn(words: Sequence[PageWord], width: float, height: float) -> bytes:
    """The picture, and over it the words, which are not painted (rendering mode 3): they need no font in the file."""
    lines = [f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q".encode()]
    for word in words:
        said = word.text.encode("cp1252", "replace")
        size = max(1.0, word.height * height / WHOLE)
        stretch = max(1.0, 100 * (word.width * width / WHOLE) / (_GLYPH * size * max(1, len(said))))
        left, bottom = word.left * width / WHOLE, height - (word.top + word.height) * height / WHOLE
        place = f"BT 3 Tr /F {size:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {left:.2f} {bottom:.2f} Tm <"
        lines.append(place.encode() + said.hex().encode() + b"20> Tj ET")
    return b"\n".join(lines)


def _pixels(jpeg: bytes) -> tuple[int, int]:
    """Across and down, as its frame says (ITU T.81); three colours, eight bits."""
    if not jpeg.startswith(b"\xff\xd8"):
        raise NoJpeg
    place = 2
    while place + 9 < len(jpeg) and jpeg[place] == _MARKER:
        marker, length = jpeg[place + 1], struct.unpack_from(">H", jpeg, place + 2)[0]
        if marker in _FRAMES:
            bits, down, across, colours = struct.unpack_from(">BHHB", jpeg, place + 4)
            if (bits, colours) == (8, 3) and down and across:
                return across, down
            break
        place += 2 + length
    raise NoJpeg
