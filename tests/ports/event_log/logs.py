"""The event logs under the contract suite, and what the suite needs to see of them. One line adds one."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.event_log.sqlite.writer import Job
from services.core.messages.envelope import Message
from services.core.ports.event_log import EventLog
from tests.ports.event_log.kafka_logs import KafkaLogs


class Logs(Protocol):
    """One body of messages, and the processes that open it one after another."""

    def open(self) -> EventLog:
        """The log as a living process has it; again gives the same."""

    def reopen_after_crash(self) -> EventLog:
        """The process dies without a word, another opens what is there."""

    def publish_raw(self, message: Message) -> None:
        """Put a record there that is no event of ours."""

    def close(self) -> None:
        """Clear up."""


class SqliteLogs:
    """A crash is a copy of the files as they lie there: that is what a killed process leaves behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: list[SqliteEventLog] = []

    def open(self) -> SqliteEventLog:
        """One file per life."""
        if not self._opened:
            self._opened.append(SqliteEventLog(self._path))
        return self._opened[-1]

    def reopen_after_crash(self) -> SqliteEventLog:
        """The dead one keeps its own files, so that nothing it still does can be seen."""
        dead = self._path
        self._opened.append(self.open())
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{dead}{suffix}", f"{self._path}{suffix}")
        self._opened[-1] = SqliteEventLog(self._path)
        return self._opened[-1]

    def publish_raw(self, message: Message) -> None:
        """Past the encoding."""
        self.open()._writer.do(Job.of([message]))

    def close(self) -> None:
        """The dead ones too."""
        for log in self._opened:
            log.close()

    @property
    def _path(self) -> Path:
        return self._folder / f"life-{len(self._opened) or 1}.sqlite"


LOGS: Iterable[object] = (
    pytest.param(SqliteLogs, id="sqlite"),
    pytest.param(KafkaLogs, id="kafka", marks=pytest.mark.stack),
)
"""Makers of `Logs` from an empty folder; those that need servers carry the mark `stack`."""

MakeLogs = Callable[[Path], Logs]
