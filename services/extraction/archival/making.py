"""A part with pages as PDF/A: drawn page by page by the workers that draw, kept as pictures are, erased with it."""

import contextlib
import time
from collections.abc import Iterator

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.ocr_engine import Look, PagePicture
from services.extraction.archival.pdf_a import NoJpeg, Sheet, pdf_a
from services.extraction.marks.page_words import words_of_page
from services.extraction.page_pictures import content_of
from services.runtime.access.visibility import can_be_drawn
from services.runtime.context.service import Context

WIDTH = 1_654
"""Pixels across: A4 at 200 dpi."""
PAGE_BYTES = 2_000_000
MOST_PAGES = 200
SECONDS = 120.0
"""For all pages; whoever is not through then is told that it takes too long."""
_MAKER = "pdfa-2b-1"


def archival(context: Context, found: Record, part: Part) -> bytes:
    """The PDF/A. Rejected `not_found` with its `problem` where it has no pages, `too_many_parts`, `too_slow`.

    TryLater while others look. What is written after its document was erased is taken back by who wrote it, as with
    pictures.
    """
    if not can_be_drawn(part):
        raise Rejected("not_found", problem=part.problem or "unsupported")
    blobs = context.ports.blobs
    key = keys.derived(found.tenant, part.sha256, f"{context.ports.ocr.drawing}-{_MAKER}")
    with contextlib.suppress(BlobMissing):
        kept = blobs.read(Bucket.DERIVED, key)
        if kept.startswith(b"%PDF-") and kept.endswith(b"%%EOF\n"):
            return kept
        blobs.delete(Bucket.DERIVED, key)
    try:
        made = pdf_a(_sheets(context, found, part))
    except NoJpeg as error:
        raise Rejected("not_found", problem="unsupported") from error
    if not (found.extraction and found.extraction.complete):
        return made  # kept now, it would lack for ever the words of pages that are still to be recognised
    blobs.create(Bucket.DERIVED, key, made)
    if record.is_erased(blobs, found.tenant, found.document):
        blobs.delete(Bucket.DERIVED, key)
        raise Rejected("not_found")
    return made


def _sheets(context: Context, found: Record, part: Part) -> Iterator[Sheet]:
    until, number, count = time.monotonic() + SECONDS, 1, 1
    look = Look(number=1, width=WIDTH, limit=PAGE_BYTES, is_jpeg=True)
    while number <= count:
        if time.monotonic() > until:
            raise Rejected("not_found", problem="too_slow")
        shown = _shown(context, found, part, replace(look, number=number))
        count = shown.page_count
        if count > MOST_PAGES:
            raise Rejected("not_found", problem="too_many_parts")
        if not shown.content:
            raise Rejected("not_found", problem=shown.problem or "")
        yield Sheet(shown.content, words_of_page(context, found, part, number))
        number += 1


def _shown(context: Context, found: Record, part: Part, look: Look) -> PagePicture:
    with content_of(context, found, part) as content:
        return context.ports.ocr.show_page(content, media_type=part.media_type, look=look)
