"""One process's view of whole topics: first everything that is there, then what comes."""

from datetime import timedelta
from time import monotonic
from typing import Protocol

from services.core.errors import TryLater
from services.core.messages.envelope import Message

BURST = 500
"""Messages handed over at once."""
SLICE = 0.1
"""Seconds of the longest single poll."""


class Tail(Protocol):
    """The consumer of one follower, as far as the view needs it."""

    def poll(self, wait: float) -> Message | None:
        """Wait up to `wait` seconds for the next message."""

    def caught_up(self) -> bool:
        """Whether everything has been handed over that was there at the start."""

    def reachable(self) -> bool:
        """Whether the log answers; asked only when something came that makes it doubtful."""

    def close(self) -> None:
        """Let go."""


class View:
    """`Follower` over a tail. Belongs to one thread."""

    def __init__(self, tail: Tail, patience: float) -> None:
        """`patience` in seconds is how long the first reading may hang."""
        self._tail = tail
        self._patience = patience
        self._closed = False

    def read(self, timeout: timedelta) -> list[Message]:
        """The next messages, in order; empty after the timeout, but never before all that was there has been read."""
        until = monotonic() + timeout.total_seconds()
        last = until + self._patience
        while True:
            if found := self._gather(min(SLICE, max(0.0, until - monotonic()))):
                return found
            now, behind = monotonic(), not self._tail.caught_up()
            if now >= until and not behind:
                break
            if now >= last:
                raise TryLater
            until = max(until, now + SLICE) if behind else until
        if not self._tail.reachable():
            raise TryLater
        return []

    def close(self) -> None:
        """Stop following."""
        if not self._closed:
            self._closed = True
            self._tail.close()

    def _gather(self, wait: float) -> list[Message]:
        found: list[Message] = []
        while len(found) < BURST and (message := self._tail.poll(wait)):
            found.append(message)
            wait = 0.0
        return found
