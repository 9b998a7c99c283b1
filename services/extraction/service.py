"""The room that reads: a received document becomes text, part by part, and what OCR brings is folded in."""

from collections.abc import Sequence

from services.core.errors import BlobMissing
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentReceived, OcrCompleted
from services.extraction import storing
from services.extraction.folding import fold
from services.extraction.originals import read_first
from services.extraction.routes import routes
from services.runtime.context.service import Room, Service


def handle(event: Event, room: Room) -> Sequence[Event]:
    """Read what was received, fold in what was recognised."""
    if isinstance(event.facts, DocumentReceived):
        return _read(event, event.facts, room)
    if isinstance(event.facts, OcrCompleted):
        return fold(room, event, event.facts)
    return ()


def _read(event: Event, facts: DocumentReceived, room: Room) -> list[Event]:
    """The first receipt of a document has it read; a further one adds an occurrence and changes nothing here."""
    known = storing.stored(room, event, 1)
    if known and known.cause != event.id:
        return []
    if known and storing.is_erased(room, event):
        return storing.withdrawn(room, event)
    try:
        kept = known or storing.keep(room, event, revision=1, extraction=read_first(room, event, facts))
    except BlobMissing:
        if storing.is_erased(room, event):
            return storing.withdrawn(room, event)
        raise
    return storing.told(room, event, revision=1, extraction=kept) if kept else []


SERVICE = Service(
    name="extraction",
    needs=("extractor",),
    handle=handle,
    routes=routes,
    members=lambda settings: settings.extraction.workers,
)
