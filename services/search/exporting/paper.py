"""A list of hits on paper: A4 across, for a file or for whoever has no account here.

What strangers wrote is cut to what a cell holds and never read as markup; signs that the font lacks are shown as boxes.
"""

import io
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

from services.core import catalogue
from services.core.ports.entries import Hit
from services.runtime.desk.formatting import person_shown
from services.runtime.translation.spoken import shown
from services.search.exporting.listing import places_of

HEAD = ("Nr.", "Betreff", "Absender", "Eingang", "Stand", "Akten", "Dokument")
_SHARES = (0.04, 0.31, 0.18, 0.11, 0.1, 0.11, 0.15)
_LONGEST_CELL = 200
_FONT, _BOLD = "Vera", "VeraBd"
_PAGE = landscape(A4)
_MARGIN = 15 * mm
_PLAIN = ParagraphStyle("plain", fontName=_FONT, fontSize=7.5, leading=9.5)
_TITLE = ParagraphStyle("title", fontName=_BOLD, fontSize=14, leading=18, spaceAfter=2 * mm)
_NOTE = ParagraphStyle("note", fontName=_FONT, fontSize=8.5, leading=12, spaceAfter=4 * mm)
_GRID = TableStyle(
    [
        ("FONT", (0, 0), (-1, 0), _BOLD, 7.5),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#7c8c99")),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
)
_one_at_a_time = threading.Lock()
"""Memory holds one list: a row costs some ten times its text while it is laid out."""


def as_pdf(hits: Iterable[Hit], *, question: str, at: datetime) -> Iterator[bytes]:
    """The list as a PDF, in one piece: what was asked, when, and each hit in a row."""
    with _one_at_a_time:
        for name in (_FONT, _BOLD):  # before any cell is made of them
            pdfmetrics.registerFont(TTFont(name, Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"))
        yield _paper(list(_rows(hits)), question, at)


def _paper(rows: list[list[object]], question: str, at: datetime) -> bytes:
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=_PAGE,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title="Poststelle: Trefferliste",
        author="Poststelle",
        lang="de-DE",
    )
    width = _PAGE[0] - 2 * _MARGIN
    note = f"Gesucht: {_line(question) or 'alles'}. {len(rows)} Treffer am {shown(at)}, soweit die Rechte reichen."
    table = LongTable([list(HEAD), *rows], repeatRows=1, colWidths=[width * one for one in _SHARES], style=_GRID)
    parts = [Paragraph("Trefferliste", _TITLE), Paragraph(escape(note), _NOTE), table]
    document.build(parts, onFirstPage=_numbered, onLaterPages=_numbered)
    return made.getvalue()


def _rows(hits: Iterable[Hit]) -> Iterator[list[object]]:
    for number, hit in enumerate(hits, 1):
        cells = (
            hit.title or "Ohne Titel",
            person_shown(hit.sender),
            shown(hit.received_at) if hit.received_at else "",
            catalogue.text(hit.state),
            places_of(hit),
            hit.document,
        )
        yield [str(number), *(Paragraph(escape(_line(cell)), _PLAIN) for cell in cells)]


def _line(text: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 2 * _LONGEST_CELL])
    line = " ".join(printable.split())
    return line if len(line) <= _LONGEST_CELL else f"{line[:_LONGEST_CELL]} …"


def _numbered(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(_FONT, 7)
    canvas.drawRightString(_PAGE[0] - _MARGIN, 8 * mm, f"Seite {document.page}")
