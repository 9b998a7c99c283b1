"""Content on its way in: counted against a budget, held in memory or on disk, hashed while it passes."""

import contextlib
import errno
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self, cast

from services.core.errors import Rejected, StoreFull, TryLater
from services.core.model.documents import Identity

PIECE_BYTES = 256 * 1024
"""Content is hashed and written in pieces of about this size, away from the event loop."""

SLOWEST = 8 * 1024
"""Bytes per second below which a sender is no longer waited for, once its silence is used up."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class UnderWay:
    """Bytes that the listeners of a service are taking in at this moment; belongs to all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.size_bytes = 0

    @contextlib.contextmanager
    def share(self, size_bytes: int, *, budget: int) -> Iterator["Share"]:
        """Claim so many bytes while the block runs; TryLater `busy` when the budget does not hold them."""
        share = Share(self, budget)
        try:
            share.grow_to(size_bytes)
            yield share
        finally:
            self.add(-share.size_bytes, budget=budget)

    def add(self, size_bytes: int, *, budget: int, own: int = 0) -> None:
        """Count more or fewer, beside `own` bytes that are counted already.

        A single delivery is let in, and may grow, even when it alone is above the budget: it would never get through.
        """
        with self._lock:
            if size_bytes > 0 and self.size_bytes > own and self.size_bytes + size_bytes > budget:
                raise TryLater("busy")
            self.size_bytes += size_bytes


class Share:
    """What one delivery claimed."""

    def __init__(self, under_way: UnderWay, budget: int) -> None:
        self._under_way = under_way
        self._budget = budget
        self.size_bytes = 0

    def grow_to(self, size_bytes: int) -> None:
        """Claim more where the content turns out larger than announced."""
        if size_bytes > self.size_bytes:
            self._under_way.add(size_bytes - self.size_bytes, budget=self._budget, own=self.size_bytes)
            self.size_bytes = size_bytes


class Spool:
    """One delivery: `add` belongs to the event loop and never waits, `flush` to a thread. Nothing outlives `close`."""

    def __init__(self, identity: Identity, *, limit: int, in_memory: int, folder: Path) -> None:
        self.identity = identity
        self.size_bytes = 0
        self._limit = limit
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        # Without a name on disk from the first byte: a crash leaves nothing behind.
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory, dir=str(folder))  # noqa: SIM115  # closed by `close`

    @property
    def content(self) -> BinaryIO:
        """All that was flushed; belongs to the thread that stores it."""
        return cast("BinaryIO", self._file)

    def add(self, piece: bytes) -> bool:
        """Take the next bytes, and say whether a flush is due; Rejected `too_large` above the limit."""
        self.size_bytes += len(piece)
        if self.size_bytes > self._limit:
            self._waiting.clear()
            raise Rejected("too_large")
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        return self._waiting_bytes >= PIECE_BYTES

    def flush(self) -> None:
        """Hash and write what waits; StoreFull or TryLater when the disk does not take it."""
        piece = b"".join(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        self.identity.update(piece)
        try:
            self._file.write(piece)
        except OSError as error:
            raise (StoreFull() if error.errno in _FULL else TryLater()) from error

    def close(self) -> None:
        """Let go of memory and disk."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def spool_folder(instance_folder: Path) -> Path:
    """Where content lies that is not accepted yet: on the disk of the data, not in a temporary file system."""
    folder = instance_folder / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
