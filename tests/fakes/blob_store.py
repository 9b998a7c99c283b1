"""The store as a dictionary."""

import io
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from services.core.errors import BlobMissing
from services.core.keys import Bucket
from tests.fakes.gate import Gate, Open


class MemoryBlobStore:
    """Keeps the promises of `ports.BlobStore` in memory; `blobs` is the disk that outlives a crash."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Open()
        self.blobs: dict[Bucket, dict[str, bytes]] = {bucket: {} for bucket in Bucket}
        self._sorted: dict[Bucket, list[str]] = {bucket: [] for bucket in Bucket}

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        self._gate.before("blobs.create")
        created = self.put(bucket, key, content if isinstance(content, bytes) else content.read())
        self._gate.after("blobs.create")
        return created

    def read(self, bucket: Bucket, key: str) -> bytes:
        self._gate.before("blobs.read")
        try:
            return self.blobs[bucket][key]
        except KeyError as error:
            raise BlobMissing(key) from error

    @contextmanager
    def open(self, bucket: Bucket, key: str, offset: int = 0) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.read(bucket, key)[offset:])

    def size(self, bucket: Bucket, key: str) -> int | None:
        self._gate.before("blobs.size")
        found = self.blobs[bucket].get(key)
        return None if found is None else len(found)

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        self._gate.before("blobs.keys")
        names = self._sorted[bucket]
        start = bisect_right(names, max(prefix, after))
        return iter(names[start : bisect_left(names, f"{prefix}\U0010ffff", start)])

    def delete(self, bucket: Bucket, key: str) -> None:
        self._gate.before("blobs.delete")
        if self.blobs[bucket].pop(key, None) is not None:
            self._sorted[bucket].remove(key)
        self._gate.after("blobs.delete")

    def ready(self) -> bool:
        return True

    def put(self, bucket: Bucket, key: str, content: bytes) -> bool:
        """Create if absent, without passing the gate."""
        if key in self.blobs[bucket]:
            return False
        self.replace(bucket, key, content)
        return True

    def lose(self, bucket: Bucket, key: str) -> None:
        """What a disk does; without passing the gate."""
        if self.blobs[bucket].pop(key, None) is not None:
            self._sorted[bucket].remove(key)

    def replace(self, bucket: Bucket, key: str, content: bytes) -> None:
        """What no store of ours can do; for planted bugs."""
        if key not in self.blobs[bucket]:
            insort(self._sorted[bucket], key)
        self.blobs[bucket][key] = content
