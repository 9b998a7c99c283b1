"""One member of a group: its reading, acknowledging and deferring, and the keeper that polls while handlers work.

Every call into the consumer is made under one lock. Whoever reads or acknowledges makes its own calls, so that a settle
never waits for somebody else's poll; in between, the keeper polls without waiting. So work of minutes never costs the
membership, and what comes meanwhile is kept up to a window.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic, sleep
from typing import Protocol

from services.adapters.event_log.kafka.group.assignment import Assignment
from services.adapters.event_log.kafka.group.partition import Partition
from services.core.errors import TryLater
from services.core.messages.envelope import Event
from services.core.ports.event_log import Delivery

SLICE = 0.1
"""Seconds of the longest single poll, and between the keeper's."""
ANSWER = 0.0002
"""Seconds between two looks for the answer to a commit: a poll does not end early when it comes."""
ATTEMPT = 2.0
"""Seconds after which a commit that was not answered is sent again."""
BURST = 100
"""Messages taken at once where nobody asks for a number of them."""


class Wire(Protocol):
    """The consumer of one member, as far as the member needs it. It keeps the assignment true while it polls."""

    def poll(self, wait: float) -> bool:
        """Wait up to `wait` seconds for one message and take it in; False when none came."""

    def commit(self, partitions: Sequence[Partition]) -> None:
        """Ask for the states to be kept; the answer comes while polling, by `Assignment.confirm`."""

    def answered(self) -> bool:
        """Whether the last commit was answered, one way or the other."""

    def throttle(self, pause: Sequence[Partition], resume: Sequence[Partition]) -> None:
        """Fetch no more of the ones and again of the others."""

    def reachable(self) -> bool:
        """Whether the log answers; asked only when something came that makes it doubtful."""

    def close(self) -> None:
        """Keep what is owed and leave the group."""


class Member:
    """`Reader` over a wire. Belongs to one thread; only `close` may come from another."""

    def __init__(
        self, wire: Wire, assignment: Assignment, *, publish: Callable[[Sequence[Event]], None], patience: float
    ) -> None:
        """`publish` returns when the events are durable; `patience` is in seconds."""
        self._wire = wire
        self._assignment = assignment
        self._publish = publish
        self._patience = patience
        self._turn = threading.Lock()
        self._leaving = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="log-keeper", daemon=True)
        self._keeper.start()

    def read(self, limit: int, timeout: timedelta) -> list[Delivery]:
        """Up to `limit` messages; returns early with what there is, empty after the timeout."""
        deadline, wait = monotonic() + timeout.total_seconds(), 0.0
        while not self._leaving.is_set():
            with self._turn:
                self._fetch(wait, limit)
                if deliveries := self._assignment.lease(limit, monotonic()):
                    return deliveries
                wait = self._pause(deadline)
                if wait <= 0 and not self._wire.reachable():
                    raise TryLater
            if wait <= 0:
                break
        return []

    def ack(self, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        """Publish, then mark done and wait until the log has kept that: it survives our death from here on.

        What was taken from us meanwhile is not marked; whoever has it now repeats it. TryLater while marking comes
        after the events are out: then the deliveries count as done here, and putting one back does nothing.
        """
        self._publish(publish)
        with self._turn:
            self._commit(self._assignment.finish(deliveries))

    def retry_later(self, delivery: Delivery, pause: timedelta) -> None:
        """Deliver this one again after the pause; later ones of its key wait."""
        with self._turn:
            self._assignment.retry_later(delivery, monotonic() + pause.total_seconds())

    def close(self) -> None:
        """Leave the group; leased deliveries go to others at once."""
        if self._leaving.is_set():
            return
        self._leaving.set()
        self._keeper.join()
        with self._turn:
            self._wire.close()
            self._assignment.take_all()

    def _commit(self, partitions: Sequence[Partition]) -> None:
        deadline = monotonic() + self._patience
        while owed := [partition for partition in partitions if partition.owned and partition.owes]:
            if monotonic() > deadline:
                raise TryLater
            self._wire.commit(owed)
            attempt = min(deadline, monotonic() + ATTEMPT)
            while not self._wire.answered() and monotonic() < attempt:
                sleep(ANSWER)
                self._fetch(0.0, BURST)
            if any(partition.owned and partition.owes for partition in owed):
                self._fetch(SLICE, BURST)

    def _fetch(self, wait: float, most: int) -> None:
        for _ in range(most):
            if not self._wire.poll(wait):
                break
            wait = 0.0
        pause, resume = self._assignment.throttle()
        if pause or resume:
            self._wire.throttle(pause, resume)

    def _pause(self, deadline: float) -> float:
        now = monotonic()
        due = self._assignment.due()
        return min(deadline - now, SLICE, SLICE if due is None else max(due - now, 0.001))

    def _keep(self) -> None:
        while not self._leaving.wait(SLICE):
            if self._turn.acquire(blocking=False):
                try:
                    self._fetch(0.0, BURST)
                finally:
                    self._turn.release()
