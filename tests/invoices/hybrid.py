"""A PDF with files inside it, as ZUGFeRD and Factur-X are: one page of text, and embedded files (ISO 32000-1 §7.11)."""

import zlib
from collections.abc import Iterable
from decimal import Decimal

from tests.invoices.made import Made


def page_of(made: Made) -> list[str]:
    """The lines that the page of an invoice shows."""
    return [
        f"Rechnung {made.number}",
        f"{made.seller} an {made.buyer}",
        f"Netto {german(made.net)} EUR, Steuer {german(made.tax)} EUR",
        f"Gesamtbetrag {german(made.total)} EUR",
    ]


def german(amount: Decimal) -> str:
    """1234.5 as 1.234,50."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def hybrid(
    lines: list[str],
    files: dict[str, bytes],
    *,
    packed: bool = True,
    typed: bool = True,
    claim: str = "",
    ballast: Iterable[bytes] = (),
) -> bytes:
    """The PDF. `packed` compresses the files; untyped streams do not say that they are embedded files.

    `claim` is the profile that the metadata names, `ballast` stands for fonts and pictures.
    """
    shown = " ".join(f"({_escaped(line)}) Tj 0 -20 Td" for line in lines)
    page = f"BT /F1 11 Tf 60 760 Td {shown} ET".encode("latin-1")
    objects = [
        b"",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        _stream(page, b""),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    names = []
    kind = b"/Type/EmbeddedFile/Subtype/text#2Fxml" if typed else b"/Subtype/text#2Fxml"
    for name, content in files.items():
        body = zlib.compress(content) if packed else content
        objects.append(_stream(body, kind + (b"/Filter/FlateDecode" if packed else b"")))
        place = len(objects)
        objects.append(
            f"<</Type/Filespec/F({name})/UF({name})/AFRelationship/Alternative/EF<</F {place} 0 R>>>>".encode()
        )
        names.append(f"({name}) {place + 1} 0 R")
    listed = " ".join(names)
    told = f"<x:xmpmeta><fx:ConformanceLevel>{claim}</fx:ConformanceLevel></x:xmpmeta>" if claim else "<x:xmpmeta/>"
    objects.append(_stream(told.encode(), b"/Type/Metadata/Subtype/XML"))
    root = f"<</Type/Catalog/Metadata {len(objects)} 0 R/Pages 2 0 R"
    objects += [_stream(part, b"/Length1 1") for part in ballast]
    objects[0] = f"{root}/Names<</EmbeddedFiles<</Names[{listed}]>>>>>>".encode()
    return _file(objects)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _stream(content: bytes, dictionary: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (dictionary, len(content), content)


def _file(objects: list[bytes]) -> bytes:
    made, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\n" % (count, table, count)
    return made + head + b"startxref\n%d\n%%%%EOF\n" % len(made)
