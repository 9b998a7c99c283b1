"""A document whose original was damaged when it was to be read, and is whole again."""

from collections.abc import Sequence
from functools import partial

from services.core.messages.envelope import Event
from services.core.model.record import Record
from services.core.protocol import custody
from services.core.protocol.receiving import facts_of
from services.core.protocol.revise import Draft, revise
from services.extraction.reading import revisions
from services.extraction.reading.original import read_first
from services.runtime.context.service import Context


def read_mended(context: Context, event: Event) -> Sequence[Event]:
    """Read it now, in a new revision; what was read before its original was damaged stays as it is."""
    return revise(context.ports.blobs, event, revisions.STAGE, partial(_decide, context, event))


def _decide(context: Context, event: Event, found: Record) -> Draft | Sequence[Event]:
    there = found.extraction
    if there is None:
        return ()
    told = revisions.told_before(context, event, found.revisions[revisions.STAGE])
    if told or not custody.is_unread(found):  # a repeat: told again
        return told
    receipt = found.receipts[0]
    made = read_first(context, event, facts_of(receipt))
    return Draft(
        made=made,
        tell=lambda number: revisions.events_of(context, event, revision=number, extraction=made),
        undo=lambda: revisions.delete_derived(context, event, made),
    )
