"""A report on paper: A4, plots and tables, fonts inside, for whoever has no account here."""

import io
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from services.core.plan.file_plan import FilePlan
from services.ledger.reports.figures import Report
from services.ledger.reports.wording import channel_name, day, lasting, number, office_name, share, step_name, whose
from services.runtime.translation.spoken import shown

_BLUE, _GREEN, _GREY = colors.HexColor("#0b5c94"), colors.HexColor("#1c6b3c"), colors.HexColor("#7c8c99")
_FONT, _BOLD = "Vera", "VeraBd"
_PLAIN = ParagraphStyle("plain", fontName=_FONT, fontSize=8.5, leading=12)
_TITLE = ParagraphStyle("title", fontName=_BOLD, fontSize=16, leading=20, spaceAfter=4 * mm)
_HEADING = ParagraphStyle("heading", fontName=_BOLD, fontSize=11, leading=14, spaceBefore=6 * mm, spaceAfter=2 * mm)
_GRID = TableStyle(
    [
        ("FONT", (0, 0), (-1, -1), _FONT, 7.5),
        ("FONT", (0, 0), (-1, 0), _BOLD, 7),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _GREY),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
)
_WIDTH = A4[0] - 40 * mm


def paper_of(report: Report, plan: FilePlan) -> bytes:
    """The PDF; its name, language and subject stand in it, and each page says of how many it is one."""
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"))
    made = io.BytesIO()
    title = f"Poststelle: Bericht {day(report.since)} bis {day(report.until)}"
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=title,
        author="Poststelle",
        subject=f"Zahlen: {whose(report, plan)}",
        lang="de-DE",
    )
    document.build(
        [
            Paragraph("Bericht der Poststelle", _TITLE),
            *_summary(report, plan),
            *_courses(report),
            *_offices(report, plan),
        ],
        canvasmaker=_Numbered,
    )
    return made.getvalue()


def _summary(report: Report, plan: FilePlan) -> list[Flowable]:
    oldest = report.oldest
    since = f"seit {shown(oldest.received_at)} {oldest.receipt}".strip() if oldest else "keines"
    channels = ", ".join(f"{number(count)} {channel_name(name)}" for name, count in report.channels.items())
    facts = [
        ("Zeitraum", f"{day(report.since)} bis {day(report.until)}"),
        ("Wessen Zahlen", whose(report, plan)),
        ("Eingänge", f"{number(report.received)}" + (f" ({channels})" if channels else "")),
        ("Abgelegt", f"{number(report.passage.filed)}, {_in_time(report)}"),
        ("Vom Eingang zur Ablage", _passage(report)),
        ("Offen", f"{number(report.open)} am {shown(report.at)}, davon {number(report.late)} über die Frist"),
        ("Ältestes offenes", since),
        ("Berichtigt", f"{number(report.corrected)} von {number(report.automatic)} ohne Zutun abgelegten"),
        ("Zahlungsziele", _dues(report)),
    ]
    rows = [[Paragraph(escape(name), _PLAIN), Paragraph(escape(told), _PLAIN)] for name, told in facts]
    return [Table(rows, colWidths=[45 * mm, _WIDTH - 45 * mm], style=_GRID.__class__(_GRID.getCommands()[3:]))]


def _in_time(report: Report) -> str:
    return f"in der Frist von {lasting(report.within_s)}: {share(report.passage.in_time, report.passage.filed)}"


def _passage(report: Report) -> str:
    if not report.passage.filed:
        return "nichts abgelegt"
    return f"Median {lasting(report.passage.median_s)}, neun von zehn in höchstens {lasting(report.passage.p90_s)}"


def _dues(report: Report) -> str:
    dues = report.dues
    done = f"{number(dues.in_time)} Rechnungen bis zum Ziel erledigt, {number(dues.late)} danach"
    return f"{done}, {number(dues.open)} offen, davon {number(dues.overdue)} überfällig"


def _courses(report: Report) -> list[Flowable]:
    names = [step_name(step, report.by) for step in report.steps]
    volumes = _Bars([(step.received, step.filed) for step in report.steps], names)
    times = _Bars([(step.median_s or 0.0, step.p90_s or 0.0) for step in report.steps], names)
    head = ["Zeitraum", "eingegangen", "abgelegt", "Median", "90 %"]
    rows = [
        [name, number(step.received), number(step.filed), lasting(step.median_s), lasting(step.p90_s)]
        for name, step in zip(names, report.steps, strict=True)
    ]
    longest = max((step.p90_s or 0.0 for step in report.steps), default=0.0)
    most = max((max(step.received, step.filed) for step in report.steps), default=0)
    return [
        KeepTogether(
            [
                Paragraph("Eingänge (blau) und Ablagen (grün)", _HEADING),
                Paragraph(f"Höchster Wert: {number(most)}", _PLAIN),
                volumes,
            ]
        ),
        KeepTogether(
            [
                Paragraph("Vom Eingang zur Ablage: Median (blau), neun von zehn (grün)", _HEADING),
                Paragraph(f"Höchster Wert: {lasting(longest)}", _PLAIN),
                times,
            ]
        ),
        Spacer(1, 4 * mm),
        Table([head, *rows], repeatRows=1, colWidths=[_WIDTH * 0.36, *[_WIDTH * 0.16] * 4], style=_GRID),
    ]


def _offices(report: Report, plan: FilePlan) -> list[Flowable]:
    head = ["Amt", "eingeg.", "abgelegt", "in Frist", "Median", "90 %", "offen", "zu spät", "berichtigt"]
    rows: list[list[object]] = [
        [
            Paragraph(escape(office_name(one.office, plan)), _PLAIN),
            number(one.received),
            number(one.filed),
            share(one.in_time, one.filed),
            lasting(one.median_s),
            lasting(one.p90_s),
            number(one.open),
            number(one.late),
            share(one.corrected, one.automatic),
        ]
        for one in report.offices
    ]
    widths = [_WIDTH * 0.28, *[_WIDTH * 0.09] * 8]
    note = "Eingänge zählen beim Amt, dessen Postfach oder Scanner sie nahm; alles andere beim jetzt zuständigen Amt."
    return [
        Paragraph("Ämter", _HEADING),
        Paragraph(note, _PLAIN),
        Table([head, *rows], repeatRows=1, colWidths=widths, style=_GRID),
    ]


class _Bars(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Two bars for each part of the period; the numbers stand in the table below."""

    def __init__(self, pairs: Sequence[tuple[float, float]], names: Sequence[str]) -> None:
        super().__init__()
        self.width, self.height = _WIDTH, 38 * mm
        self._pairs = pairs
        self._names = [name.removeprefix("Woche vom ") for name in names]

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas, most = self.canv, max((max(pair) for pair in self._pairs), default=0.0) or 1.0
        step, floor, high = self.width / max(len(self._pairs), 1), 5 * mm, 31 * mm
        canvas.setStrokeColor(_GREY)
        canvas.line(0, floor, self.width, floor)
        canvas.setFont(_FONT, 6)
        for place, pair in enumerate(self._pairs):
            for side, (value, colour) in enumerate(zip(pair, (_BLUE, _GREEN), strict=True)):
                canvas.setFillColor(colour)
                left = place * step + step * (0.1 + 0.4 * side)
                canvas.rect(left, floor, step * 0.38, high * value / most, stroke=0, fill=1)
            if place % ((len(self._pairs) + 11) // 12) == 0:
                canvas.setFillColor(colors.black)
                canvas.drawString(place * step + step * 0.1, 1.5 * mm, self._names[place])


class _Numbered(Canvas):  # type: ignore[misc]  # same
    """Writes under each page which of how many it is: a paper that is passed on shows what is missing."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self._pages: list[dict[str, object]] = []

    def showPage(self) -> None:  # noqa: N802  # as reportlab calls it
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page, state in enumerate(self._pages, 1):
            self.__dict__.update(state)
            self.setFont(_FONT, 7)
            self.drawRightString(A4[0] - 20 * mm, 10 * mm, f"Seite {page} von {len(self._pages)}")
            super().showPage()
        super().save()
