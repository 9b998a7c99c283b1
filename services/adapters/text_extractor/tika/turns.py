"""Whose turn it is at which server: one file at a time each, and none is waited for that does not answer."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from services.core.errors import TryLater

Endpoint = TypeVar("Endpoint")

LOOK_AGAIN = 0.2
"""Seconds until a place that did not answer is asked again; four times as long as its silence lasted on top."""


class Turns(Generic[Endpoint]):
    """Places for one at a time; the one that was idle longest is next, those that do not answer rest."""

    def __init__(
        self,
        places: Iterable[Endpoint],
        answers: Callable[[Endpoint], bool],
        missed_since: Callable[[Endpoint], float],
        *,
        busy: float,
        away: float,
    ) -> None:
        """Seconds until TryLater: `busy` while all that answer are at work, `away` since the last of all was missed.

        So one absence is waited for once, and not by every file that comes during it.
        """
        self._answers = answers
        self._missed_since = missed_since
        self._busy = busy
        self._away = away
        self._changed = threading.Condition()
        self._free = deque((place, 0.0) for place in places)
        self._at_work = 0

    @contextmanager
    def taken(self) -> Iterator[Endpoint]:
        """A place for ourselves, which answered just now."""
        place = self._take()
        try:
            yield place
        finally:
            self._give_back(place)

    def _take(self) -> Endpoint:
        began = time.monotonic()
        while True:
            place = self._next()
            if place is not None:
                asked = time.monotonic()
                if self._answers(place):
                    return place
                answered = time.monotonic()
                self._give_back(place, rests_until=answered + LOOK_AGAIN + 4 * (answered - asked))
            self._wait(time.monotonic() - began)

    def _next(self) -> Endpoint | None:
        """One that does not rest, or nothing."""
        now = time.monotonic()
        with self._changed:
            for entry in self._free:
                if entry[1] <= now:
                    self._free.remove(entry)
                    self._at_work += 1
                    return entry[0]
        return None

    def _wait(self, waited: float) -> None:
        with self._changed:
            if not self._at_work and time.monotonic() > self._all_missed_since() + self._away:
                raise TryLater("tika_away")
            if waited > self._busy:
                raise TryLater("tika_busy")
            if all(rests_until > time.monotonic() for _, rests_until in self._free):
                self._changed.wait(LOOK_AGAIN)

    def _all_missed_since(self) -> float:
        return max(self._missed_since(place) for place, _ in self._free)

    def _give_back(self, place: Endpoint, *, rests_until: float = 0.0) -> None:
        with self._changed:
            self._at_work -= 1
            self._free.append((place, rests_until))
            self._changed.notify()
