"""Sessions of people: what a cookie says, and which of them were signed out.

A session lies in its cookie alone, signed by us. Signed out, it is marked in the store, where every process looks.
"""

import secrets
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from cachetools import TTLCache
from itsdangerous import BadSignature, URLSafeTimedSerializer

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model.accounts import Account
from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock

LOOK_EVERY = 5.0
"""Seconds after which a process looks again whether another one signed somebody out."""
LONGEST = timedelta(days=4)
"""Longer than any session lasts (`http.session_hours`): marks of that age bar nothing any more."""
KNOWN = 20_000
"""Sessions that a process remembers; one that it forgot is looked up again."""
SWEPT = 200
"""Old marks that one sign-out takes along."""


class Session(NamedTuple):
    """What a cookie of ours says."""

    account: str
    generation: int
    id: str
    day: str
    """Of the sign-in (UTC)."""


class Sessions:
    """Signs cookies and reads them; belongs to all threads of a process."""

    def __init__(self, blobs: BlobStore, *, tenant: str, clock: Clock, secret: bytes) -> None:
        self._blobs = blobs
        self._tenant = tenant
        self._clock = clock
        self._signer = URLSafeTimedSerializer(secret, salt="session")
        self._lock = threading.Lock()
        self._alive: TTLCache[str, bool] = TTLCache(KNOWN, LOOK_EVERY)
        self._ended: TTLCache[str, bool] = TTLCache(KNOWN, LONGEST.total_seconds())

    def cookie(self, account: Account) -> str:
        """The cookie of a new session."""
        return self._signer.dumps([account.id, account.generation, secrets.token_hex(8)])

    def read(self, cookie: str, lifetime: timedelta) -> Session | None:
        """What the cookie says, if we signed it not longer ago and nobody is known to have signed it out."""
        try:
            told, since = self._signer.loads(cookie, max_age=int(lifetime.total_seconds()), return_timestamp=True)
            account, generation, name = told
        except (BadSignature, ValueError, TypeError):
            return None
        session = Session(account, generation, name, f"{since.astimezone(UTC):%Y-%m-%d}")
        with self._lock:
            return None if session.id in self._ended else session

    def is_due(self, session: Session) -> bool:
        """Whether it is time to look whether another process ended it."""
        with self._lock:
            return session.id not in self._alive

    def look(self, session: Session) -> None:
        """Look into the store, which may wait. With the store away what was known stays: no page has more to show."""
        marked = False
        with suppress(TryLater):
            marked = self._blobs.size(Bucket.RECORDS, self._mark(session)) is not None
        with self._lock:
            (self._ended if marked else self._alive)[session.id] = True

    def end(self, session: Session) -> None:
        """Nobody comes in with this cookie any more, at whichever process; TryLater while that cannot be marked."""
        with self._lock:
            self._ended[session.id] = True
        self._blobs.create(Bucket.RECORDS, self._mark(session), b"")
        with suppress(TryLater):
            self._sweep(self._clock.now() - LONGEST)

    def _sweep(self, before: datetime) -> None:
        folder = keys.sessions_ended(self._tenant)
        for key in list(islice(self._blobs.keys(Bucket.RECORDS, folder), SWEPT)):
            if key.removeprefix(folder) >= f"{before:%Y-%m-%d}":
                return
            self._blobs.delete(Bucket.RECORDS, key)

    def _mark(self, session: Session) -> str:
        return keys.session_ended(self._tenant, session.day, session.id)
