"""Blobs as files: a bucket is a folder, a key is a path below it, and `link()` is the create-if-absent.

A blob is written beside the buckets, synced, then linked to its name: whole or not there. After that its folder is
synced, and whatever folders are new above it, but for `derived`: what can be made again may go with a power cut. A key
is never the folder of another key.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from services.adapters.blob_store.file_system import (
    ABSENT,
    FAILURES,
    SharedSyncs,
    arriving_file,
    emptied,
    read_all,
    remove_stale,
    walk,
    write_all,
)
from services.core.errors import BlobMissing, StoreFull, TryLater
from services.core.keys import Bucket, checked, checked_prefix

PIECE_BYTES = 1024 * 1024
RESERVE_BYTES = 512 * 1024 * 1024
REMEMBERED_FOLDERS = 8_192
ATTEMPTS = 100


class FileBlobStore:
    """Blobs below one folder, which several threads and processes may share; it lies on one file system."""

    def __init__(self, folder: Path, *, reserve_bytes: int = RESERVE_BYTES, sync: bool = True) -> None:
        """Make the folders, remove what a crash left half-written. Without `sync` a power cut may lose blobs."""
        self._reserve_bytes = reserve_bytes
        self._sync = sync
        self._syncs = SharedSyncs()
        # Paths as text: pathlib would be the larger half of what a small blob costs us.
        self._arrivals = str(folder / "arriving")
        self._roots = {bucket: str(folder / bucket.value) for bucket in Bucket}
        self._durable = set(self._roots.values())
        """Folders whose own names survive a power cut, as far as we remember."""
        with FAILURES:
            for path in (self._arrivals, *self._roots.values()):
                self._prepare(Path(path))
            remove_stale(Path(self._arrivals))

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """Writes aside, then links: never half a blob. False waits for durability too: it is relied upon like True."""
        path = self._path(bucket, key)
        created = False
        with FAILURES:
            known = os.path.isfile(path)
        if not known:
            with self._written(content) as arrived, FAILURES:
                created = self._link(bucket, arrived, path)
        if bucket is not Bucket.DERIVED:
            with FAILURES:
                self._make_durable(os.path.dirname(path))
        return created

    def read(self, bucket: Bucket, key: str) -> bytes:
        """The whole file in memory. BlobMissing while the bucket's folder is there, else TryLater: a lost mount."""
        path = self._path(bucket, key)
        with FAILURES:
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except ABSENT:
                self._still_here(bucket)
                raise BlobMissing(key) from None
            return read_all(descriptor, key)

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """Reads piece by piece; an offset behind the end gives an empty stream, one below zero a ValueError."""
        path = self._path(bucket, key)
        if offset < 0:
            raise ValueError("an offset counts from the start")
        with FAILURES:
            try:
                blob = _Blob(path)
            except ABSENT:
                self._still_here(bucket)
                raise BlobMissing(key) from None
        blob.seek(offset)
        return io.BufferedReader(blob, PIECE_BYTES // 8)

    def size(self, bucket: Bucket, key: str) -> int | None:
        """Asks the file system; None for what is no regular file; TryLater while the bucket's folder is away."""
        path = self._path(bucket, key)
        with FAILURES:
            with suppress(*ABSENT):
                found = os.stat(path)
                return found.st_size if stat.S_ISREG(found.st_mode) else None
            self._still_here(bucket)
        return None

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """Walks the folders; the names of one folder at a time are held in memory."""
        self._still_here(bucket)
        return walk(f"{self._roots[bucket]}/{checked_prefix(prefix)}", prefix, after)

    def delete(self, bucket: Bucket, key: str) -> None:
        """What is gone stays gone after a power cut. Folders left empty go with it in `derived` only."""
        path = self._path(bucket, key)
        with FAILURES:
            try:
                os.unlink(path)
            except ABSENT:
                self._still_here(bucket)
            folder = os.path.dirname(path)
            while self._passes(bucket, folder) and emptied(folder):
                folder = os.path.dirname(folder)
            self._sync_folder(folder)

    def ready(self) -> bool:
        """False where the reserve of free space is touched, or the folder of arriving files cannot be written."""
        try:
            self._claim(1)
        except (TryLater, OSError):
            return False
        return os.access(self._arrivals, os.W_OK)

    def _path(self, bucket: Bucket, key: str) -> str:
        return f"{self._roots[bucket]}/{checked(key)}"

    def _prepare(self, folder: Path) -> None:
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in new or [folder]:  # there, but perhaps made by another process a moment ago
            self._sync_folder(str(path.parent))

    def _still_here(self, bucket: Bucket) -> None:
        """An unmounted disk is no proof that a blob was erased."""
        if not os.path.isdir(self._roots[bucket]):
            raise TryLater

    def _claim(self, size_bytes: int) -> None:
        """StoreFull where this much more would touch the reserve."""
        system = os.statvfs(self._arrivals)
        if system.f_bavail * system.f_frsize < self._reserve_bytes + size_bytes:
            raise StoreFull

    @contextmanager
    def _written(self, content: bytes | BinaryIO) -> Iterator[str]:
        """The content under a passing name, synced, as long as the context lasts."""
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        with FAILURES:
            path, descriptor = arriving_file(self._arrivals)
        try:
            while piece := stream.read(PIECE_BYTES):
                with FAILURES:
                    self._claim(len(piece))
                    write_all(descriptor, piece)
            if self._sync:
                with FAILURES:
                    os.fsync(descriptor)
            yield path
        finally:
            os.close(descriptor)
            with FAILURES, suppress(FileNotFoundError):
                os.unlink(path)

    def _link(self, bucket: Bucket, arrived: str, path: str) -> bool:
        """Give the blob its name; a deletion may take the folder away in between, so more than once."""
        for _ in range(ATTEMPTS):
            try:
                os.link(arrived, path)
            except FileNotFoundError:
                self._still_here(bucket)
                # The folder above went too, or this one between two looks of makedirs: once more.
                with suppress(FileNotFoundError, FileExistsError):
                    os.makedirs(os.path.dirname(path), exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                if not os.path.isfile(path):
                    msg = "a key is never the folder of another key"
                    raise ValueError(msg) from None
                return False
            else:
                return True
        raise TryLater

    def _make_durable(self, folder: str) -> None:
        """Sync the folder of a blob, then upwards as far as names are not known to be durable.

        From the leaf up: a journal that has committed the leaf has committed what is above it, and the rest costs
        little. Not "what this process made": another one may have made the folder a moment ago.
        """
        self._sync_folder(folder)
        climbed = []
        while folder not in self._durable:
            climbed.append(folder)
            folder = os.path.dirname(folder)
            self._sync_folder(folder)
        if len(self._durable) > REMEMBERED_FOLDERS:
            self._durable = set(self._roots.values())
        self._durable.update(climbed)

    def _passes(self, bucket: Bucket, folder: str) -> bool:
        """Whether a folder goes when it is empty.

        Only below the tenants of `derived`: there a folder stands for one content, elsewhere for a record that stays.
        """
        return bucket is Bucket.DERIVED and os.path.dirname(folder) != self._roots[bucket] != folder

    def _sync_folder(self, folder: str) -> None:
        if self._sync:
            self._syncs.sync(folder)


class _Blob(io.FileIO):
    """A file whose failures speak our language."""

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]
        with FAILURES:
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with FAILURES:
            return super().readall()
