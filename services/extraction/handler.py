"""A received document is read; what OCR brings is joined to it; one whose original was mended is read at last."""

from collections.abc import Sequence

from services.core.errors import BlobMissing
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentReceived, OcrCompleted, OriginalChecked
from services.extraction.mended import read_mended
from services.extraction.reading import revisions
from services.extraction.reading.join_ocr import join
from services.extraction.reading.original import read_first
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Read what was received, join what was recognised, read what could not be read while its original was damaged."""
    if isinstance(event.facts, DocumentReceived):
        return _read(event, event.facts, context)
    if isinstance(event.facts, OcrCompleted):
        return join(context, event, event.facts)
    if isinstance(event.facts, OriginalChecked) and event.facts.problem_code is None:
        return read_mended(context, event)
    return ()


def _read(event: Event, facts: DocumentReceived, context: Context) -> list[Event]:
    """The first receipt of a document has it read; a further one adds an occurrence and changes nothing here."""
    known = revisions.stored(context, event, 1)
    if known and known.cause != event.id:
        return []
    if known and revisions.is_erased(context, event):
        return revisions.withdrawn(context, event)
    try:
        kept = known or revisions.keep_first(context, event, read_first(context, event, facts))
    except BlobMissing:
        if revisions.is_erased(context, event):
            return revisions.withdrawn(context, event)
        raise
    return revisions.events_of(context, event, revision=1, extraction=kept) if kept else []
