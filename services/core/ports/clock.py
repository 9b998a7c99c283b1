"""The port to the time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests and the simulation own it."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
