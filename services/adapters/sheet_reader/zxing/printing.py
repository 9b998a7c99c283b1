"""Cover and separator sheets as PDFs: the code as squares, the words in a type that every reader has."""

from collections.abc import Iterator, Sequence
from typing import Any

import zxingcpp

WIDTH, HEIGHT = 595, 842
"""A4 in points."""
_QR_POINTS, _BAR_POINTS, _BAR_HEIGHT = 200.0, 360.0, 60.0
_LINE = 24
_Matrix = Sequence[Sequence[bool]]


def sheet(code: str, *, title: str, lines: Sequence[str], bars: str = "") -> bytes:
    """One page: a QR code of `code`, a title, lines below it, and where given `bars` as Code 128."""
    drawn = [*_words(title, lines), *_squares(_matrix(code, zxingcpp.BarcodeFormat.QRCode), _QR_POINTS, 500)]
    if bars:
        drawn += _bars(_matrix(bars, zxingcpp.BarcodeFormat.Code128))
    return _pdf("\n".join(drawn).encode("cp1252", "replace"))


def squares(code: str) -> Sequence[Sequence[bool]]:
    """The QR code of a sheet, row by row, without its margin; true is dark."""
    return _matrix(code, zxingcpp.BarcodeFormat.QRCode)


def _matrix(code: str, form: "zxingcpp.BarcodeFormat") -> _Matrix:
    drawn: Any = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(code, form), add_quiet_zones=False)
    rows: Any = memoryview(drawn).tolist()
    return [[grey == 0 for grey in row] for row in rows]


def _squares(matrix: _Matrix, side: float, top: float) -> Iterator[str]:
    """Each dark module of a code in two dimensions, centred."""
    size, left = side / len(matrix[0]), (WIDTH - side) / 2
    yield "0 g"
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                yield f"{left + column * size:.3f} {top - (row + 1) * size:.3f} {size:.3f} {size:.3f} re f"


def _bars(matrix: _Matrix) -> Iterator[str]:
    row = matrix[len(matrix) // 2]
    size, left = _BAR_POINTS / len(row), (WIDTH - _BAR_POINTS) / 2
    for column, dark in enumerate(row):
        if dark:
            yield f"{left + column * size:.3f} 200 {size:.3f} {_BAR_HEIGHT:.1f} re f"


def _words(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield "0 g BT /F1 34 Tf 60 740 Td"
    yield f"({_escaped(title)}) Tj /F2 16 Tf 0 -44 Td {_LINE} TL"
    for line in lines:
        yield f"({_escaped(line)}) Tj T*"
    yield "ET"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _pdf(content: bytes) -> bytes:
    """The smallest PDF that holds a page of this content (ISO 32000-1 §7.5)."""
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        (font % "Helvetica-Bold").encode(),
        (font % "Helvetica").encode(),
    ]
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, content_of in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content_of)
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(made)
