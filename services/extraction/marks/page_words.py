"""The words of a page and where they stand: as recognised, or as its letters lie; kept and erased like its picture."""

import contextlib
from collections.abc import Sequence

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import ocr_results, record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.ocr_engine import OcrPage, OcrResult, PageWord, PageWords
from services.extraction.page_pictures import content_of
from services.runtime.access.visibility import can_be_drawn
from services.runtime.context.service import Context

PDF = "application/pdf"


def words_of_page(context: Context, found: Record, part: Part, number: int) -> Sequence[PageWord]:
    """Rejected `not_found` where there is no such page, with its `problem`; TryLater while others look.

    Pages that were recognised before places were kept have none, nor has a picture that was not read.
    """
    if not can_be_drawn(part):
        raise Rejected("not_found", problem=part.problem or "unsupported")
    recognised = _recognised(context, found, part, number)
    if recognised is not None:
        return recognised
    return _laid_on(context, found, part, number) if part.media_type == PDF else ()


def _recognised(context: Context, found: Record, part: Part, number: int) -> Sequence[PageWord] | None:
    """As text recognition left them; None where it did not read this page."""
    folder = keys.derived(found.tenant, part.sha256, "")
    for key in list(context.ports.blobs.keys(Bucket.DERIVED, folder)):
        words = _kept(context, key, number) if ocr_results.holds_words_of(key, number) else None
        if words is not None:
            return words
    return None


def _kept(context: Context, key: str, number: int) -> Sequence[PageWord] | None:
    with contextlib.suppress(BlobMissing):
        return ocr_results.decode_words(context.ports.blobs.read(Bucket.DERIVED, key), number)
    return None


def _laid_on(context: Context, found: Record, part: Part, number: int) -> Sequence[PageWord]:
    """As letters lie on the page: looked at once, also where there are none."""
    blobs = context.ports.blobs
    key = keys.derived(found.tenant, part.sha256, f"{context.ports.ocr.drawing}-letters-p{number}")
    with contextlib.suppress(BlobMissing):
        kept = ocr_results.decode_words(blobs.read(Bucket.DERIVED, key), number)
        if kept is not None:
            return kept
        blobs.delete(Bucket.DERIVED, key)  # half a file, or another's
    words = _looked_at(context, found, part, number).words
    page = OcrPage(number=number, words=words)
    blobs.create(Bucket.DERIVED, key, ocr_results.encode_words(OcrResult(page_count=number, pages=(page,))))
    # As with pictures: the tombstone stands before anything is deleted, so the eraser finds this, or we find it.
    if record.is_erased(blobs, found.tenant, found.document):
        blobs.delete(Bucket.DERIVED, key)
        raise Rejected("not_found")
    return words


def _looked_at(context: Context, found: Record, part: Part, number: int) -> PageWords:
    with content_of(context, found, part) as content:
        seen = context.ports.ocr.page_words(content, media_type=part.media_type, number=number)
    if seen.problem or number > seen.page_count:
        raise Rejected("not_found", problem=seen.problem or "")
    return seen
