"""How a document of a batch comes into being: exactly once, whoever repeats it and wherever the try before ended."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import documents, record, record_files
from services.core.model.batches.sheets import PartOf, SeparatedPart, SheetAccount
from services.core.model.receipts import receipt_of_part
from services.core.model.record_files import Receipt
from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock
from services.core.protocol.custody import PIECE_BYTES
from services.core.protocol.receiving import MAX_INCARNATIONS, store_receipt, take_back

Take = Callable[[SeparatedPart], AbstractContextManager[BinaryIO]]
"""The pages of this document of the batch as a file, read from its beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Separating:
    """A batch whose documents come into being, by one of its arrivals."""

    batch: Receipt
    account: SheetAccount
    """As it stands in the record: another look at the sheets would perhaps find others."""
    first: bool
    """Whether it is the arrival by which the batch was separated. A document that was erased since is not made again by
    its repeat; with a further arrival it comes in anew."""
    take: Take


def receive_parts(separating: Separating, *, blobs: BlobStore, clock: Clock) -> list[Receipt]:
    """The receipts of all documents of the batch, stored; the events that tell of them are the caller's.

    Each step is found done by whoever repeats it: the id of a document is made of batch and pages, its receipt's number
    of that and the receipt of the batch, and the original is stored before the receipt.
    """
    made = (_received(separating, place, blobs, clock) for place in range(len(separating.account.parts)))
    return [receipt for receipt in made if receipt]


def _received(separating: Separating, place: int, blobs: BlobStore, clock: Clock) -> Receipt | None:
    batch = separating.batch
    for incarnation in range(1 if separating.first else MAX_INCARNATIONS):
        drafted = _drafted(separating, place, incarnation)
        pointers = [keys.arrival(batch.tenant, drafted.received_at, drafted.receipt)]
        if not record.is_erased(blobs, batch.tenant, drafted.document):
            receipt = _known(drafted, blobs) or _stored(drafted, separating, place, blobs)
            pointers = store_receipt(receipt, blobs, clock)
            if not record.is_erased(blobs, batch.tenant, drafted.document):
                return receipt
        take_back(drafted, pointers, blobs)
    if separating.first:
        return None
    raise Rejected("internal")


def _drafted(separating: Separating, place: int, incarnation: int) -> Receipt:
    batch, account = separating.batch, separating.account
    part = account.parts[place]
    pages, turns, cover = part.pages, part.turns, part.cover
    digest = documents.part_digest(batch.document, pages, turns)
    document = documents.document_id(batch.tenant, "part", digest, incarnation=incarnation)
    return replace(
        batch,
        receipt=receipt_of_part(batch.received_at, f"{batch.receipt}/{document}"),
        document=document,
        incarnation=incarnation,
        kind=f"part-{documents.CANONICAL_VERSION}",
        digest=digest,
        office=(cover.office if cover else None) or batch.office,
        part_of=PartOf(
            document=batch.document,
            number=place + 1,
            count=len(account.parts),
            pages=pages,
            turns=turns,
            cover=cover,
        ),
    )


def _known(drafted: Receipt, blobs: BlobStore) -> Receipt | None:
    key = keys.receipt(drafted.tenant, drafted.document, drafted.receipt)
    try:
        return record_files.decode(Receipt, blobs.read(Bucket.RECORDS, key))
    except BlobMissing:
        return None


def _stored(drafted: Receipt, separating: Separating, place: int, blobs: BlobStore) -> Receipt:
    """The receipt of what lies in the store: by us, by an earlier arrival, or by a try that died before its receipt."""
    key = keys.original(drafted.tenant, drafted.document)
    if blobs.size(Bucket.ORIGINALS, key) is None:
        with separating.take(separating.account.parts[place]) as content:
            blobs.create(Bucket.ORIGINALS, key, content)
    identity = documents.BytesIdentity()
    with blobs.open(Bucket.ORIGINALS, key) as stream:
        while piece := stream.read(PIECE_BYTES):
            identity.update(piece)
    return replace(drafted, sha256=identity.sha256(), size_bytes=identity.size_bytes)
