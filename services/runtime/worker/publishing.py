"""Telling of a receipt: at once where the log is there, else by the sweeper. Accepting never waits for the log."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from structlog.typing import FilteringBoundLogger

from services.core.errors import TryLater
from services.core.messages.envelope import Event
from services.core.ports.event_log import EventLog

REST = timedelta(seconds=5)
"""How long a log that was away is left alone; then one delivery tries it again."""

PATIENCE = timedelta(seconds=2)
"""A publish that takes longer counts as a log that is away: nobody else begins to wait for it."""


MOST_WAITING = 1_000
"""Events that wait behind a publish; the sweeper finds what comes on top of them."""


class Announcer:
    """Publishes what intakes accepted; belongs to all threads. What it leaves out, the sweeper finds and publishes."""

    def __init__(
        self, events: EventLog, *, log: FilteringBoundLogger, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._events = events
        self._monotonic = monotonic
        self._log = log
        self._lock = threading.Lock()
        self._begun: dict[int, float] = {}
        self._ticket = 0
        self._rests_until = 0.0
        self._away = False

    def announce(self, *events: Event) -> bool:
        """Publish the events of stored receipts; False: they are left to the sweeper."""
        ticket = self._begin()
        if ticket is None:
            return False
        try:
            self._events.publish(*events)
        except TryLater as error:
            self._over(ticket, away=True)
            self.leave_to_sweeper(*events, code=error.code)
            return False
        except BaseException:
            self._over(ticket, away=True)
            raise
        self._over(ticket, away=False)
        return True

    def leave_to_sweeper(self, *events: Event, code: str) -> None:
        """Say in the log that nobody was told of these."""
        for event in events:
            self._log.warning("left_to_sweeper", document=event.document, code=code)

    def _begin(self) -> int | None:
        now = self._monotonic()
        with self._lock:
            stuck = any(now - begun > PATIENCE.total_seconds() for begun in self._begun.values())
            probed = self._away and self._begun
            if stuck or probed or now < self._rests_until:
                return None
            self._ticket += 1
            self._begun[self._ticket] = now
            return self._ticket

    def _over(self, ticket: int, *, away: bool) -> None:
        with self._lock:
            del self._begun[ticket]
            self._away = away
            self._rests_until = self._monotonic() + REST.total_seconds() if away else 0.0


class Telling:
    """Announces behind the answers of an HTTP listener: what comes while one publish runs goes with the next, together.

    Belongs to the event loop.
    """

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._waiting: list[Event] = []
        self._busy = False

    async def tell(self, *events: Event) -> None:
        """Returns at once where somebody is publishing, who takes these along."""
        if len(self._waiting) >= MOST_WAITING:
            self._announcer.leave_to_sweeper(*events, code="busy")
            return
        self._waiting += events
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                await run_in_threadpool(self._announcer.announce, *together)
        finally:
            self._busy = False


class TellingInThreads:
    """The same behind the answers of a listener that stores in threads; belongs to all of them."""

    def __init__(self, announcer: Announcer, executor: Executor) -> None:
        self._announcer = announcer
        self._executor = executor
        self._lock = threading.Lock()
        self._waiting: list[Event] = []
        self._busy = False

    def tell(self, *events: Event) -> None:
        """Returns at once; somebody who is publishing takes these along."""
        with self._lock:
            full, idle = len(self._waiting) >= MOST_WAITING, not self._busy
            if not full:
                self._waiting += events
                self._busy = True
        if full:
            self._announcer.leave_to_sweeper(*events, code="busy")
        elif idle:
            self._executor.submit(self._publish)

    def _publish(self) -> None:
        while together := self._taken():
            try:
                self._announcer.announce(*together)
            except BaseException:
                with self._lock:
                    self._busy = False  # whoever comes next publishes what waits
                raise

    def _taken(self) -> list[Event]:
        with self._lock:
            together, self._waiting = self._waiting, []
            self._busy = bool(together)
            return together
