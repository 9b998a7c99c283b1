"""A document that could not be read before: its original was damaged then, or sealed as infected."""

from collections.abc import Sequence
from functools import partial

from services.core.messages.envelope import Event
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.protocol import custody
from services.core.protocol.receiving import facts_of
from services.core.protocol.revise import Draft, revise
from services.extraction.batches.first_look import FirstLook
from services.extraction.batches.separating import with_problem
from services.extraction.reading import revisions
from services.runtime.access.originals import is_infected, is_sealed
from services.runtime.context.service import Context


def read_anew(context: Context, event: Event) -> Sequence[Event]:
    """Read it now, in a new revision; what was read before its original was damaged stays as it is."""
    return revise(context.ports.blobs, event, revisions.STAGE, partial(_decide, context, event))


def _decide(context: Context, event: Event, found: Record) -> Draft | Sequence[Event]:
    there = found.extraction
    if there is None:
        return ()
    told = revisions.told_before(context, event, found.revisions[revisions.STAGE])
    if told:  # a repeat: told again
        return [*told, *_documents(context, event, found, there)]
    if not (custody.is_unread(found) or is_sealed(found)):
        return _documents(context, event, found, there)  # of a batch that was damaged before all of them were there
    if there.sheets and there.sheets.is_batch:  # separated before it was sealed: what its pages are is known
        made = with_problem(there, None, cause=event.id, now=context.ports.clock.now())
    else:
        with FirstLook(context=context, event=event, receipt=found.receipts[0]) as look:
            made = look.reading(facts_of(found.receipts[0]))
    if is_sealed(found) and is_infected(made):
        return ()  # the scanner has changed its mind once more

    def tell(number: int) -> list[Event]:
        told = revisions.events_of(context, event, revision=number, extraction=made)
        return [*told, *_documents(context, event, found, made)]

    return Draft(made=made, tell=tell, undo=lambda: revisions.delete_derived(context, event, made))


def _documents(context: Context, event: Event, found: Record, made: Extraction) -> list[Event]:
    """Of a batch, under every arrival of it so far."""
    with FirstLook(context=context, event=event, receipt=found.receipts[0]) as look:
        return look.documents(made, found.receipts, first=True)
