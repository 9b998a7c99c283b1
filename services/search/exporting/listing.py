"""A list of hits as CSV or JSON, in pieces.

Titles and senders are what strangers wrote. A table program runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a
line break as a formula; such a cell begins with an apostrophe here (OWASP, CSV Injection).
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from services.core import catalogue
from services.core.ports.entries import Hit
from services.runtime.desk.formatting import person_shown
from services.runtime.translation.spoken import shown
from services.search.models import hit_out

COLUMNS = (
    "Dokument",
    "Betreff",
    "Absender",
    "Eingang",
    "Eingang als",
    "Stand",
    "Akten",
    "Hinweise",
    "Datenschutzstufe",
    "Ohne",
    "Vorgänge",
)
BYTE_ORDER_MARK = "\ufeff"
"""By which table programs know UTF-8."""
_RUN_BY_TABLES: tuple[str, ...] = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
)
_RUN_BY_TABLES += ("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")
_UNSEEN = "CZ"
"""Kinds of characters (Unicode) that print nothing: blanks, control and format characters, which some programs skip."""
_LONGEST_CELL = 1_000


def as_csv(hits: Iterable[Hit]) -> Iterator[bytes]:
    """A table with semicolons and a head, as German table programs open it (RFC 4180 but for the semicolon)."""
    yield (BYTE_ORDER_MARK + _line(COLUMNS)).encode()
    for hit in hits:
        yield _line(harmless(cell) for cell in _cells(hit)).encode("utf-8", "replace")


def as_json(hits: Iterable[Hit]) -> Iterator[bytes]:
    """An object with `items`, each like a hit of `/search`; it is whole only where it ends."""
    yield b'{"items":['
    for number, hit in enumerate(hits):
        yield (b"," if number else b"") + hit_out(hit).model_dump_json().encode("utf-8", "replace")
    yield b"]}"


FORMATS: dict[str, tuple[str, Callable[[Iterable[Hit]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}
"""Media type, and how the list is written."""


def harmless(cell: str) -> str:
    """The cell as text and nothing else, in one line, also behind what prints nothing."""
    seen = next((letter for letter in cell if unicodedata.category(letter)[0] not in _UNSEEN), "")
    risky = seen in _RUN_BY_TABLES or cell[:1] in _RUN_BY_TABLES
    flat = " ".join(cell.split())[:_LONGEST_CELL]
    return f"'{flat}" if risky else flat


def places_of(hit: Hit) -> str:
    """The signs of the Vorgänge that it lies in, and the numbers of files in which it lies in none."""
    divided = {case.rpartition("#")[0] for case in hit.cases}
    return ", ".join((*hit.cases, *(file for file in hit.files if file not in divided)))


def _cells(hit: Hit) -> Iterator[str]:
    yield hit.document
    yield hit.title
    yield person_shown(hit.sender)
    yield shown(hit.received_at) if hit.received_at else ""
    yield catalogue.text(hit.channel) if hit.channel else ""
    yield catalogue.text(hit.state)
    yield ", ".join(hit.files)
    yield ", ".join(catalogue.text(code) for code in hit.problems)
    yield str(hit.protection)
    yield ", ".join(hit.without)
    yield ", ".join(hit.cases)


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()
