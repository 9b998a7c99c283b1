"""Giving an original back: the copy that the caller may see."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.model import documents
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.ports.blob_store import BlobStore
from services.core.ports.entries import Viewer
from services.runtime.access.visibility import occurrence_of, receipts_of

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: its own header block, then what all copies share, which begins at `shared_from` in the original."""

    blobs: BlobStore
    block: bytes
    key: str
    shared_from: int
    size_bytes: int
    etag: str

    def pieces(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`."""
        if first < len(self.block):
            yield self.block[first : min(end, len(self.block))]
        start, left = max(first, len(self.block)), end - max(first, len(self.block))
        if left <= 0:
            return
        with self.blobs.open(Bucket.ORIGINALS, self.key, start - len(self.block) + self.shared_from) as stream:
            while left > 0 and (piece := stream.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece


def copy_for(blobs: BlobStore, found: Record, viewer: Viewer) -> Copy:
    """The stored original where the viewer may see every occurrence, else the copy of one that is theirs.

    Trace headers tell who else got the letter. Whoever sees it only because it was filed with them gets the author's
    headers. BlobMissing where the original is gone.
    """
    key = keys.original(found.tenant, found.document)
    size_bytes = blobs.size(Bucket.ORIGINALS, key)
    if size_bytes is None:
        raise BlobMissing(key)
    theirs = receipts_of(found, viewer)
    stored = _stored_block(blobs, key, found)
    if len(theirs) == len(found.receipts) or not stored:
        return Copy(blobs, b"", key, 0, size_bytes, f'"{found.document}"')
    block = _block(theirs[0]) if theirs else documents.canonical_headers(stored)
    name = theirs[0].receipt if theirs else "author"
    return Copy(blobs, block, key, len(stored), size_bytes - len(stored) + len(block), f'"{found.document}.{name}"')


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
