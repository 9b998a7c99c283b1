"""Puts down who looks at a protected document, before anything of it is given out."""

import threading
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from services.core.ports.blob_store import BlobStore
from services.core.ports.entries import Viewer
from services.core.protocol import viewings
from services.core.protocol.audience import Audience
from services.core.protocol.viewings import Look, Place
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.context.service import Context

SAME_LOOK = timedelta(minutes=1)
"""A document that is asked for again through the same door within this time is still being looked at."""
KNOWN = 10_000
"""Looks that a process remembers; with more it forgets them all, and puts some down twice."""


class _Book:
    """What this process knows of the chain of one store."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.place: Place | None = None
        self.seen: dict[tuple[str, str, str], datetime] = {}


_BOOKS: "WeakKeyDictionary[BlobStore, _Book]" = WeakKeyDictionary()
_opening = threading.Lock()


def note_look(context: Context, viewer: Viewer, document: str, audience: Audience) -> None:
    """Put it down where the document is protected and somebody came through a door; TryLater where that fails."""
    if audience.protection < HIGHEST_PROTECTION or not viewer.door:
        return
    blobs, now = context.ports.blobs, context.ports.clock.now()
    with _opening:
        book = _BOOKS.setdefault(blobs, _Book())
    with book.lock:
        looked = (viewer.account, viewer.door, document)
        before = book.seen.get(looked)
        if before is not None and before <= now < before + SAME_LOOK:
            return
        look = Look(now, viewer.account, viewer.door, document, HIGHEST_PROTECTION, viewer.in_place_of(*audience))
        book.place = viewings.append(blobs, context.settings.tenant, look, book.place)
        if len(book.seen) >= KNOWN:
            book.seen.clear()
        book.seen[looked] = now
