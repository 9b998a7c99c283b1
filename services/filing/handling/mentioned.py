"""Days that a letter names, offered for looking at it again: `bis 15.12.`, `binnen zwei Wochen`, a day to come."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from msgspec import Struct

from services.core import spellings
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.entries import Viewer
from services.runtime.access.visibility import occurrence_of
from services.runtime.context.local_day import HERE
from services.runtime.translation.speaking import gettext

OFFERED = 4
CHARACTERS, PARTS, DAYS = 50_000, 20, 200
"""Read of each part, parts that are read, and days that are looked at in each: a table of days is no letter."""
_BEFORE = 40
"""Characters before a day in which a word may say that it is a deadline."""
_WORDS_AT_MOST = 60
_MONTH_AND_DAY = 4
_CUE = re.compile(
    r"\b(?:(?:bis|spätestens|frist|fällig|zahlbar|termin|ablauf des)\b[^.!?;\n]{0,24}|fristende[^.!?;\n]{0,24})$",
    re.IGNORECASE,
)
_NUMBERS = {
    "ein": 1, "einem": 1, "einer": 1, "eines": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "acht": 8,
    "zehn": 10, "vierzehn": 14,
}  # fmt: skip
_PERIOD = re.compile(
    rf"\b(?:innerhalb|binnen)\s+(?:von\s+)?(\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s+"
    r"(Tag|Woche|Monat)(?:en|e|n|s)?\b",
    re.IGNORECASE,
)
_MONTHS_OF_A_YEAR = 12


class Mentioned(Struct, frozen=True, kw_only=True):
    """A day, and the words of the letter that name it."""

    day: date
    words: str
    """As they stand in the letter."""
    from_arrival: bool = False
    """Whether it was counted from the day of arrival, because the letter names a period."""
    deadline: bool = False
    """Whether the letter says that something has to be done until then."""


def days_of(found: Record, viewer: Viewer, now: date) -> list[Mentioned]:
    """The days from `now` on, deadlines first and then the nearest; of several names of a day the first."""
    named: dict[date, Mentioned] = {}
    for one in sorted(_mentioned(found, viewer), key=lambda one: not one.deadline):
        if one.day >= now:
            named.setdefault(one.day, one)
    return sorted(named.values(), key=lambda one: (not one.deadline, one.day))[:OFFERED]


def _mentioned(found: Record, viewer: Viewer) -> Iterator[Mentioned]:
    """Every day that the letter names, in no order; a day without its year is the first one since the letter came."""
    own = occurrence_of(found, viewer)
    arrived = (own.received_at if own else record.since(found)).astimezone(HERE).date()
    if found.extraction is None:
        return
    for part in islice(found.extraction.parts, PARTS):
        yield from _of_invoice(part)
        text = part.text[:CHARACTERS]
        yield from islice(_days(text, arrived), DAYS)
        yield from islice(_periods(text, arrived), DAYS)


def _of_invoice(part: Part) -> Iterator[Mentioned]:
    if part.invoice and part.invoice.due_date:
        yield Mentioned(day=part.invoice.due_date, words=gettext("Rechnung fällig"), deadline=True)


def _days(text: str, arrived: date) -> Iterator[Mentioned]:
    for start, end, digits in spellings.days_in(text):
        cue = _CUE.search(text, max(0, start - _BEFORE), start)
        if cue is None and len(digits) == _MONTH_AND_DAY:
            continue  # `1.2.` is mostly a number of something
        day = _day(digits, arrived)
        if day:
            words = " ".join(text[cue.start() if cue else start : end].split())
            yield Mentioned(day=day, words=words[:_WORDS_AT_MOST], deadline=cue is not None)


def _day(digits: str, arrived: date) -> date | None:
    try:
        if len(digits) != _MONTH_AND_DAY:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        this_year = date(arrived.year, int(digits[:2]), int(digits[2:]))
        return this_year if this_year >= arrived else this_year.replace(year=arrived.year + 1)
    except ValueError:
        return None  # 31.02., or 29.02. of a year that has none


def _periods(text: str, arrived: date) -> Iterator[Mentioned]:
    for found in _PERIOD.finditer(text):
        count = int(found[1]) if found[1].isdigit() else _NUMBERS[found[1].lower()]
        if count:
            words = " ".join(found[0].split())
            yield Mentioned(day=_after(arrived, count, found[2].lower()), words=words, from_arrival=True, deadline=True)


def _after(day: date, count: int, unit: str) -> date:
    if unit == "monat":
        return _months_after(day, count)
    return day + timedelta(weeks=count) if unit == "woche" else day + timedelta(days=count)


def _months_after(day: date, count: int) -> date:
    """The same day of a later month, its last one where there is no such day (§ 188 BGB)."""
    years, month = divmod(day.month - 1 + count, _MONTHS_OF_A_YEAR)
    first_of_next = date(day.year + years + (month == _MONTHS_OF_A_YEAR - 1), (month + 1) % _MONTHS_OF_A_YEAR + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(day.year + years, month + 1, min(day.day, last))
