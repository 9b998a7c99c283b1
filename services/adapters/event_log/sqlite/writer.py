"""The one thread that writes: what many threads hand in at a time shares one transaction."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.adapters.event_log.sqlite import store
from services.adapters.event_log.sqlite.trimming import Cut, Trimmed, trim
from services.adapters.event_log.watermark import Watermark
from services.core.errors import TryLater
from services.core.messages.envelope import Message

_GROUP_LIMIT = 500
"""Jobs that share a transaction; enough to hide the disk, few enough to answer in milliseconds."""

Span = tuple[int, int]


@dataclass(slots=True, eq=False)
class Job:
    """What one caller wants in one transaction; `done` is set when it is on the disk, or has failed."""

    rows: dict[str, list[store.Row]] = field(default_factory=dict)
    """By topic."""
    ack: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    """By group and topic: places done, as ranges. An empty list makes a new group known."""
    trim: Cut | None = None
    """What may go of one topic."""
    done: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    trimmed: Trimmed = field(default_factory=Trimmed)

    @classmethod
    def of(cls, messages: Iterable[Message]) -> "Job":
        """Write these."""
        job = cls()
        for message in messages:
            job.rows.setdefault(message.topic, []).append(store.row(message))
        return job


class Writer:
    """Owns the writing connection and the durable watermarks."""

    def __init__(
        self, connection: sqlite3.Connection, compacted: Sequence[str], written: Callable[[set[str]], None]
    ) -> None:
        self._connection = connection
        self._compacted = frozenset(compacted)
        self._written = written
        self._numbers = store.topic_numbers(connection)
        self.last = {name: store.last_place(connection, number) for name, number in self._numbers.items()}
        """Newest committed place by topic; read by every thread, replaced only here."""
        self._marks: dict[tuple[str, str], Watermark] = {}
        self._jobs: deque[Job] = deque()
        self._filled = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="event-log-writer", daemon=True)
        self._thread.start()

    def number(self, topic: str) -> int | None:
        """The number of a topic that has ever been written or read."""
        return self._numbers.get(topic)

    def topics(self) -> tuple[str, ...]:
        """Every topic that has ever been written or read."""
        return tuple(self._numbers)

    def do(self, job: Job, patience: timedelta | None = None) -> Job:
        """Hand in and wait until it is durable; raises what went wrong, and then nothing of the job was kept.

        TryLater when patience ends before; whether it was kept is then open.
        """
        with self._filled:
            if self._closing:
                raise TryLater
            self._jobs.append(job)
            self._filled.notify()
        if not job.done.wait(None if patience is None else patience.total_seconds()):
            raise TryLater
        if job.error is not None:
            raise store.translation(job.error) from job.error
        return job

    def close(self) -> None:
        """Write what was handed in, then stop."""
        with self._filled:
            self._closing = True
            self._filled.notify()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while jobs := self._next():
            if not self._commit(jobs) and len(jobs) > 1:
                # One of them spoils it: alone, the others get through.
                for job in jobs:
                    self._commit([job])
            for job in jobs:
                job.done.set()
            self._written({topic for job in jobs if job.error is None for topic in job.rows})

    def _next(self) -> list[Job]:
        with self._filled:
            self._filled.wait_for(lambda: self._jobs or self._closing)
            return [self._jobs.popleft() for _ in range(min(len(self._jobs), _GROUP_LIMIT))]

    def _commit(self, jobs: list[Job]) -> bool:
        numbers, last = dict(self._numbers), dict(self.last)
        marks: dict[tuple[str, str], Watermark] = {}
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._write(job, numbers, last)
                self._ack(job, numbers, marks)
                self._trim(job, numbers)
            for (group, topic), mark in marks.items():
                store.save_mark(self._connection, group, numbers[topic], mark=mark)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - handed to the callers, who wait for it
            self._roll_back(jobs, error)
            return False
        self._numbers, self.last = numbers, last
        self._marks.update(marks)
        for job in jobs:
            job.error = None
        return True

    def _roll_back(self, jobs: list[Job], error: Exception) -> None:
        self._marks.clear()  # they may hold what was not kept; read again on demand
        for job in jobs:
            job.error = error
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as second:
            second.__context__ = error
            for job in jobs:
                job.error = second

    def _write(self, job: Job, numbers: dict[str, int], last: dict[str, int]) -> None:
        now_ms = int(time.time() * 1000)
        for topic, rows in job.rows.items():
            number = self._number(topic, numbers)
            last[topic] = store.append(self._connection, number, rows, last=last.get(topic, 0), now_ms=now_ms)

    def _number(self, topic: str, numbers: dict[str, int]) -> int:
        if topic not in numbers:
            numbers[topic] = store.add_topic(self._connection, topic)
        return numbers[topic]

    def _ack(self, job: Job, numbers: dict[str, int], marks: dict[tuple[str, str], Watermark]) -> None:
        for (group, topic), spans in job.ack.items():
            place = (group, topic)
            if place not in marks:
                marks[place] = self._marks.get(place) or self._mark(group, self._number(topic, numbers))
            for first, end in spans:
                marks[place].finish(first, end)

    def _mark(self, group: str, topic: int) -> Watermark:
        """As on the disk; a new group begins at the oldest message."""
        known = store.load_mark(self._connection, group, topic)
        return known or Watermark(store.first_place(self._connection, topic))

    def _trim(self, job: Job, numbers: dict[str, int]) -> None:
        if job.trim is not None and job.trim.topic in numbers:
            compacted = job.trim.topic in self._compacted
            job.trimmed = trim(self._connection, numbers[job.trim.topic], job.trim, compacted=compacted)
