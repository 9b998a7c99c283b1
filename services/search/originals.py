"""Giving an original back: the copy that the caller may see."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.core import keys
from services.core.errors import OriginalDamaged
from services.core.keys import Bucket
from services.core.model import documents
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.ports.blob_store import BlobStore
from services.core.ports.entries import Viewer
from services.runtime.access.originals import check_may_be_given, original, told
from services.runtime.access.visibility import occurrence_of, receipts_of
from services.runtime.context.service import Context

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: its own header block, then what all copies share, which begins at `shared_from` in the original."""

    context: Context
    found: Record
    block: bytes
    shared_from: int
    size_bytes: int
    etag: str

    def pieces(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`; OriginalDamaged before the first of them, also in a range."""
        with contextlib.ExitStack() as stack:
            whole = original(self.context, self.found.tenant, self.found.document, self.found, spooled=False)
            content = stack.enter_context(whole)
            return self._given(first, end, content, stack.pop_all())

    def _given(self, first: int, end: int, content: BinaryIO, open_until: contextlib.ExitStack) -> Iterator[bytes]:
        with open_until:
            yield from self._pieces(first, end, content)

    def _pieces(self, first: int, end: int, content: BinaryIO) -> Iterator[bytes]:
        if first < len(self.block):
            yield self.block[first : min(end, len(self.block))]
        start, left = max(first, len(self.block)), end - max(first, len(self.block))
        if left <= 0:
            return
        content.seek(start - len(self.block) + self.shared_from)
        while left > 0 and (piece := content.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece


def copy_for(context: Context, found: Record, viewer: Viewer) -> Copy:
    """The stored original where the viewer may see every occurrence, else the copy of one that is theirs.

    Trace headers tell who else got the letter. Whoever sees it only because it was filed with them gets the author's
    headers. OriginalDamaged where the original is gone; Rejected `sealed` or `not_yet` where malware is or may be.
    """
    check_may_be_given(context, found)
    blobs, key = context.ports.blobs, keys.original(found.tenant, found.document)
    size_bytes = blobs.size(Bucket.ORIGINALS, key)
    if size_bytes is None:
        told(context, found, "missing")
        raise OriginalDamaged(found.document)
    theirs = receipts_of(found, viewer)
    stored = _stored_block(blobs, key, found)
    if len(theirs) == len(found.receipts) or not stored:
        return Copy(context, found, b"", 0, size_bytes, f'"{found.document}"')
    block = _block(theirs[0]) if theirs else documents.canonical_headers(stored)
    name = theirs[0].receipt if theirs else "author"
    return Copy(context, found, block, len(stored), size_bytes - len(stored) + len(block), f'"{found.document}.{name}"')


def name_of(found: Record, viewer: Viewer) -> str:
    """Under which name the original is downloaded: a mail under its subject, a scan as it came to the viewer."""
    if found.receipts[0].media_type != "message/rfc822":
        own = occurrence_of(found, viewer)
        return (own.name if own else "") or found.document
    return ((found.extraction.title if found.extraction else "") or found.document) + ".eml"


def _block(receipt: Receipt) -> bytes:
    return receipt.envelope.header_block if receipt.envelope else b""


def _stored_block(blobs: BlobStore, key: str, found: Record) -> bytes:
    """The header block that the stored original begins with; empty for what is no mail."""
    blocks = sorted({_block(receipt) for receipt in found.receipts}, key=len, reverse=True)
    if not blocks or not blocks[0]:
        return b""
    with blobs.open(Bucket.ORIGINALS, key) as stream:
        beginning = stream.read(len(blocks[0]))
    return next(block for block in [*blocks, b""] if beginning.startswith(block))
