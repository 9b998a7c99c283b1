"""The central act of the mail room: a document's record gets its next revision, once, whoever else is at it.

Record files are created once and never overwritten, so nothing here needs a lock. Whoever comes second looks at the
newer state and decides again; whoever writes beside a tombstone takes the writing back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from msgspec import Struct

from services.core import keys
from services.core.errors import BlobMissing, TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.ports.blob_store import BlobStore

ROUNDS = 64
"""Fresh looks at a record before the event is asked for again later. Each lost round means that somebody else got on,
so this many in a row mean a fault; without a bound it would hold the service for ever."""


def _nothing() -> None:
    """Most revisions leave nothing outside of the record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A revision that shall be written, and what follows from it."""

    made: Struct
    tell: Callable[[int], Sequence[Event] | None]
    """The events of the revision under the number it got; None: one step of several, look again."""
    undo: Callable[[], None] = _nothing
    """Takes back what was made beside the revision; called when the document was erased meanwhile."""


Decide: TypeAlias = Callable[[Record], Draft | Sequence[Event]]
"""What a state of the record asks for: a further revision, or only events about what stands already."""


def revise(blobs: BlobStore, event: Event, stage: str, decide: Decide) -> Sequence[Event]:
    """Bring the record of the event's document on by one revision of `stage`; return what is to be told.

    1. Load the record. Beside a tombstone remove what a crash left of this stage; there is nothing to tell.
    2. Decide on what stands.
    3. Create the revision; a lost race leads back to 1.
    4. Look for the tombstone and take the writing back: whoever erases lists first and deletes then, so a writing that
       came between would stay for ever.
    5. Tell.

    TryLater while the store is away, or when every one of `ROUNDS` races was lost.
    """
    for _ in range(ROUNDS):
        found = record.load(blobs, event.tenant, event.document)
        if found.erased:
            withdraw(blobs, event.tenant, event.document, stage)
            return ()
        wanted = decide(found)
        if not isinstance(wanted, Draft):
            return wanted
        revision = append(blobs, found, stage, wanted.made)
        if revision == 0:
            wanted.undo()
            return ()
        told = wanted.tell(revision) if revision else None
        if told is not None:
            return told
    raise TryLater("busy")


def append(blobs: BlobStore, found: Record, stage: str, made: Struct) -> int | None:
    """Write the revision after those of `found`, and return its number; None when somebody else was first.

    Returns 0 where the document was erased meanwhile: the writing is taken back, and there is nothing to tell.
    """
    revision = found.next_revision(stage)
    key = keys.stage(found.tenant, found.document, stage, revision)
    if not _created(blobs, key, record_files.encode(made)):
        return None
    if record.is_erased(blobs, found.tenant, found.document):
        blobs.delete(Bucket.RECORDS, key)
        return 0
    return revision


def withdraw(blobs: BlobStore, tenant: str, document: str, stage: str) -> None:
    """Remove what a crash left of this stage beside a tombstone: written, and died before looking for it."""
    for key in list(blobs.keys(Bucket.RECORDS, f"{keys.record(tenant, document)}{stage}/")):
        blobs.delete(Bucket.RECORDS, key)


def _created(blobs: BlobStore, key: str, content: bytes) -> bool:
    """Whether the content stands under the key by our writing, also where the answer to it was lost on its way.

    A store's client repeats a request whose answer did not come; the repeat then finds our own content and is told
    that somebody was first. Without the comparison a clerk's decision that stands would be answered as stale.
    """
    try:
        return blobs.create(Bucket.RECORDS, key, content) or stands(blobs, key, content)
    except TryLater:
        if stands(blobs, key, content):
            return True
        raise


def stands(blobs: BlobStore, key: str, content: bytes) -> bool:
    """Whether exactly this content lies under the key."""
    try:
        return blobs.read(Bucket.RECORDS, key) == content
    except BlobMissing:
        return False
