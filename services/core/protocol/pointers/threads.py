"""A filed mail can be found by its Message-ID, so that replies to it go to its file."""

import hashlib
import re

from services.core import keys
from services.core.keys import Bucket
from services.core.model.record import Record
from services.core.ports.blob_store import BlobStore

_FOLD = re.compile(rb"\r?\n[ \t]+")
_MESSAGE_ID = b"message-id:"
_IN_ANGLES = re.compile(r"<([^<>\s]{1,998})>")


def message_id_in(header_block: bytes) -> str:
    """The Message-ID of a mail as its header block has it; empty where it has none."""
    for line in _FOLD.sub(b" ", header_block).splitlines():
        if line[: len(_MESSAGE_ID)].lower() == _MESSAGE_ID:
            value = line[len(_MESSAGE_ID) :].decode("utf-8", "replace").strip()
            found = _IN_ANGLES.search(value)
            return found[1] if found else value
    return ""


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
