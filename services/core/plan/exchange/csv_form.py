"""The plan as CSV (RFC 4180) that spreadsheets open: German column heads, one position a row, UTF-8.

Above the heads stand rows about the plan itself (`Aktenplan`, `Fassung`, `Amt` …). A cell that a spreadsheet would take
for a formula is refused; where a text has to begin so, an apostrophe stands before it, as spreadsheets write it.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from services.core.plan import plan_check
from services.core.plan.exchange.rows import Rows, Unreadable
from services.core.plan.file_plan import FilePlan

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
_MARKED = tuple(f"'{sign}" for sign in ("'", *_FORMULA))
_HEAD = re.compile(r'^"?Kennzeichen"?[ ]*(?P<between>[;,\t])', re.MULTILINE)
_DAY = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")
_YEARS = re.compile(r"(?P<years>\d{1,4})(?: Jahre?)?")
_BESIDE = " | "
_FRAME = {"Aktenplan": "name", "Fassung": "version", "Gültig ab": "valid_from", "Gültig bis": "valid_until"} | {
    "Rechnungen": "invoices"
}
_OFFICE, _LEITWEG = "Amt", "Leitweg-ID"
_REST = "Weiteres"
"""The column of all that has none of its own, as JSON: nothing gets lost on the way."""
_RULE = re.compile(r"(?P<leads>.*?)\s*(?:\((?P<confidence>[01](?:[.,]\d+)?)\))?", re.DOTALL)
_TO = "an:"


class _Odd(ValueError):
    """A cell that is not what its column holds; says what it has to be."""


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def read(text: str) -> tuple[str, list[plan_check.Fault]]:
    """Our JSON of the plan and all faults, with the lines of the CSV."""
    rows = Rows()
    try:
        _read(text, rows)
    except Unreadable as error:
        return "", [*rows.faults, error.fault]
    return rows.checked()


def write(plan: FilePlan) -> str:
    """The plan as a spreadsheet opens it; lines end in CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    given: dict[str, Any] = msgspec.to_builtins(plan)
    for head, field in _FRAME.items():
        if field in given:
            writer.writerow([head, _safe(str(given[field]))])
    for office, name in plan.offices.items():
        writer.writerow([_OFFICE, office, _safe(name)])
    for leitweg_id, office in plan.leitweg_ids.items():
        writer.writerow([_LEITWEG, leitweg_id, office])
    writer.writerow([*(column.head for column in _COLUMNS), _REST])
    for position in given.get("positions", ()):
        writer.writerow([_safe(cell) for cell in _cells(position)])
    return out.getvalue()


def _cells(position: dict[str, Any]) -> Iterator[str]:
    rest = {name: value for name, value in position.items() if name not in _FIELDS}
    for column in _COLUMNS:
        value = position.get(column.field)
        shown = "" if value is None else column.write(value)
        if value is not None and not _says(column, shown, value):
            rest[column.field] = value
        yield shown
    yield json.dumps(rest, ensure_ascii=False) if rest else ""


def _says(column: _Column, shown: str, value: Any) -> bool:
    """Whether the cell will be read as exactly this value; a keyword may hold the sign that parts keywords."""
    try:
        return bool(shown.strip()) and column.read(shown.strip()) == value
    except _Odd:
        return False


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("'", *_FORMULA)) else cell


def _read(text: str, rows: Rows) -> None:
    found = _HEAD.search(text)
    if found is None:
        raise Unreadable(1, "no_head", "No line begins with the column head `Kennzeichen`.")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=found["between"], strict=True)
    heads: list[_Column | None] = []
    begins = 1
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                heads = _row(cells, begins, heads=heads, rows=rows)
            begins = lines.line_num + 1
    except csv.Error as error:
        raise Unreadable(begins, "not_csv", f"This is no CSV: {error}.") from error


def _row(cells: list[str], line: int, *, heads: list[_Column | None], rows: Rows) -> list[_Column | None]:
    """Take one row; the columns from here on."""
    if heads:
        _take(cells, line, heads=heads, rows=rows)
    elif cells[0].strip() == _COLUMNS[0].head:
        return _heads(cells, line, rows)
    else:
        _frame(cells, line, rows)
    return heads


def _heads(cells: list[str], line: int, rows: Rows) -> list[_Column | None]:
    known = {column.head: column for column in _COLUMNS} | {_REST: None}
    found: list[_Column | None] = []
    for cell in (cell.strip() for cell in cells):
        if cell not in known:
            raise Unreadable(line, "unknown_column", f"There is no column {cell[:60]!r}.")
        if known[cell] in found:
            raise Unreadable(line, "doubled_column", f"The column {cell!r} stands here twice.")
        found.append(known[cell])
    rows.frame.setdefault("offices", {})
    return found


def _frame(cells: list[str], line: int, rows: Rows) -> None:
    named, *values = [_text(cell, line, rows) for cell in cells]
    given = [value for value in values if value]
    if named == _OFFICE and len(given) == len(("id", "name")):
        rows.frame.setdefault("offices", {})[given[0]] = given[1]
    elif named == _LEITWEG and len(given) == len(("id", "office")):
        rows.frame.setdefault("leitweg_ids", {})[given[0]] = given[1]
    elif named in _FRAME and len(given) == 1:
        field = _FRAME[named]
        rows.frame[field] = _date(given[0]) if field.startswith("valid_") else given[0]
    else:
        rows.fault(line, "unknown_row", f"Above the column heads nobody knows {named[:60]!r} with {len(given)} values.")


def _take(cells: list[str], line: int, *, heads: list[_Column | None], rows: Rows) -> None:
    if len(cells) != len(heads):
        rows.fault(line, "wrong_width", f"The row has {len(cells)} cells, the heads are {len(heads)}.")
        return
    position: dict[str, Any] = {}
    for column, cell in zip(heads, cells, strict=True):
        text = _text(cell, line, rows)
        try:
            _put(position, column, text)
        except _Odd as error:
            rows.fault(line, "wrong_type", f"{column.head if column else _REST}: {error}")
    rows.add(line, position)


def _put(position: dict[str, Any], column: _Column | None, text: str) -> None:
    if not text:
        return
    if column:
        position[column.field] = column.read(text)
        return
    try:
        rest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Odd("this has to be a JSON object.") from error
    if not isinstance(rest, dict):
        raise _Odd("this has to be a JSON object.")
    position |= rest


def _text(cell: str, line: int, rows: Rows) -> str:
    """What a cell says; the apostrophe before a text that looks like a formula is the spreadsheet's."""
    if cell.startswith(_MARKED):
        return cell[1:]
    if cell.startswith(_FORMULA):
        rows.fault(line, "formula", f"A cell begins like a formula, with {cell[:1]!r}; put an apostrophe before it.")
        return ""
    return cell.strip()


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.split("|") if one.strip()]


def _date(text: str) -> str:
    """A day as ISO 8601 writes it, also where it was typed as people do here."""
    found = _DAY.fullmatch(text)
    return f"{found['year']}-{int(found['month']):02d}-{int(found['day']):02d}" if found else text


def _retention(text: str) -> dict[str, int]:
    if text.lower() in ("dauernd", "unbefristet"):
        return {}
    found = _YEARS.fullmatch(text)
    if found is None:
        raise _Odd("write `dauernd` or whole years, such as `10 Jahre`.")
    return {"years": int(found["years"])}


def _retention_shown(retention: dict[str, int]) -> str:
    years = retention.get("years")
    return "dauernd" if years is None else "1 Jahr" if years == 1 else f"{years} Jahre"


def _one_of(head: str, field: str, values: dict[str, Any]) -> _Column:
    """A column that holds one of a few words, in upper or lower case."""
    words = {value: word for word, value in values.items()}
    known = {word.lower(): value for word, value in values.items()}

    def read(text: str) -> Any:
        if text.lower() not in known:
            raise _Odd(f"write one of {', '.join(values)}.")
        return known[text.lower()]

    return _Column(head, field, read, words.__getitem__)


def _level(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _Odd("write 1, 2 or 3.")
    return int(text[:2])


def _rules(text: str) -> list[dict[str, Any]]:
    return [_rule(one) for one in _several(text)]


def _rule(text: str) -> dict[str, Any]:
    """`Bauantrag + Carport (0.9)`: all phrases together; `an:` begins the mailbox of a rule."""
    found = _RULE.fullmatch(text)
    leads = [lead.strip() for lead in (found["leads"] if found else text).split("+") if lead.strip()]
    addresses = [lead.removeprefix(_TO).strip() for lead in leads if lead.startswith(_TO)]
    if len(addresses) > 1:
        raise _Odd("a rule has one address at most.")
    words = [lead for lead in leads if not lead.startswith(_TO)]
    rule: dict[str, Any] = {"words": words} if words else {}
    if addresses:
        rule["address"] = addresses[0]
    if found and found["confidence"]:
        rule["confidence"] = float(found["confidence"].replace(",", "."))
    return rule


def _rules_shown(rules: list[dict[str, Any]]) -> str:
    return _BESIDE.join(_rule_shown(rule) for rule in rules)


def _rule_shown(rule: dict[str, Any]) -> str:
    leads = [*rule.get("words", ()), *([f"{_TO}{rule['address']}"] if rule.get("address") else [])]
    shown = " + ".join(leads)
    return f"{shown} ({rule['confidence']:g})" if "confidence" in rule else shown


_COLUMNS = (
    _Column("Kennzeichen", "code", str),
    _Column("Bezeichnung", "title", str),
    _Column("Übergeordnet", "parent", str),
    _Column("Beschreibung", "description", str),
    _Column("Stichwörter", "keywords", _several, _BESIDE.join),
    _Column("Amt", "office", str),
    _Column("Aufbewahrung", "retention", _retention, _retention_shown),
    _one_of("Aussonderung", "disposal", {"A": "archive", "B": "appraise", "V": "destroy"}),
    _Column("Datenschutzstufe", "protection", _level),
    _one_of("Geschlossen", "closed", {"ja": True, "nein": False}),
    _Column("Gültig ab", "valid_from", _date),
    _Column("Gültig bis", "valid_until", _date),
    _Column("Siehe auch", "see_also", _several, _BESIDE.join),
    _Column("Ersetzt", "replaces", _several, _BESIDE.join),
    _Column("KGSt", "kgst", _several, _BESIDE.join),
    _Column("LeiKa", "leika", _several, _BESIDE.join),
    _one_of("Vorgänge", "cases", {"nein": "none", "möglich": "optional", "nötig": "required"}),
    _Column("Regeln", "rules", _rules, _rules_shown),
)
"""In the order in which they are written; any order is read, and all but the first two may be missing."""
_FIELDS = frozenset(column.field for column in _COLUMNS)
