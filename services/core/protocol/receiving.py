"""The act that all intakes share: bytes become an original and a receipt, and only then is anything accepted."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, NotPermitted, Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentReceived
from services.core.model import documents, record, record_files
from services.core.model.receipts import new_receipt
from services.core.model.record_files import Claim, Envelope, Receipt
from services.core.model.side_files import JournalReport
from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock
from services.core.protocol import custody

MAX_INCARNATIONS = 1000
"""A bound on the search for the living incarnation; no content is erased that often."""

LATE = timedelta(minutes=5)
"""Between the claim of a key (or the number's making) and the receipt's storing; shorter than the sweeper's overlap."""


SERVICE_OF: dict[vocabulary.Channel, str] = {"mail": "mail_intake", "scan": "scan_intake", "procedure": "procedures"}
"""Which service takes a channel in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """What stands before the intake: the content with its identity (already hashed), and how it came."""

    tenant: str
    channel: vocabulary.Channel
    source: str
    media_type: str
    content: BinaryIO
    """Positioned anywhere; read from its beginning."""
    identity: documents.Identity
    name: str = ""
    office: str = vocabulary.MAIN_OFFICE
    envelope: Envelope | None = None
    properties: dict[str, str] = field(default_factory=dict)
    report: JournalReport | None = None
    idempotency_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What the sender may be told, and the event that has to follow."""

    receipt: str
    document: str
    duplicate: bool
    """Whether this content was known before."""
    event: Event


def receive(arrival: Arrival, *, blobs: BlobStore, clock: Clock) -> Accepted:
    """Store the original, then the receipt; what this returns is durable and may be acknowledged.

    1. Claim the sender's idempotency key, if it gave one: a repeat gets the same receipt.
    2. Find the incarnation that is not erased, and store the original under its id.
    3. Point at the receipt under the minute of arrival, then store it in the record folder: whatever stands in a
       record is found by the sweeper, and a pointer to nothing is nothing.
    4. Look for a tombstone: an erasure that came in between takes this incarnation; begin again with the next.

    Beside each tombstone it takes back what it wrote, or what an earlier try left that died before it could.

    Raises TryLater when the store is away, Rejected for a reused key. The event is the caller's to publish, after
    which the sweeper looks for those that got lost.
    """
    digest = arrival.identity.digest()
    claim = _claim(arrival, digest, blobs=blobs, clock=clock)
    for incarnation in range(MAX_INCARNATIONS):
        document = documents.document_id(arrival.tenant, arrival.identity.kind, digest, incarnation=incarnation)
        receipt = _receipt(arrival, claim, document=document, incarnation=incarnation)
        pointers = [keys.arrival(arrival.tenant, receipt.received_at, receipt.receipt)]
        if not record.is_erased(blobs, arrival.tenant, document):
            arrival.content.seek(0)
            created = blobs.create(Bucket.ORIGINALS, keys.original(arrival.tenant, document), arrival.content)
            if not created:
                custody.note_unknown(blobs, receipt, now=clock.now())
            pointers = store_receipt(receipt, blobs, clock)
            if not record.is_erased(blobs, arrival.tenant, document):
                event = received_event(receipt, service=SERVICE_OF[arrival.channel], now=clock.now())
                return Accepted(receipt=receipt.receipt, document=document, duplicate=not created, event=event)
        take_back(receipt, pointers, blobs)
    raise Rejected("internal")


def received_event(receipt: Receipt, *, service: str, now: datetime) -> Event:
    """The event that a receipt brings about: the same id whoever publishes it, the intake or the sweeper."""
    cause = Cause(receipt.tenant, event_id(f"{receipt.receipt}/{receipt.document}", "receipt"))
    return topics.emit(facts_of(receipt), cause=cause, service=service, now=now)


def facts_of(receipt: Receipt) -> DocumentReceived:
    """What that event tells."""
    return DocumentReceived(
        document=receipt.document,
        receipt=receipt.receipt,
        channel=receipt.channel,
        source=receipt.source,
        received_at=receipt.received_at,
        media_type=receipt.media_type,
        size_bytes=receipt.size_bytes,
        sha256=receipt.sha256,
    )


def arrived_in(blobs: BlobStore, tenant: str, minute: datetime) -> list[str]:
    """The receipts whose pointers lie under one minute of arrival."""
    return [key.rpartition("/")[2] for key in blobs.keys(Bucket.RECORDS, keys.arrivals(tenant, minute))]


def receipt_at(blobs: BlobStore, tenant: str, *, minute: datetime, receipt_id: str) -> Receipt | None:
    """The receipt that a pointer of that minute leads to; None where it was erased or taken back since."""
    try:
        document = blobs.read(Bucket.RECORDS, keys.arrival(tenant, minute, receipt_id)).decode()
        content = blobs.read(Bucket.RECORDS, keys.receipt(tenant, document, receipt_id))
    except BlobMissing:
        return None
    return record_files.decode(Receipt, content)


def _claim(arrival: Arrival, digest: str, *, blobs: BlobStore, clock: Clock) -> Claim:
    now = clock.now()
    claim = Claim(receipt=new_receipt(now), received_at=now, digest=digest)
    if not arrival.idempotency_key:
        return claim
    hashed = hashlib.sha256(arrival.idempotency_key.encode()).hexdigest()
    key = keys.claim(arrival.tenant, arrival.source, hashed)
    if not blobs.create(Bucket.RECORDS, key, record_files.encode(claim)):
        claim = record_files.decode(Claim, blobs.read(Bucket.RECORDS, key))
    if claim.digest != digest:
        raise Rejected("key_reused")
    return claim


def _receipt(arrival: Arrival, claim: Claim, *, document: str, incarnation: int) -> Receipt:
    identity = arrival.identity
    return Receipt(
        receipt=claim.receipt,
        tenant=arrival.tenant,
        document=document,
        incarnation=incarnation,
        channel=arrival.channel,
        source=arrival.source,
        received_at=claim.received_at,
        media_type=arrival.media_type,
        size_bytes=identity.size_bytes,
        sha256=identity.sha256(),
        kind=f"{identity.kind}-{documents.CANONICAL_VERSION}",
        digest=claim.digest,
        name=arrival.name,
        office=arrival.office,
        envelope=arrival.envelope,
        properties=arrival.properties,
        report=arrival.report,
    )


def store_receipt(receipt: Receipt, blobs: BlobStore, clock: Clock) -> list[str]:
    """Point at the receipt, then store it; returns the pointers."""
    now = clock.now()
    late = now - receipt.received_at > LATE
    pointers = [_point(receipt, minute, blobs) for minute in (receipt.received_at, *([now] if late else []))]
    blobs.create(
        Bucket.RECORDS, keys.receipt(receipt.tenant, receipt.document, receipt.receipt), record_files.encode(receipt)
    )
    stored = clock.now()
    return [*pointers, _point(receipt, stored, blobs)] if stored - now > LATE else pointers


def _point(receipt: Receipt, minute: datetime, blobs: BlobStore) -> str:
    """Point at the receipt; of one stored late also under now, for the sweeper has passed a minute long gone."""
    pointer = keys.arrival(receipt.tenant, minute, receipt.receipt)
    blobs.create(Bucket.RECORDS, pointer, receipt.document.encode())
    return pointer


def take_back(receipt: Receipt, pointers: list[str], blobs: BlobStore) -> None:
    """Remove what this delivery left beside a tombstone; the original only where no receipt stands there any more.

    One that does may have been accepted before the tombstone: until retention has moved it, it needs the original.
    """
    blobs.delete(Bucket.RECORDS, keys.receipt(receipt.tenant, receipt.document, receipt.receipt))
    if next(iter(blobs.keys(Bucket.RECORDS, keys.receipts(receipt.tenant, receipt.document))), None) is None:
        custody.forget_unknown(blobs, receipt)
        with suppress(NotPermitted):  # in a city no intake may delete an original: whoever erases looks at it again
            blobs.delete(Bucket.ORIGINALS, keys.original(receipt.tenant, receipt.document))
    for pointer in pointers:
        blobs.delete(Bucket.RECORDS, pointer)
