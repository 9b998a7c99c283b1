"""Whether an original still is what was stored, and what is told where it is not.

What was stored is known by the SHA-256 in the receipts: one of them belongs to the delivery that stored it. Where that
delivery died before its receipt, the next one notes what it found (`Stored`) before it stores its own.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from services.core import keys
from services.core.errors import BlobMissing, TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import OriginalChecked
from services.core.model import record, record_files
from services.core.model.documents import MailIdentity
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.model.side_files import OriginalCheck, Stored
from services.core.ports.blob_store import BlobStore
from services.core.protocol import revise
from services.core.vocabulary import Custody

CHECK, STORED = "check", "stored"
"""The stages of a record that belong to this page."""
PIECE_BYTES = 256 * 1024

Pass = Callable[[int], None]
"""Called with the bytes of each piece that was read, so that whoever is in no hurry can take a rest."""


def sums(found: Record) -> frozenset[str]:
    """The SHA-256 that its original may have."""
    stored = (found.stored.sha256,) if found.stored else ()
    return frozenset({*(receipt.sha256 for receipt in found.receipts), *stored})


def sum_of(stream: BinaryIO, passed: Pass = lambda _: None) -> str:
    """SHA-256 of what is left of a stream."""
    digest = hashlib.sha256()
    while piece := stream.read(PIECE_BYTES):
        digest.update(piece)
        passed(len(piece))
    return digest.hexdigest()


def look(blobs: BlobStore, found: Record, passed: Pass = lambda _: None) -> Custody:
    """Read the original from end to end. TryLater while the store is away."""
    try:
        with blobs.open(Bucket.ORIGINALS, keys.original(found.tenant, found.document)) as stream:
            return "whole" if sum_of(stream, passed) in sums(found) else "changed"
    except BlobMissing:
        return "missing"


def note(
    blobs: BlobStore, found: Record, outcome: Custody, *, service: str, now: datetime
) -> tuple[Event | None, bool]:
    """Write down how the original was found where that is news; the event that tells it, and whether it is news.

    What is known is told again under the same id: whoever wrote it down may have died before it was told. An original
    that was always whole leaves nothing; that it is whole is news while something of it is unread. Beside a tombstone
    nothing stays, also of what a crash left there.
    """
    for _ in range(revise.ROUNDS):
        now_found = record.load(blobs, found.tenant, found.document)
        if now_found.erased:
            clear(blobs, found.tenant, found.document)
        if now_found.erased or not now_found.receipts:  # a lost receipt may come back, and what was noted counts
            return None, False
        check = now_found.check
        cure = outcome == "whole" and is_unread(now_found)
        if outcome == (check.outcome if check else "whole") and not cure:
            return (_told(now_found, check, service=service) if check else None), False
        made = OriginalCheck(id=str(uuid.uuid4()), checked_at=now, outcome=outcome)
        revision = revise.append(blobs, now_found, CHECK, made)
        if revision == 0:
            return None, False
        if revision:
            return _event(now_found, made, revision, service=service), True
    raise TryLater("busy")


def is_unread(found: Record) -> bool:
    """Whether something of it could not be read because the original was damaged then; it can be, once it is mended."""
    parts = found.extraction.parts if found.extraction else ()
    return any(part.problem == "damaged" for part in parts)


def clear(blobs: BlobStore, tenant: str, document: str) -> None:
    """Remove what a crash left of a check beside a tombstone."""
    for stage in (CHECK, STORED):
        revise.withdraw(blobs, tenant, document, stage)


def note_unknown(blobs: BlobStore, receipt: Receipt, *, now: datetime) -> None:
    """Note what is stored where no receipt stands yet that could tell: whoever stored it died before its own.

    Only for mails, whose copies differ: of a scan all copies are the same bytes. What lies there has to be the same
    letter; else it is none that we would vouch for.
    """
    if receipt.kind.startswith("bytes") or next(iter(blobs.keys(*_receipts_of(receipt))), None):
        return
    with contextlib.suppress(BlobMissing):  # erased between two looks: the next one finds the tombstone
        identity = MailIdentity()
        with blobs.open(Bucket.ORIGINALS, keys.original(receipt.tenant, receipt.document)) as stream:
            while piece := stream.read(PIECE_BYTES):
                identity.update(piece)
        if identity.digest() == receipt.digest:
            made = Stored(sha256=identity.sha256(), size_bytes=identity.size_bytes, noted_at=now)
            blobs.create(Bucket.RECORDS, _stored_key(receipt), record_files.encode(made))


def forget_unknown(blobs: BlobStore, receipt: Receipt) -> None:
    """Take that note back, beside a tombstone."""
    blobs.delete(Bucket.RECORDS, _stored_key(receipt))


def _receipts_of(receipt: Receipt) -> tuple[Bucket, str]:
    return Bucket.RECORDS, keys.receipts(receipt.tenant, receipt.document)


def _stored_key(receipt: Receipt) -> str:
    return keys.stage(receipt.tenant, receipt.document, STORED, 1)


def _told(found: Record, check: OriginalCheck, *, service: str) -> Event:
    return _event(found, check, found.revisions[CHECK], service=service)


def _event(found: Record, check: OriginalCheck, revision: int, *, service: str) -> Event:
    facts = OriginalChecked(
        document=found.document, revision=revision, problem_code=None if check.outcome == "whole" else "damaged"
    )
    return topics.emit(facts, cause=Cause(found.tenant, check.id), service=service, now=check.checked_at)
