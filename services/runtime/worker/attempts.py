"""Marks before work that a process may die of: after an unclean start they tell what killed it."""

import contextlib

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore


class Attempts:
    """Counts the starts that did not come back from one delivery."""

    def __init__(self, blobs: BlobStore, *, tenant: str, service: str, limit: int) -> None:
        self._blobs = blobs
        self._tenant = tenant
        self._service = service
        self._limit = limit
        self._begun = ""

    def begin(self, event_id: str) -> bool:
        """Mark one more attempt; False when the limit was reached before."""
        folder = keys.attempts(self._tenant, self._service, event_id)
        self._begun = event_id
        numbers = range(1, self._limit + 1)
        return any(self._blobs.create(Bucket.RECORDS, f"{folder}{number}", b"") for number in numbers)

    def over(self) -> None:
        """What was begun came back, well or not: its marks go. With the store away they stay, for it alone."""
        if not self._begun:
            return
        folder = keys.attempts(self._tenant, self._service, self._begun)
        self._begun = ""
        with contextlib.suppress(TryLater):
            for key in list(self._blobs.keys(Bucket.RECORDS, folder)):
                self._blobs.delete(Bucket.RECORDS, key)
