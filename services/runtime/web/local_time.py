"""The city hall's clock: stored times are UTC, people read and type local ones."""

from datetime import datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Berlin")
"""A day is a day of the city hall."""


def shown(moment: datetime | None) -> str:
    """A time as people read it: `23.11.2026, 14:05 Uhr`; empty where there is none."""
    return moment.astimezone(HERE).strftime("%d.%m.%Y, %H:%M Uhr") if moment else ""
