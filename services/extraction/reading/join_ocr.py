"""What OCR brings, joined to the text in a new revision of the extraction."""

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from services.core.catalogue import known_problem
from services.core.errors import BlobMissing, OriginalDamaged
from services.core.keys import Bucket
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import OcrCompleted
from services.core.model import ocr_results
from services.core.model.record import Record
from services.core.model.record_files import Extraction, PageRange, Part
from services.core.ports.ocr_engine import OcrResult
from services.core.protocol.revise import Draft, revise
from services.extraction.mail import charsets
from services.extraction.reading import request_ocr, revisions
from services.extraction.reading.original import concluded, lay_out_again
from services.runtime.context.service import Context


def join(context: Context, event: Event, facts: OcrCompleted) -> Sequence[Event]:
    """Take these pages into the newest revision of the extraction."""
    return revise(context.ports.blobs, event, revisions.STAGE, partial(_decide, context, event, facts))


def _decide(context: Context, event: Event, facts: OcrCompleted, found: Record) -> Draft | Sequence[Event]:
    """What these pages ask for.

    1. Never read: nothing to do.
    2. Not awaited any more: they were joined before; their events are told again. Pages that could not be recognised
       stay awaited: whether they were joined before, only the revisions tell.
    3. The result is gone (another user of the cache was erased): the pages are laid out and asked for again.
    4. Else a new revision.
    """
    if found.extraction is None:
        return ()
    revision, wanted = found.revisions[revisions.STAGE], _wanted(found.extraction, facts)
    if wanted is None:
        return revisions.told_before(context, event, revision)
    if facts.problem_code == ocr_results.UNAVAILABLE and (told := revisions.told_before(context, event, revision)):
        return told
    part, awaited = wanted
    result = _result(context, facts)
    if result is None and _laid_out(context, found):
        return revisions.requests(context, event, cause=Cause.of(event), revision=revision, ranges=[awaited])
    result = result or OcrResult(page_count=0, problem=OriginalDamaged.code)
    limit = context.settings.extraction.max_characters
    joined = _joined(found.extraction, part, awaited, result=result, limit=limit)
    newer = concluded(replace(joined, cause=event.id, made_at=context.ports.clock.now()), found.receipts[0].name)
    return Draft(
        made=newer,
        tell=lambda number: revisions.events_of(context, event, revision=number, extraction=newer),
        undo=lambda: revisions.delete_derived(context, event, newer),
    )


def _laid_out(context: Context, found: Record) -> bool:
    """Whether the pages can be asked for again; those of a damaged original cannot."""
    try:
        lay_out_again(context, found)
    except OriginalDamaged:
        return False
    return True


def _wanted(extraction: Extraction, facts: OcrCompleted) -> tuple[Part, PageRange] | None:
    part = next((p for p in extraction.parts if p.part == facts.part), None)
    if part is None or (facts.problem_code == part.problem == ocr_results.UNAVAILABLE):
        return None
    pages_of_facts = (facts.part, facts.first_page, facts.last_page)
    for awaited in extraction.awaiting:
        if (awaited.part, awaited.first_page, awaited.last_page) == pages_of_facts:
            return part, awaited
    return None


def _result(context: Context, facts: OcrCompleted) -> OcrResult | None:
    if facts.problem_code == ocr_results.UNAVAILABLE:
        return OcrResult(page_count=0, problem=ocr_results.UNAVAILABLE)
    try:
        return ocr_results.decode(context.ports.blobs.read(Bucket.DERIVED, facts.result_key))
    except BlobMissing:
        return None


def _joined(extraction: Extraction, part: Part, awaited: PageRange, *, result: OcrResult, limit: int) -> Extraction:
    remaining = [pages for pages in extraction.awaiting if pages != awaited]
    if result.problem == ocr_results.UNAVAILABLE:
        remaining = list(extraction.awaiting)
        joined = replace(part, problem=ocr_results.UNAVAILABLE)
    else:
        remaining += _newly_known(part, awaited, result)
        left = limit - sum(len(p.text) for p in extraction.parts)
        joined = _recognised(part, result, left=left, stuck=any(p.part == part.part for p in remaining))
    parts = tuple(joined if p is part else p for p in extraction.parts)
    return replace(extraction, parts=parts, awaiting=tuple(remaining))


def _newly_known(part: Part, awaited: PageRange, result: OcrResult) -> list[PageRange]:
    """The rest of an image whose page count only its first reading told."""
    if part.page_count:
        return []
    ranges = request_ocr.following(awaited.last_page, result.page_count)
    return [replace(awaited, first_page=first, last_page=last) for first, last in ranges]


def _recognised(part: Part, result: OcrResult, *, left: int, stuck: bool) -> Part:
    page_count = part.page_count or result.page_count
    legible = [page for page in result.pages if ocr_results.is_legible(page)]
    found = [replace(page, text=charsets.tidy(page.text)) for page in legible]
    text = request_ocr.filled(part.text, found, page_count)
    recognised = [page for page in result.pages if not page.from_layer]
    cured = part.problem == ocr_results.UNAVAILABLE and not stuck
    illegible = None if len(legible) == len(result.pages) else "illegible"
    problem = ocr_results.problem(result) or illegible or (None if cured else part.problem)
    if len(text) - len(part.text) > left:
        text, problem = text[: len(part.text) + max(0, left)], problem or "too_large"
    read_before = part.recognised_pages * (part.confidence or 0.0)
    count = part.recognised_pages + len(recognised)
    confidence = (read_before + sum(page.confidence for page in recognised)) / count if count else None
    return replace(
        part,
        text=text,
        page_count=page_count,
        recognised=part.recognised or bool(recognised) or not result.pages,
        recognised_pages=count,
        confidence=confidence,
        problem=known_problem(problem),
    )
