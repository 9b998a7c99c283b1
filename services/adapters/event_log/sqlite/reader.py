"""How services read: members of a group, and followers without one."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from services.adapters.event_log.sqlite import store
from services.adapters.event_log.sqlite.group import PAGE, Group
from services.adapters.event_log.sqlite.lane import Lease
from services.adapters.event_log.sqlite.writer import Job, Writer
from services.core.errors import TryLater
from services.core.messages.envelope import Event, Message, encode
from services.core.ports.event_log import Delivery


class SqliteReader:
    """One member of a group; see `ports.Reader`."""

    def __init__(self, group: Group, topics: Sequence[str], gone: Callable[[Group], None]) -> None:
        self._group = group
        self._topics = tuple(topics)
        self._gone = gone
        self._closed = False

    def read(self, limit: int, timeout: timedelta) -> list[Delivery]:
        """Up to `limit` messages, of the topics in turn."""
        deadline = time.monotonic() + timeout.total_seconds()
        with self._group.changed, store.translated():
            while not self._closed:
                leases = self._group.take(self, self._topics, limit)
                left = deadline - time.monotonic()
                if leases or left <= 0:
                    self._topics = (*self._topics[1:], *self._topics[:1])
                    return [Delivery(lease.message, lease) for lease in leases]
                until = min(deadline, self._group.next_due(self._topics, deadline))
                self._group.changed.wait(max(0.0, until - time.monotonic()))
        return []

    def ack(self, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        """Events and marks in one transaction; a lease that went to others is not marked, that is theirs to do."""
        leases = [delivery.token for delivery in deliveries if isinstance(delivery.token, Lease)]
        job = Job.of(encode(event) for event in publish)
        job.ack = self._group.spans(leases)
        if job.rows or job.ack:
            self._group.writer.do(job)
            self._group.settled(leases, job.ack)

    def retry_later(self, delivery: Delivery, pause: timedelta) -> None:
        """In memory only: after a restart the pause is over."""
        lease = delivery.token
        if isinstance(lease, Lease):
            with self._group.changed:
                lease.lane.retry_later(lease, time.monotonic() + pause.total_seconds())
                self._group.changed.notify_all()

    def close(self) -> None:
        """Leases go to the others at once."""
        if not self._closed:
            self._closed = True
            self._group.leave(self)
            self._gone(self._group)


class SqliteFollower:
    """One view of whole topics; see `ports.Follower`."""

    def __init__(
        self, path: Path, writer: Writer, topics: Sequence[str], *, gone: Callable[["SqliteFollower"], None]
    ) -> None:
        self._writer = writer
        self._next = dict.fromkeys(topics, 1)
        self._gone = gone
        self._connection = store.connect(path)
        self._changed = threading.Condition()
        self._closed = self._stopped = False

    def read(self, timeout: timedelta) -> list[Message]:
        """The next page of each topic."""
        deadline = time.monotonic() + timeout.total_seconds()
        with self._changed, store.translated():
            while not self._closed:
                if self._stopped:
                    raise TryLater
                found = [message for topic in self._next for message in self._page(topic)]
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found
                self._changed.wait(left)
        return []

    def wake(self, topics: set[str]) -> None:
        """Something was written to these topics."""
        if not topics.isdisjoint(self._next):
            with self._changed:
                self._changed.notify_all()

    def close(self) -> None:
        """Stop following."""
        if not self._closed:
            self._closed = True
            self.stop()
            self._gone(self)

    def stop(self) -> None:
        """The log goes away."""
        with self._changed:
            self._stopped = True
            self._connection.close()
            self._changed.notify_all()

    def _page(self, topic: str) -> list[Message]:
        number, start = self._writer.number(topic), self._next[topic]
        if number is None or start > self._writer.last.get(topic, 0):
            return []
        page = store.load(self._connection, number, topic, start=start, limit=PAGE)
        if page:
            self._next[topic] = page[-1].place + 1
        return [placed.message for placed in page]
