"""What people add to a document while they work on it, as the record tells it: notes, a day to look again, who does."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.core.model.record import Record
from services.core.model.side_files import Handling

LONGEST_PAST = timedelta(days=3_660)
"""Days that passed longer ago are no longer asked for."""


def notes_of(found: Record) -> Sequence[Handling]:
    """Every note, oldest first."""
    return [made for made in found.handlings if made.kind == "note"]


def due_of(found: Record) -> date | None:
    """The day on which it shall be looked at again; None for none."""
    return next((made.due for made in reversed(found.handlings) if made.kind == "due"), None)


def clerk_of(found: Record) -> str:
    """The account of whoever works on it; empty for nobody, and where another office was given the letter since."""
    newest = next((made for made in reversed(found.handlings) if made.kind == "clerk"), None)
    if newest is None or not newest.clerk:
        return ""
    since = (one for one in found.decisions if one.base_revision >= newest.base_revision)
    return "" if any(one.action == "assign" for one in since) else newest.clerk


def words_of(day: date | None) -> tuple[str, ...]:
    """The day, its month and its year: so everything until a day is a few words, for indexes that compare no days."""
    return (day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}") if day else ()


def until(day: date) -> tuple[str, ...]:
    """The words of all days up to this one, back to `LONGEST_PAST`: about fifty."""
    days = [f"{day:%Y-%m}-{number:02}" for number in range(1, day.day + 1)]
    months = [f"{day:%Y}-{number:02}" for number in range(1, day.month)]
    years = [f"{number:04}" for number in range((day - LONGEST_PAST).year, day.year)]
    return (*days, *months, *years)
