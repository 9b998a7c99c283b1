"""A filed mail can be found by its Message-ID, so that replies to it go to its file."""

import hashlib

from services.core import keys
from services.core.keys import Bucket
from services.core.model.record import Record
from services.core.ports.blob_store import BlobStore


def message_key(message_id: str) -> str:
    """The Message-ID as part of a key: its angle brackets and blanks do not count, and nobody reads it there."""
    return hashlib.sha256(message_id.strip().strip("<>").strip().encode("utf-8", "surrogatepass")).hexdigest()


def note(blobs: BlobStore, found: Record) -> None:
    """Point from the Message-ID to the document; called before its filing is written, and harmless again.

    The pointer says nothing by itself: whoever follows it asks the record where the document stands now.
    """
    mail = found.extraction.mail if found.extraction else None
    if mail and mail.message_id.strip():
        blobs.create(Bucket.RECORDS, keys.thread(found.tenant, message_key(mail.message_id)) + found.document, b"-")
