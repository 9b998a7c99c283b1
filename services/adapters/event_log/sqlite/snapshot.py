"""The log as it is at one moment, read beside the process that writes it."""

import sqlite3
import time
from pathlib import Path

from services.adapters.event_log.sqlite import store
from services.adapters.event_log.sqlite.trimming import shrink
from services.core.errors import TryLater

_SUDDEN_NS = 50_000_000
_ATTEMPTS = 20
_NS_PER_MS = 1_000_000


class Snapshot:
    """Everything committed up to `moment_ns` and nothing later; it keeps the write-ahead log from shrinking."""

    def __init__(self, path: Path) -> None:
        """Open the log of a running or a stopped mail room; TryLater where it cannot be read."""
        with store.translated():
            uri = f"{path.absolute().as_uri()}?mode=rw"  # not "ro": what a killed process left is folded in first
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
            self.moment_ns = self._begin()

    def copy_to(self, target: Path) -> None:
        """Write the snapshot into a new file, durably, without the room that trimming left in the log."""
        with store.translated():
            copy = sqlite3.connect(target, isolation_level=None)
            try:
                self._connection.backup(copy)
                shrink(copy)
            finally:
                copy.close()

    def close(self) -> None:
        """Let the write-ahead log be folded back again."""
        self._connection.close()

    def _begin(self) -> int:
        """Nanoseconds since 1970, right behind the snapshot: so close that no event of between could have had effect.

        Where the machine paused in between, once more. With a clock that was set back it is the latest time of any
        event, not that of the newest: after the first event under the new clock that one is early again.
        """
        for _ in range(_ATTEMPTS):
            before = time.time_ns()
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM topics").fetchone()  # the first look fixes what is seen
            moment = time.time_ns()
            if moment - before < _SUDDEN_NS:
                break
            self._connection.execute("COMMIT")
        else:
            raise TryLater
        latest = self._connection.execute("SELECT max(written_at) FROM messages").fetchone()[0]
        return max(moment, (latest + 1) * _NS_PER_MS if latest else 0)
