"""A clerk said which documents the pages of a scan are: they come into being as those of a batch do, or go back."""

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from services.core.errors import TryLater
from services.core.messages.envelope import Event
from services.core.messages.events import FilingDecided
from services.core.model.record import Record
from services.core.model.record_files import Decision, Extraction
from services.core.protocol.arranging import newest_arranging, read_before
from services.core.protocol.revise import Draft, revise
from services.extraction.batches.account import rearranged, with_faults
from services.extraction.batches.first_look import FirstLook
from services.extraction.batches.separating import in_hand, separated
from services.extraction.reading import revisions
from services.runtime.context.service import Context


def rearrange(context: Context, event: Event, facts: FilingDecided) -> Sequence[Event]:
    """Follow the decision in a new revision of the extraction; the original stays as it came.

    Where it was taken back, what was read before is the newest revision again, and nothing has to be read anew.
    """
    if facts.action not in ("arrange", "reopen"):
        return ()
    return revise(context.ports.blobs, event, revisions.STAGE, partial(_decide, context, event, facts))


def _decide(context: Context, event: Event, facts: FilingDecided, found: Record) -> Draft | Sequence[Event]:
    there, newest = found.extraction, newest_arranging(found)
    if there is None or newest is None:
        return ()
    told = revisions.told_before(context, event, found.revisions[revisions.STAGE])
    if told:  # a repeat: told again, and what a crash left out is made up for
        return [*told, *(_documents(context, event, found, there) if there.cause == event.id else ())]
    if newest.decision != facts.decision:
        return ()  # a newer decision has its own event
    if newest.action == "arrange":
        made = _arranged(context, event, found, there=there, decision=newest)
    elif there.sheets and there.sheets.decision:
        before = read_before(found, context.ports.blobs)
        if before is None:
            raise TryLater("busy")  # erased a moment ago: the next look finds the tombstone
        made = replace(before, cause=event.id, made_at=context.ports.clock.now())
    else:
        return ()

    def tell(number: int) -> list[Event]:
        told = revisions.events_of(context, event, revision=number, extraction=made)
        return [*told, *_documents(context, event, found, made)]

    return Draft(made=made, tell=tell)


def _arranged(context: Context, event: Event, found: Record, *, there: Extraction, decision: Decision) -> Extraction:
    """The reading of a batch. Where its pages cannot be taken out it says so, and waits for a person as it is."""
    receipt, before = found.receipts[0], there.sheets
    with in_hand(context, receipt) as batch:
        count = batch.stack.page_count if batch else there.parts[0].page_count
        account = rearranged(decision, before, page_count=count, receipt=receipt)
        if batch and (taken := batch.takeable(account)).is_batch:
            return separated(context, event, taken, receipt, media_type=batch.media_type)
    nothing = with_faults(replace(account, parts=()), "not_taken")
    return replace(there, cause=event.id, made_at=context.ports.clock.now(), sheets=nothing)


def _documents(context: Context, event: Event, found: Record, made: Extraction) -> list[Event]:
    """Under every arrival of the scan so far."""
    with FirstLook(context=context, event=event, receipt=found.receipts[0]) as look:
        return look.documents(made, found.receipts, first=True)
