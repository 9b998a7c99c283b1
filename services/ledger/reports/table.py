"""A report as a table for spreadsheets: one figure a line, so that it can be sorted, filtered and summed up."""

import csv
import io
from collections.abc import Iterator

from services.core.plan.file_plan import FilePlan
from services.ledger.reports.figures import OfficeFigures, Report
from services.ledger.reports.wording import channel_name, day, office_name, step_name

HEAD = ("Kennzahl", "Zeitraum", "Amt", "Kanal", "Wert", "Einheit")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_Row = tuple[str, str, str, str, float | int | None, str]


def table_of(report: Report, plan: FilePlan) -> bytes:
    """As German spreadsheets read it without a question: semicolons, decimal commas, UTF-8 with its mark (BOM)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    for name, time, office, channel, value, unit in _rows(report, plan):
        if value is not None:
            writer.writerow((*map(_plain, (name, time, office, channel)), str(value).replace(".", ","), unit))
    return text.getvalue().encode("utf-8-sig")


def _plain(word: str) -> str:
    """No spreadsheet takes a name for a formula (CWE-1236)."""
    return f"'{word}" if word.startswith(_FORMULA) else word


def _rows(report: Report, plan: FilePlan) -> Iterator[_Row]:
    whole = f"{day(report.since)} bis {day(report.until)}"
    names = [step_name(step, report.by) for step in report.steps]
    for one in report.arrivals:
        yield "Eingänge", names[one.step], office_name(one.office, plan), channel_name(one.channel), one.count, "Stück"
    for name, step in zip(names, report.steps, strict=True):
        yield "Abgelegt", name, "", "", step.filed, "Stück"
        yield "Zeit bis zur Ablage, Median", name, "", "", step.median_s, "Sekunden"
        yield "Zeit bis zur Ablage, 90 %", name, "", "", step.p90_s, "Sekunden"
    for passage in report.passages_by_channel:
        channel = channel_name(passage.key)
        yield "Abgelegt", whole, "", channel, passage.filed, "Stück"
        yield "Zeit bis zur Ablage, Median", whole, "", channel, passage.median_s, "Sekunden"
        yield "Zeit bis zur Ablage, 90 %", whole, "", channel, passage.p90_s, "Sekunden"
    for office in report.offices:
        yield from _of_office(office, whole, office_name(office.office, plan))
    yield "Rechnungen, bis zum Zahlungsziel erledigt", whole, "", "", report.dues.in_time, "Stück"
    yield "Rechnungen, danach erledigt", whole, "", "", report.dues.late, "Stück"
    yield "Rechnungen, offen", whole, "", "", report.dues.open, "Stück"
    yield "Rechnungen, offen und überfällig", whole, "", "", report.dues.overdue, "Stück"


def _of_office(office: OfficeFigures, whole: str, name: str) -> Iterator[_Row]:
    yield "Abgelegt", whole, name, "", office.filed, "Stück"
    yield "Davon in der Frist", whole, name, "", office.in_time, "Stück"
    yield "Zeit bis zur Ablage, Median", whole, name, "", office.median_s, "Sekunden"
    yield "Zeit bis zur Ablage, 90 %", whole, name, "", office.p90_s, "Sekunden"
    yield "Offen", whole, name, "", office.open, "Stück"
    yield "Offen über die Frist", whole, name, "", office.late, "Stück"
    yield "Selbst abgelegt", whole, name, "", office.automatic, "Stück"
    yield "Davon berichtigt", whole, name, "", office.corrected, "Stück"
