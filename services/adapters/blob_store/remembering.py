"""Keeps record files that this process wrote or read in memory for a while: created once, they never change."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore

LARGEST_BYTES = 64 * 1024
TOTAL_BYTES = 8 * 1024 * 1024
"""A mail without attachments takes about 8 KiB; a thousand of them are under way even in a burst."""
SECONDS = 60.0
"""What was erased by another process is forgotten here too."""


class RememberingBlobStore:
    """See `ports.BlobStore`. In front of another store: each service of a process reads what the one before it wrote.

    Only `read` of what lies in a record folder is answered from memory. Whether a file is there is always asked of the
    store: `create`, `size` and `keys` are, and so is the tombstone.
    """

    def __init__(self, store: BlobStore, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        """Until when each is remembered, the oldest first. A mail asks twenty times: a cache that is written in Python
        and keeps an order of use costs more than all the looks."""
        self._bytes = 0

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """Asks the store, and remembers what it created from bytes; not a stream, nor what was there before."""
        created = self._store.create(bucket, key, content)
        if created and isinstance(content, bytes):
            self._remember(bucket, key, content)
        return created

    def read(self, bucket: Bucket, key: str) -> bytes:
        """Small record files from memory, for a minute at most, even if another process erased them meanwhile."""
        known = self._known.get(key) if bucket is Bucket.RECORDS else None  # one step, so nobody is waited for
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        content = self._store.read(bucket, key)
        self._remember(bucket, key, content)
        return content

    def delete(self, bucket: Bucket, key: str) -> None:
        """Forgets it before the store is asked: a delete that fails leaves nothing stale behind."""
        with self._lock:
            self._forget(key)
        self._store.delete(bucket, key)

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """Always the store's own stream: nothing is answered from memory, nothing is remembered."""
        return self._store.open(bucket, key, offset)

    def size(self, bucket: Bucket, key: str) -> int | None:
        """Always asked of the store: memory never says that something is there."""
        return self._store.size(bucket, key)

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """Always listed by the store: memory knows only a part of the names."""
        return self._store.keys(bucket, prefix, after)

    def ready(self) -> bool:
        """As ready as the store behind; memory alone counts for nothing."""
        return self._store.ready()

    def _remember(self, bucket: Bucket, key: str, content: bytes) -> None:
        if bucket is not Bucket.RECORDS or "/documents/" not in key or len(content) > LARGEST_BYTES:
            return
        now = self._monotonic()
        with self._lock:
            self._forget(key)
            self._known[key] = (now + SECONDS, content)
            self._bytes += len(content)
            while self._bytes > TOTAL_BYTES or next(iter(self._known.values()))[0] <= now:
                _, (_, oldest) = self._known.popitem(last=False)
                self._bytes -= len(oldest)

    def _forget(self, key: str) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            self._bytes -= len(known[1])
