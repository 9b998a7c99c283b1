"""How every worker writes into a record folder: the next revision, once; then a look for the tombstone."""

from msgspec import Struct

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.ports.blob_store import BlobStore


def append(blobs: BlobStore, found: Record, stage: str, made: Struct) -> int | None:
    """Write the revision after those of `found`, and return its number; None when somebody else was first.

    Whoever comes second decides again on the newer state. A document that was erased meanwhile takes the writing
    back: then the caller has nothing to tell either, and gets 0.
    """
    revision = found.next_revision(stage)
    key = keys.stage(found.tenant, found.document, stage, revision)
    if not blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        return None
    if record.is_erased(blobs, found.tenant, found.document):
        blobs.delete(Bucket.RECORDS, key)
        return 0
    return revision


def withdraw(blobs: BlobStore, tenant: str, document: str, stage: str) -> None:
    """Remove what a crash left of this stage beside a tombstone: written, and died before looking for it."""
    for key in list(blobs.keys(Bucket.RECORDS, f"{keys.record(tenant, document)}{stage}/")):
        blobs.delete(Bucket.RECORDS, key)
