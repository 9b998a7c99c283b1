"""What a procedure was told is told again from a moment on: the same events under the same ids, from the inbox."""

from datetime import datetime

from services.core.messages.envelope import Event
from services.procedures import inbox
from services.runtime.context.service import Context

PORTION = 50
"""Events that are published at a time."""


def first_line_since(context: Context, name: str, since: datetime) -> int:
    """The first line that is not older, one behind the last where all are.

    Lines are written in the order of time but for what two workers did at once, so halving finds it to a moment.
    """
    low, high = 1, inbox.last_line(context, name) + 1
    while low < high:
        middle = (low + high) // 2
        if inbox.line_event(context, name, middle).time < since:
            low = middle + 1
        else:
            high = middle
    return low


def tell_again(context: Context, name: str, first: int) -> int:
    """Publish the lines from this one on, oldest first; returns the last one told."""
    last = first - 1
    while found := _behind(context, name, last):
        context.ports.log.publish(*found)
        last += len(found)
    return last


def _behind(context: Context, name: str, last: int) -> list[Event]:
    numbers = range(last + 1, last + 1 + PORTION)
    found: list[Event] = []
    for number in numbers:
        if not inbox.there(context, name, number):
            break
        found.append(inbox.line_event(context, name, number))
    return found
