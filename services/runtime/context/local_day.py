"""Where the city hall stands: stored times are UTC, a day is a day of the city hall."""

from datetime import date

from services.core.ports.clock import HERE, Clock

__all__ = ("HERE", "today")


def today(clock: Clock) -> date:
    """The day that it is at the city hall."""
    return clock.now().astimezone(HERE).date()
