"""A document is read, what OCR brings is joined to it, and its pages become others where a clerk says so."""

from collections.abc import Sequence

from services.core.errors import BlobMissing
from services.core.messages.envelope import Event
from services.core.messages.events import (
    DocumentReceived,
    FilingDecided,
    OcrCompleted,
    OriginalChecked,
    OriginalUnsealed,
)
from services.core.model import record
from services.core.model.record_files import Extraction
from services.extraction.batches.first_look import FirstLook
from services.extraction.batches.rearranging import rearrange
from services.extraction.mended import read_anew
from services.extraction.reading import revisions
from services.extraction.reading.join_ocr import join
from services.extraction.reading.original import receipt_of
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Read what was received, mended or unsealed, join what was recognised, arrange pages as a clerk decided."""
    if isinstance(event.facts, DocumentReceived):
        return _read(event, event.facts, context)
    if isinstance(event.facts, OcrCompleted):
        return join(context, event, event.facts)
    if isinstance(event.facts, FilingDecided):
        return rearrange(context, event, event.facts)
    if isinstance(event.facts, OriginalChecked) and event.facts.problem_code is None:
        return read_anew(context, event)
    if isinstance(event.facts, OriginalUnsealed):
        return read_anew(context, event)
    return ()


def _read(event: Event, facts: DocumentReceived, context: Context) -> list[Event]:
    """The first receipt of a document has it read; a further one adds an occurrence, also to the parts of a batch."""
    known = revisions.stored(context, event, 1)
    if known and known.cause != event.id:
        return _came_again(event, facts, context)
    if known and revisions.is_erased(context, event):
        return revisions.withdrawn(context, event)
    try:
        return _first(event, facts, known, context=context)
    except BlobMissing:
        if revisions.is_erased(context, event):
            return revisions.withdrawn(context, event)
        raise


def _first(event: Event, facts: DocumentReceived, known: Extraction | None, *, context: Context) -> list[Event]:
    receipt = receipt_of(context, event, facts)
    with FirstLook(context=context, event=event, receipt=receipt) as look:
        kept = known or revisions.keep_first(context, event, look.reading(facts))
        if kept is None:
            return []
        told = revisions.events_of(context, event, revision=1, extraction=kept)
        return [*told, *look.documents(kept, [receipt] if receipt else [], first=True)]


def _came_again(event: Event, facts: DocumentReceived, context: Context) -> list[Event]:
    """A further arrival of a batch is one of each of its documents, so that whoever brought it finds them."""
    if facts.channel != "scan":
        return []
    newest = record.load(context.ports.blobs, event.tenant, event.document).extraction
    receipt = receipt_of(context, event, facts)
    if newest is None or receipt is None:
        return []
    with FirstLook(context=context, event=event, receipt=receipt) as look:
        return look.documents(newest, [receipt], first=False)
