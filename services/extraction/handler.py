"""A received document is read; what OCR brings is joined to it."""

from collections.abc import Sequence

from services.core.errors import BlobMissing
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentReceived, OcrCompleted
from services.extraction import storing
from services.extraction.folding import fold
from services.extraction.originals import read_first
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Read what was received, fold in what was recognised."""
    if isinstance(event.facts, DocumentReceived):
        return _read(event, event.facts, context)
    if isinstance(event.facts, OcrCompleted):
        return fold(context, event, event.facts)
    return ()


def _read(event: Event, facts: DocumentReceived, context: Context) -> list[Event]:
    """The first receipt of a document has it read; a further one adds an occurrence and changes nothing here."""
    known = storing.stored(context, event, 1)
    if known and known.cause != event.id:
        return []
    if known and storing.is_erased(context, event):
        return storing.withdrawn(context, event)
    try:
        kept = known or storing.keep(context, event, revision=1, extraction=read_first(context, event, facts))
    except BlobMissing:
        if storing.is_erased(context, event):
            return storing.withdrawn(context, event)
        raise
    return storing.told(context, event, revision=1, extraction=kept) if kept else []
