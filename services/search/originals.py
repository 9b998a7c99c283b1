"""Giving an original back: the copy that the caller may see, whole or in a range, never shown by a browser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from services.core import documents, keys
from services.core.entries import Viewer
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.ports import BlobStore
from services.core.record import Record
from services.core.records import Receipt
from services.runtime.service import Room
from services.runtime.viewing import receipts_of

PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_CHARACTERS = 120
SAFETY = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache"}
"""For bytes and text of documents: should a browser show them after all, they can do nothing."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: its own header block, then what all copies share, which begins at `shared_from` in the original."""

    block: bytes
    key: str
    shared_from: int
    size_bytes: int
    etag: str

    def pieces(self, blobs: BlobStore, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`."""
        if first < len(self.block):
            yield self.block[first : min(end, len(self.block))]
        start, left = max(first, len(self.block)), end - max(first, len(self.block))
        if left <= 0:
            return
        with blobs.open(Bucket.ORIGINALS, self.key, start - len(self.block) + self.shared_from) as stream:
            while left > 0 and (piece := stream.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece


def answer(request: Request, room: Room, found: Record, *, viewer: Viewer) -> Response:
    """200 with all bytes, 206 with one range, 304, or 416 (RFC 9110 §14); BlobMissing where the original is gone."""
    copy = copy_for(room.ports.blobs, found, viewer)
    headers = SAFETY | {"ETag": copy.etag, "Accept-Ranges": "bytes", "Content-Disposition": disposition(found)}
    if request.headers.get("if-none-match") == copy.etag:
        return Response(status_code=304, headers=headers)
    wanted = _wanted(request, copy)
    if wanted is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{copy.size_bytes}"})
    first, end = wanted
    headers["Content-Length"] = str(end - first)
    part = (first, end) != (0, copy.size_bytes)
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{copy.size_bytes}"
    pieces = copy.pieces(room.ports.blobs, first, end)
    media_type = found.receipts[0].media_type
    return StreamingResponse(pieces, status_code=206 if part else 200, headers=headers, media_type=media_type)


def copy_for(blobs: BlobStore, found: Record, viewer: Viewer) -> Copy:
    """The stored original where the viewer may see every occurrence, else the copy of one that is theirs.

    Trace headers tell who else got the letter. Whoever sees it only because it was filed with them gets the author's
    headers.
    """
    key = keys.original(found.tenant, found.document)
    size_bytes = blobs.size(Bucket.ORIGINALS, key)
    if size_bytes is None:
        raise BlobMissing(key)
    theirs = receipts_of(found, viewer)
    stored = _stored_block(blobs, key, found)
    if len(theirs) == len(found.receipts) or not stored:
        return Copy(b"", key, 0, size_bytes, f'"{found.document}"')
    block = _block(theirs[0]) if theirs else documents.canonical_headers(stored)
    name = theirs[0].receipt if theirs else "author"
    return Copy(block, key, len(stored), size_bytes - len(stored) + len(block), f'"{found.document}.{name}"')


def disposition(found: Record) -> str:
    """A download under the title, in ASCII and as it is written (RFC 6266)."""
    first = found.receipts[0]
    ending = ".eml" if first.media_type == "message/rfc822" else ""
    title = (found.extraction.title if found.extraction and ending else first.name) or found.document
    name = "".join(c if c.isprintable() and c not in '/\\:"' else "_" for c in title)[:_NAME_CHARACTERS] + ending
    plain = _UNSAFE.sub("_", name).lstrip(".") or found.document
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


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


def _wanted(request: Request, copy: Copy) -> tuple[int, int] | None:
    """First byte and end; all of it where no range, several or an outdated one was asked for; None: none fits."""
    whole = (0, copy.size_bytes)
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    outdated = request.headers.get("if-range", copy.etag) != copy.etag
    if not found or found.groups() == ("", "") or outdated:
        return whole
    first, last = found[1], found[2]
    if not first:
        start, end = max(copy.size_bytes - int(last), 0), copy.size_bytes
    else:
        start, end = int(first), min(int(last) + 1 if last else copy.size_bytes, copy.size_bytes)
    return (start, end) if start < end else None
