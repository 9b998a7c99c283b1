"""The port to the time."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Berlin")
"""Where the city hall stands: stored times are UTC, its days and years are those of the city hall."""


class Clock(Protocol):
    """Time, so that tests and the simulation own it."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
