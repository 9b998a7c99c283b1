"""While the world is away: who looks whether it is back and when, and one line as it begins and one as it ends.

A server that is down hinders every delivery that needs it. If each of them counted its own pauses, thousands would ask
it again and again and fill the log. So the pause belongs to the outage: whoever it hinders waits for one that looks.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from structlog.typing import FilteringBoundLogger

from services.settings.sections import Worker as Pauses

REMINDER = 60.0
"""Seconds until an outage that goes on is told again; each further time after twice as long."""
FORGOTTEN = 10
"""Longest pauses without a try, after which nothing here waits for the end any more: others have taken it over."""


@dataclass(slots=True)
class Outage:
    """Something that keeps a service from its work."""

    at: str
    """What is away: the name of a port without which nothing can be done, else `work`, `reading` or a round."""
    code: str
    number: int
    """Tells it from an earlier one of the same kind: whoever was hindered by that one may try."""
    began: float
    pause: float
    due: float
    """When the next look is due."""
    last: float
    """When it was last tried."""
    reminder: float = REMINDER
    looking: bool = False
    """Somebody has taken the next look upon itself."""
    tries: int = 0
    waiting: int = 0
    """Deliveries that were hindered; each counts once."""

    @property
    def hindrance(self) -> "Hindrance":
        """What those wait for that it hinders."""
        return Hindrance(self.at, self.code, self.number)


class Hindrance(NamedTuple):
    """What a delivery waits for."""

    at: str
    code: str
    number: int


class Outages:
    """The outages that one service of this process meets; shared by its workers and rounds."""

    def __init__(
        self,
        log: FilteringBoundLogger,
        pauses: Pauses | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        pauses = pauses or Pauses()
        self._first, self._longest = pauses.pause.total_seconds(), pauses.longest_pause.total_seconds()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._number = 0
        self._open: dict[tuple[str, str], Outage] = {}

    def __iter__(self) -> Iterator[Outage]:
        """Those that go on."""
        with self._lock:
            return iter(list(self._open.values()))

    def now(self) -> float:
        """By the clock in which `due` is told."""
        return self._monotonic()

    def hindered(self, at: str, code: str, *, fresh: int = 1) -> tuple[Hindrance, float]:
        """Count a try in vain, by so many deliveries that did not wait yet; what they wait for now, and the seconds."""
        now = self._monotonic()
        with self._lock:
            outage = self._open.get((at, code))
            if outage is None:
                self._number += 1
                outage = Outage(at, code, self._number, began=now, pause=self._first, due=now + self._first, last=now)
                self._open[at, code] = outage
                self._log.warning("outage_began", at=at, code=code)
                looked = False
            else:
                looked = outage.looking or now >= outage.due
            outage.tries += 1
            outage.waiting += fresh
            outage.last = now
            if looked:
                outage.pause = min(2 * outage.pause, self._longest)
                outage.due, outage.looking = now + outage.pause, False
            self._remind(outage, now)
            return outage.hindrance, max(outage.due - now, 0.0)

    def wait(self, hindrance: Hindrance) -> float:
        """Seconds that whoever was hindered by it has to wait; 0: it is over, or the look is the caller's now."""
        now = self._monotonic()
        with self._lock:
            outage = self._open.get((hindrance.at, hindrance.code))
            if outage is None or outage.number != hindrance.number:
                return 0.0
            if now < outage.due:
                return outage.due - now
            outage.looking, outage.due = True, now + outage.pause
            return 0.0

    def knows(self, at: str, code: str) -> bool:
        """Whether such an outage goes on."""
        return (at, code) in self._open

    def ended(self, hindrance: Hindrance) -> None:
        """Who was hindered by it got through."""
        with self._lock:
            outage = self._open.get((hindrance.at, hindrance.code))
            if outage and outage.number == hindrance.number:
                self._close(outage)

    def over(self, at: str) -> None:
        """Whatever was away there is back."""
        self._close_all(lambda outage: outage.at == at)

    def sweep(self) -> None:
        """Close what nothing here waits for any more."""
        limit = self._monotonic() - FORGOTTEN * self._longest
        self._close_all(lambda outage: outage.last < limit)

    def _close_all(self, which: Callable[[Outage], bool]) -> None:
        if self._open:
            with self._lock:
                for outage in [outage for outage in self._open.values() if which(outage)]:
                    self._close(outage)

    def _close(self, outage: Outage) -> None:
        del self._open[outage.at, outage.code]
        seconds = round(self._monotonic() - outage.began, 1)
        told = {"tries": outage.tries, "waiting": outage.waiting}
        self._log.warning("outage_ended", at=outage.at, code=outage.code, seconds=seconds, **told)

    def _remind(self, outage: Outage, now: float) -> None:
        lasted = now - outage.began
        if lasted >= outage.reminder:
            outage.reminder = 2 * lasted
            told = {"tries": outage.tries, "waiting": outage.waiting}
            self._log.warning("outage_goes_on", at=outage.at, code=outage.code, seconds=round(lasted, 1), **told)
