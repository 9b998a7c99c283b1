"""A store that gives each service what the table allows, as S3 does in a city: a right that is missing shows here."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from typing import BinaryIO

from services.core.errors import NotPermitted
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore
from services.core.ports.store_rights import ANY, Deed, rights_of


class Refused(Exception):
    """The service has no right to this; no error of the product, so that nobody tries again later."""


class GuardedBlobStore:
    """The store as one service sees it."""

    def __init__(self, store: BlobStore, user: str) -> None:
        self._store = store
        self._user = user
        self._allowed: defaultdict[tuple[Deed, Bucket], list[str]] = defaultdict(list)
        for right in rights_of(user):
            self._allowed[right.deed, right.bucket].append(right.keys)

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        self._check("create", bucket, key)
        return self._store.create(bucket, key, content)

    def read(self, bucket: Bucket, key: str) -> bytes:
        self._check("read", bucket, key)
        return self._store.read(bucket, key)

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        self._check("read", bucket, key)
        return self._store.open(bucket, key, offset)

    def size(self, bucket: Bucket, key: str) -> int | None:
        self._check("read", bucket, key)
        return self._store.size(bucket, key)

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        self._check("read", bucket, prefix)
        return self._store.keys(bucket, prefix, after)

    def delete(self, bucket: Bucket, key: str) -> None:
        self._check("remove", bucket, key)
        self._store.delete(bucket, key)

    def ready(self) -> bool:
        return self._store.ready()

    def _check(self, deed: Deed, bucket: Bucket, key: str) -> None:
        patterns = self._allowed.get((deed, bucket), ())
        if ANY not in patterns and not any(fnmatchcase(key, pattern) for pattern in patterns):
            if (deed, bucket) == ("remove", Bucket.ORIGINALS):
                raise NotPermitted  # what an intake tries beside a tombstone, and leaves to whoever erases
            raise Refused(f"{self._user} may not {deed} {bucket}/{key}: see services/core/ports/store_rights.py")
