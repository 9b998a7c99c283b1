"""Pages of a part as pictures: drawn once, kept beside what was read of the same content, erased with it."""

import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.ocr_engine import Look
from services.extraction.reading.original import attachment
from services.runtime.access.originals import original
from services.runtime.access.visibility import can_be_drawn
from services.runtime.context.service import Context

WIDTHS = {160: 10_000, 480: 40_000, 960: 40_000, 1_920: 160_000}
"""Pixels across that are drawn, and the bytes that such a picture has at most: a glance, a phone, a screen, a close
look. Whatever else is asked for is rounded up, so that nobody fills the store with sizes."""
_WEBP = b"RIFF"


def width_for(wanted: int) -> int:
    """The width that is drawn where this one is wanted."""
    return next((width for width in WIDTHS if width >= wanted), max(WIDTHS))


def picture(context: Context, found: Record, part: Part, look: Look) -> bytes:
    """The page as WebP. Rejected `not_found` where there is no such page, with the `problem` where it has one.

    What is written after its document was erased is taken back by who wrote it: the tombstone stands before anything
    is deleted, so either the eraser finds the picture or we find the tombstone.
    """
    if not can_be_drawn(part):  # nor is it shown as another document with the same content was drawn
        raise Rejected("not_found", problem=part.problem or "unsupported")
    look = replace(look, limit=WIDTHS[look.width])
    blobs, key = context.ports.blobs, _key(context, found, part, look)
    with contextlib.suppress(BlobMissing):
        kept = blobs.read(Bucket.DERIVED, key)
        if kept.startswith(_WEBP):
            return kept
        blobs.delete(Bucket.DERIVED, key)
    drawn = _drawn(context, found, part, look)
    blobs.create(Bucket.DERIVED, key, drawn)
    if record.is_erased(blobs, found.tenant, found.document):
        blobs.delete(Bucket.DERIVED, key)
        raise Rejected("not_found")
    return drawn


def _key(context: Context, found: Record, part: Part, look: Look) -> str:
    maker = f"{context.ports.ocr.drawing}-p{look.number}-w{look.width}-t{look.turn}"
    return keys.derived(found.tenant, part.sha256, maker)


def _drawn(context: Context, found: Record, part: Part, look: Look) -> bytes:
    with content_of(context, found, part) as content:
        shown = context.ports.ocr.show_page(content, media_type=part.media_type, look=look)
    if not shown.content:
        raise Rejected("not_found", problem=shown.problem or "")
    return shown.content


@contextlib.contextmanager
def content_of(context: Context, found: Record, part: Part) -> Iterator[BinaryIO]:
    """The bytes of a part that has pages."""
    if part.part == "0":
        with original(context, found.tenant, found.document, found) as content:
            yield content
    else:
        yield io.BytesIO(attachment(context, found, part).content)
