"""A consumer group within this process: its lanes, filled from the log as needed, and its members."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.adapters.event_log.sqlite import store
from services.adapters.event_log.sqlite.lane import Lane, Lease
from services.adapters.event_log.sqlite.writer import Span, Writer
from services.adapters.event_log.watermark import Watermark
from services.core.errors import TryLater

PAGE = 256
"""Messages loaded at a time."""
WINDOW = 10_000
"""Messages of one topic that may be leased, blocked or deferred at a time; beyond it the topic waits."""


@dataclass(slots=True, eq=False)
class _Feed:
    """One topic as the group sees it: where loading goes on, and what was loaded."""

    lane: Lane
    number: int
    done: Watermark
    """What was acknowledged when the group came; a place is loaded once, so it need not grow."""
    cursor: int
    gaps: list[Span] = field(default_factory=list)
    """Places that trimming took away; they are acknowledged along with the next message."""

    def fill(self, connection: sqlite3.Connection, last: int) -> bool:
        """Load the next page, unless there is none or the window is full."""
        self.cursor = self.done.next_open(self.cursor)
        if self.cursor > last or len(self.lane) >= WINDOW:
            return False
        page = store.load(connection, self.number, self.lane.topic, start=self.cursor, limit=PAGE)
        for placed in page:
            if placed.place > self.cursor:
                self.gaps.append((self.cursor, placed.place - 1))
            if not self.done.is_done(placed.place):
                self.lane.add(placed)
            self.cursor = placed.place + 1
        return bool(page)


class Group:
    """What the members of one group share; `changed` guards all of it."""

    def __init__(self, name: str, path: Path, writer: Writer) -> None:
        self.name = name
        self.writer = writer
        self.changed = threading.Condition()
        self.connection = store.connect(path)
        self.members = 0
        self.closed = False
        self._feeds: dict[str, _Feed] = {}

    def join(self, topics: Iterable[str]) -> None:
        """Know these topics, which the writer knows already."""
        with self.changed:
            for topic in topics:
                if topic not in self._feeds:
                    self._feeds[topic] = self._feed(topic)

    def wake(self, topics: set[str]) -> None:
        """Something was written to these topics."""
        if not topics.isdisjoint(self._feeds):
            with self.changed:
                self.changed.notify_all()

    def stop(self) -> None:
        """Nobody reads any more, or the log goes away."""
        with self.changed:
            self.closed = True
            self.connection.close()
            self.changed.notify_all()

    def take(self, member: object, topics: Sequence[str], limit: int) -> list[Lease]:
        """Lease up to `limit` messages, topic after topic."""
        if self.closed:
            raise TryLater
        taken: list[Lease] = []
        now = time.monotonic()
        for topic in topics:
            feed = self._feeds[topic]
            taken += feed.lane.take(member, limit - len(taken), now)
            while len(taken) < limit and feed.fill(self.connection, self.writer.last.get(topic, 0)):
                taken += feed.lane.take(member, limit - len(taken), now)
        return taken

    def next_due(self, topics: Sequence[str], deadline: float) -> float:
        """When to look again if nothing is written: at the deadline, or when a pause ends."""
        dues = (self._feeds[topic].lane.next_due() for topic in topics)
        return min((due for due in dues if due is not None), default=deadline)

    def spans(self, leases: Sequence[Lease]) -> dict[tuple[str, str], list[Span]]:
        """What to write down for the leases that still stand."""
        spans: dict[tuple[str, str], list[Span]] = {}
        with self.changed:
            for lease in leases:
                if lease.lane.holds(lease):
                    spans.setdefault((self.name, lease.lane.topic), []).append((lease.place, lease.place))
            for group, topic in spans:
                spans[group, topic] += self._feeds[topic].gaps
        return spans

    def settled(self, leases: Sequence[Lease], spans: dict[tuple[str, str], list[Span]]) -> None:
        """The spans are on the disk."""
        with self.changed:
            for lease in leases:
                lease.lane.ack(lease)
            for (_, topic), written in spans.items():
                feed = self._feeds[topic]
                feed.gaps = [gap for gap in feed.gaps if gap not in written]
            self.changed.notify_all()

    def leave(self, member: object) -> None:
        """Everything in this member's hands is free for the others."""
        with self.changed:
            for feed in self._feeds.values():
                feed.lane.leave(member)
            self.changed.notify_all()

    def _feed(self, topic: str) -> _Feed:
        number = self.writer.number(topic)
        done = None if number is None else store.load_mark(self.connection, self.name, number)
        if number is None or done is None:
            raise TryLater
        return _Feed(Lane(topic), number, done, done.low)
