"""Dates, times and numbers in the language of whoever reads a page."""

from datetime import date, datetime

from services.core.ports.clock import HERE
from services.runtime.translation.speaking import language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SWAPPED = str.maketrans(",.", ".,")


def shown(moment: datetime | None) -> str:
    """A time as people read it: `23.11.2026, 14:05 Uhr` or `23 Nov 2026, 14:05`; empty where there is none."""
    if moment is None:
        return ""
    here = moment.astimezone(HERE)
    return f"{day_shown(here)}, {here:%H:%M}" + (" Uhr" if language() == "de" else "")


def shortly(moment: datetime | None) -> str:
    """A time where there is little room: `14:05` on the day itself, `23.11.` or `23 Nov`, of other years in full."""
    if moment is None:
        return ""
    here, now = moment.astimezone(HERE), datetime.now(HERE)
    if here.date() == now.date():
        return here.strftime("%H:%M")
    return day_in_year(here) if here.year == now.year else day_shown(here)


def day_shown(day: date) -> str:
    """A day as people read it: `15.12.2026` or `15 Dec 2026`."""
    return f"{day:%d.%m.%Y}" if language() == "de" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def day_in_year(day: date) -> str:
    """The same without its year: `15.12.` or `15 Dec`."""
    return f"{day:%d.%m.}" if language() == "de" else f"{day.day} {_MONTHS[day.month - 1]}"


def number_shown(written: str) -> str:
    """A number that Python wrote (`1,190.50`), with the marks of the language: `1.190,50` in German."""
    return written.translate(_SWAPPED) if language() == "de" else written
