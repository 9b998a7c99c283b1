"""Shared folder syncs under load: a journal counts which changes survive, and nobody is told more than that."""

import errno
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.adapters.blob_store import file_system
from services.adapters.blob_store.file_system import FAILURES, SharedSyncs
from services.core.errors import TryLater


class Journal:
    """Counts the changes of each folder: durable are those made before a sync began that succeeded."""

    def __init__(self) -> None:
        self.syncs = 0
        self._lock = threading.Lock()
        self._made: Counter[str] = Counter()
        self._durable: Counter[str] = Counter()
        self._chance = random.Random(7)

    def change(self, folder: str) -> int:
        """Change the folder; returns the number of the change."""
        with self._lock:
            self._made[folder] += 1
            return self._made[folder]

    def durable(self, folder: str) -> int:
        """The last change that survives a power cut."""
        with self._lock:
            return self._durable[folder]

    def sync(self, folder: str) -> None:
        """Takes a while and fails at times."""
        with self._lock:
            self.syncs += 1
            begun = self._made[folder]
            fails, seconds = self._chance.random() < 0.2, self._chance.random() / 1000
        time.sleep(seconds)
        if fails:
            raise OSError(errno.EIO, "broken")
        with self._lock:
            self._durable[folder] = max(begun, self._durable[folder])


def test_many_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """However threads interleave, who is told "durable" is, failures are told, and most syncs are spared."""
    journal, syncs = Journal(), SharedSyncs()
    monkeypatch.setattr(file_system, "_sync", journal.sync)

    def caller(number: int) -> Counter[str]:
        told: Counter[str] = Counter()
        for turn in range(60):
            folder = "ab"[(number + turn) % 8 == 0]
            change = journal.change(folder)
            try:
                with FAILURES:
                    syncs.sync(folder)
            except TryLater:
                told["failed"] += 1
            else:
                told["durable" if journal.durable(folder) >= change else "lost"] += 1
        return told

    with ThreadPoolExecutor(16) as threads:
        told = sum(threads.map(caller, range(16)), Counter[str]())
    assert told["lost"] == 0
    assert told["failed"] > 0 < told["durable"]
    assert journal.syncs < 16 * 60 / 2
    assert not syncs._running
    assert not syncs._next
