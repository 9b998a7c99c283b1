"""The port to the object store: create-once files in three buckets."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from services.core.keys import Bucket


class BlobStore(Protocol):
    """The truth: bytes under keys, created once and never overwritten. Keys sort by their UTF-8 bytes."""

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """Store under a new key; durable and whole when it returns True. False: somebody was first, nothing changed.

        What lies in `derived` can be made again: a power cut may take it away, but only whole. A stream is read from
        its current position to its end. StoreFull when the reserve would be touched.
        """

    def read(self, bucket: Bucket, key: str) -> bytes:
        """All bytes; BlobMissing where there is none."""

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """A stream from the offset; BlobMissing where there is none."""

    def size(self, bucket: Bucket, key: str) -> int | None:
        """Bytes of the blob, or None where there is none."""

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """All keys below a prefix (which ends in `/`), sorted, beginning behind the key `after`."""

    def delete(self, bucket: Bucket, key: str) -> None:
        """Remove; a missing blob is fine. The key may be created again afterwards."""

    def ready(self) -> bool:
        """Whether a write would work now."""
