"""What the file store asks of the operating system: paths as text, its failures in our words, folder syncs shared."""

import errno
import fcntl
import os
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from services.core.errors import BlobMissing, StoreFull, TryLater

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class SharedSyncs:
    """Syncs of folders: one serves everybody who asked before it began, as many store into the same folders."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, _Sync] = {}
        self._next: dict[str, _Sync] = {}

    def sync(self, folder: str) -> None:
        """The names in the folder as they are now are durable when this returns; a folder that went is no failure.

        1. While one runs for this folder, it may have begun before our change: wait for the next one.
        2. The first who waits runs the next one; who comes before it begins, shares it, failure and all.
        """
        with self._lock:
            running = self._running.get(folder)
            shared = self._next.get(folder)
            mine = _Sync()
            if shared is None and running is None:
                self._running[folder] = mine
            elif shared is None:
                self._next[folder] = mine
        if shared is None:
            self._run(folder, mine, running)
        else:
            shared.outcome()

    def _run(self, folder: str, mine: "_Sync", before: "_Sync | None") -> None:
        try:
            if before is not None:
                before.over.wait()
                with self._lock:
                    self._running[folder] = self._next.pop(folder)
            _sync(folder)
            mine.durable = True
        except OSError as failure:
            mine.errno = failure.errno or errno.EIO
            raise
        finally:
            self._end(folder, mine)

    def _end(self, folder: str, mine: "_Sync") -> None:
        """Whatever ended it, also while it waited: nobody joins it any more, nobody waits for it any longer."""
        with self._lock:
            for table in (self._running, self._next):
                if table.get(folder) is mine:
                    del table[folder]
        mine.over.set()


class _End:
    """As an event that is set once, at a fifth of its price: nearly always nobody waits for it."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()

    def set(self) -> None:
        self._gate.release()

    def wait(self) -> None:
        with self._gate:
            """Whoever waits opens the gate for the next one."""


class _Sync:
    """One sync, and what came of it: a failure until it has succeeded."""

    def __init__(self) -> None:
        self.over = _End()
        self.durable = False
        self.errno = errno.EIO

    def outcome(self) -> None:
        """Wait for the end; raises its failure, an own one for each caller: a trace belongs to one thread."""
        self.over.wait()
        if not self.durable:
            raise OSError(self.errno, os.strerror(self.errno))


def _sync(folder: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):  # a deletion took it; what is above is synced next
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _Failures:
    """The operating system's failures, in our words."""

    def __enter__(self) -> None:
        """Entered several times a blob, so it keeps nothing and costs next to nothing."""

    def __exit__(self, _: type[BaseException] | None, failure: BaseException | None, __: TracebackType | None) -> None:
        if isinstance(failure, OSError):
            raise (StoreFull if failure.errno in _FULL else TryLater) from failure


FAILURES = _Failures()


def write_all(descriptor: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read_all(descriptor: int, key: str) -> bytes:
    """All that is behind the descriptor, which is closed."""
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise BlobMissing(key)
        content = os.read(descriptor, found.st_size + 1)
        while len(content) < found.st_size and (piece := os.read(descriptor, found.st_size - len(content))):
            content += piece
        return content
    finally:
        os.close(descriptor)


def arriving_file(folder: str) -> tuple[str, int]:
    """A new file for writing, locked while it is ours, so that a starting process leaves it alone."""
    while True:
        path = f"{folder}/{secrets.token_hex(16)}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o400)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)  # a starting process was quicker than our lock


def remove_stale(folder: Path) -> None:
    """Remove the half-written files of the dead: those that nobody holds a lock on."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError, BlockingIOError):  # its writer is done with it, or at it
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)


def emptied(folder: str) -> bool:
    """Whether the folder is gone, removed by us or by somebody else."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError as failure:
        if failure.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return False
        raise
    return True


def walk(folder: str, prefix: str, after: str) -> Iterator[str]:
    for name in _names(folder):
        key = prefix + name
        if name.endswith("/"):
            if key > after or after.startswith(key):
                yield from walk(folder + name, key, after)
        elif key > after:
            yield key


def _names(folder: str) -> list[str]:
    """What lies in a folder; a folder's name ends in `/`, so that they sort as the keys below them do."""
    with FAILURES:
        try:
            with os.scandir(folder) as found:
                return sorted(entry.name + "/" * entry.is_dir(follow_symlinks=False) for entry in found)
        except ABSENT:
            return []
