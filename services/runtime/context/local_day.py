"""Where the city hall stands: stored times are UTC, a day is a day of the city hall."""

from datetime import date
from zoneinfo import ZoneInfo

from services.core.ports.clock import Clock

HERE = ZoneInfo("Europe/Berlin")


def today(clock: Clock) -> date:
    """The day that it is at the city hall."""
    return clock.now().astimezone(HERE).date()
