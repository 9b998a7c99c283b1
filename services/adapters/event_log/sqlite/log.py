"""The event log port over one SQLite file that belongs to one process."""

import contextlib
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from services.adapters.event_log.sqlite import store
from services.adapters.event_log.sqlite.group import Group
from services.adapters.event_log.sqlite.reader import SqliteFollower, SqliteReader
from services.adapters.event_log.sqlite.trimming import Cut
from services.adapters.event_log.sqlite.writer import Job, Writer
from services.core.errors import TryLater
from services.core.messages import topics as pipeline
from services.core.messages.envelope import Event, encode

_READY_WITHIN = timedelta(seconds=5)
_SPACE_BYTES = 16 * 1024 * 1024
"""Free space below which nothing is promised any more."""


class SqliteEventLog:
    """The log of one process, in a SQLite file. Misconfigured when another process has it, or it is none of ours."""

    def __init__(self, path: Path, *, compacted: Sequence[str] = pipeline.COMPACTED) -> None:
        self._path = path
        self._lock_file = store.claim(path)
        try:
            self._writer = Writer(store.prepare(path), compacted, self._wake)
        except BaseException:
            self._lock_file.close()
            raise
        self._guard = threading.Lock()
        self._groups: dict[str, Group] = {}
        self._listeners: tuple[Group | SqliteFollower, ...] = ()
        self._closed = False

    def publish(self, *events: Event) -> None:
        """One transaction, shared with whoever publishes at the same moment."""
        if events:
            self._writer.do(Job.of(encode(event) for event in events))

    def reader(self, group: str, topics: Sequence[str]) -> SqliteReader:
        """Join; the group is known from now on, so that nothing it has not acknowledged is trimmed."""
        self._writer.do(Job(ack={(group, topic): [] for topic in topics}))
        with self._guard, store.translated():
            if self._closed:
                raise TryLater
            shared = self._groups.get(group)
            if shared is None:
                shared = self._groups[group] = Group(group, self._path, self._writer)
                self._listeners = (*self._listeners, shared)
            shared.join(topics)
            shared.members += 1
        return SqliteReader(shared, topics, self._left)

    def follow(self, topics: Sequence[str]) -> SqliteFollower:
        """Read from the oldest message on."""
        with self._guard, store.translated():
            if self._closed:
                raise TryLater
            follower = SqliteFollower(self._path, self._writer, topics, gone=self._forget)
            self._listeners = (*self._listeners, follower)
        return follower

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """As the file has it at this moment."""
        with self._guard:
            if self._closed:
                raise TryLater
        with store.translated(), contextlib.closing(store.connect(self._path)) as connection:
            return {topic: store.unacked(connection, group, topic) for topic in topics}

    def ensure_topics(self, names: Sequence[str]) -> None:
        """A topic comes into being with its first reader or message: there is nothing to make."""

    def ready(self) -> bool:
        """The writer answers in time and the disk has room."""
        try:
            self._writer.do(Job(), _READY_WITHIN)
            return shutil.disk_usage(self._path.parent).free > _SPACE_BYTES
        except (TryLater, OSError):
            return False

    def trim(self, before: datetime) -> int:
        """Also kept is what any group that ever read the topic has not acknowledged.

        Runs in small transactions beside the publishing.
        """
        return sum(self._trim(topic, int(before.timestamp() * 1000)) for topic in self._writer.topics())

    def close(self) -> None:
        """Write what is under way, then let go of the file."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            listeners, self._listeners = self._listeners, ()
        self._writer.close()
        for listener in listeners:
            listener.stop()
        self._lock_file.close()

    def _trim(self, topic: str, before_ms: int) -> int:
        cut = Cut(topic, before_ms, int(time.time() * 1000), awaited=pipeline.working_on(topic))
        deleted = 0
        place: int | None = cut.start
        while place is not None:
            done = self._writer.do(Job(trim=replace(cut, start=place))).trimmed
            deleted, place = deleted + done.deleted, done.go_on
        return deleted

    def _wake(self, topics: set[str]) -> None:
        for listener in self._listeners:
            listener.wake(topics)

    def _left(self, group: Group) -> None:
        """The last member takes the group's memory along; what it acknowledged is on the disk."""
        with self._guard:
            group.members -= 1
            if group.members or self._groups.get(group.name) is not group:
                return
            del self._groups[group.name]
        group.stop()
        self._forget(group)

    def _forget(self, listener: Group | SqliteFollower) -> None:
        with self._guard:
            self._listeners = tuple(other for other in self._listeners if other is not listener)
