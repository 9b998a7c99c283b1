"""File numbers (Aktenzeichen): rendered and parsed by one template, compared in one normal form.

A number is the plan's position and a running number within the year, such as `52.10.02/17-2026`; numbers are never
used twice. xdomea 4.0: Aktenzeichen = Kennzeichen der Aktenplaneinheit + Ordnungsnummer. The sign of a Vorgang
(Vorgangszeichen) is the number of its file and its own in it: `52.10.02/17-2026#3`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from services.core import keys
from services.core.errors import Misconfigured

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_BLANKS = re.compile(r"\s+")
_FIELDS = {
    "position": r"(?P<position>[0-9A-Z][0-9A-Z.]{0,31})",
    "number": r"(?P<number>[0-9]{1,6})",
    "year": r"(?P<year>[0-9]{4})",
}
_CASE = r"(?:#0{0,5}(?P<case>[1-9][0-9]{0,5}))?"
_LETTERS = re.compile(r"[0-9A-Za-z./_-]*")


@dataclass(frozen=True, slots=True)
class FileNumber:
    """The components, stored beside the display string."""

    position: str
    number: int
    year: int
    case: int | None = None
    """The Vorgang in the file, where the sign of one was written."""

    @property
    def is_collective(self) -> bool:
        """Whether it is that of a collective file (Sammelakte), which is opened by its first letter."""
        return self.number == 0


@dataclass(frozen=True)
class Template:
    """How a tenant writes its file numbers; position, number and year must occur once each, the position first."""

    text: str = "{position}/{number}-{year}"

    def __post_init__(self) -> None:
        between = re.split(r"\{\w+\}", self.text)
        fields = re.findall(r"\{(\w+)\}", self.text)
        if sorted(fields) != sorted(_FIELDS) or not self.text.startswith("{position}/"):
            raise Misconfigured("setting filing.file_number: needs {position}/ first, then {number} and {year}")
        if not all(_LETTERS.fullmatch(text) for text in between) or not all(between[1:-1]):
            raise Misconfigured("setting filing.file_number: between its fields stand letters, digits, . / _ or -")
        try:
            keys.checked(self.render("1", 1, 2000))
        except ValueError as error:
            raise Misconfigured("setting filing.file_number: no name in a path may begin with . or -") from error

    def render(self, position: str, number: int, year: int) -> str:
        """The number as people write it; it is its own key in the store."""
        return self.text.format(position=position, number=number, year=f"{year:04d}")

    def parse(self, text: str) -> FileNumber | None:
        """The components of a number that has this form, however it was typed, also with a Vorgang behind it."""
        found = self._shape.fullmatch(normalised(text))
        if found is None:
            return None
        case = int(found["case"]) if found["case"] else None
        return FileNumber(found["position"], int(found["number"]), int(found["year"]), case)

    def collective(self, position: str, year: int) -> str:
        """The file in which a position collects a year's letters (Sammelakte): number 0, before all cases."""
        return self.render(position, 0, year)

    def is_collective(self, file: str) -> bool:
        """Whether the number is that of a collective file."""
        parsed = self.parse(file)
        return parsed is not None and parsed.is_collective

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Fields in braces and what stands between them, in order."""
        return tuple(piece for piece in re.split(r"(\{\w+\})", self.text) if piece)

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        pieces = (_FIELDS[p[1:-1]] if p.startswith("{") else re.escape(p.upper()) for p in self.pieces)
        return re.compile("".join(pieces) + _CASE)


@lru_cache(maxsize=16)
def template_of(text: str) -> Template:
    """The template of a setting, checked and made ready once: whoever judges a letter asks for it several times."""
    return Template(text)


def normalised(text: str) -> str:
    """Upper case, every dash a hyphen, no blanks: what is compared."""
    return _BLANKS.sub("", with_hyphens(text)).upper()


def with_hyphens(text: str) -> str:
    """Every dash a hyphen; the length stays."""
    return _DASHES.sub("-", text)


def year_at(moment: datetime, zone: str) -> int:
    """The year that a file is numbered by which is opened at this moment: that of the town, not that of UTC."""
    return moment.astimezone(ZoneInfo(zone)).year


def case_sign(file: str, case: int | None) -> str:
    """The sign of a Vorgang (Vorgangszeichen): `52.10.02/17-2026#3`; without one the number of the file."""
    return f"{file}#{case}" if case else file


def entry_label(file: str, entry: int) -> str:
    """An entry as people write it: `52.10.02/17-2026-004`."""
    return f"{file}-{entry:03d}"
