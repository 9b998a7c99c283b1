"""Services of one process work one after another: threads that all want the interpreter mostly wake each other up.

CPython has one lock for all threads, given up and fetched again around every call of the operating system. Six services
that store small files at one time spend a quarter of their CPU on handing it around, and get nowhere sooner.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds until who waits goes in all the same."""
PROBATION = 0.05
"""Seconds after which it is looked whether who is inside works or waits."""
BUSY = 0.25
"""Share of its time that a thread has to compute to keep its place."""


def _watch() -> tuple[float, float]:
    return time.monotonic(), time.thread_time()


class FairSemaphore:
    """Lets so many threads work at one time, who waited longest first. A courtesy, no lock: nobody is kept for long."""

    def __init__(
        self,
        places: float = math.inf,
        *,
        patience: float = PATIENCE,
        watch: Callable[[], tuple[float, float]] = _watch,
    ) -> None:
        """The watch tells the time and the CPU that the thread has used, both in seconds."""
        self._lock = threading.Lock()
        self._places = places
        self._patience = patience
        self._watch = watch
        self._waiting: deque[threading.Lock] = deque()
        self._inside: dict[int, tuple[float, float]] = {}
        """Threads that hold a place, and what the watch said when they got it."""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Stands while the thread works."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Stands while the thread waits for somebody else's work, so that the next may go in."""
        held = self._leave()
        try:
            yield
        finally:
            if held:
                self._enter()

    def let_pass(self) -> None:
        """Give the place up where the thread mostly waits, as for a slow disk: then it works on in nobody's way.

        Disks do better where many wait for them at one time.
        """
        entered = self._inside.get(threading.get_ident())
        if entered is None or not self._waiting:
            return
        inside, used = (now - then for now, then in zip(self._watch(), entered, strict=True))
        if inside > PROBATION and used < BUSY * inside:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            free = self._places >= 1
            gate = threading.Lock()
            if free:
                self._places -= 1
            else:
                gate.acquire()
                self._waiting.append(gate)
        if free or self._let_in(gate):
            self._inside[threading.get_ident()] = self._watch()

    def _let_in(self, gate: threading.Lock) -> bool:
        if gate.acquire(timeout=self._patience):
            return True
        with self._lock:
            if gate not in self._waiting:
                return True  # at the last moment
            self._waiting.remove(gate)
        return False

    def _leave(self) -> bool:
        """Whether the thread held a place; the next has it now."""
        if self._inside.pop(threading.get_ident(), None) is None:
            return False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._places += 1
        return True
