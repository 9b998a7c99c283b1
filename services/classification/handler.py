"""Where a document belongs, or why a clerk must look; and what clerks decide, noted for the next letter of its kind."""

from collections.abc import Sequence
from functools import partial

from services.classification.invoiced import by_invoice
from services.classification.judgement import judge
from services.classification.remembered import keeping
from services.classification.told.covered import by_cover
from services.classification.told.divided import with_case
from services.classification.told.referenced import by_reference
from services.classification.told.separated import by_separation, with_sheets
from services.classification.told.submitted import by_submission
from services.core import keys
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentErased, DocumentExtracted, FilingDecided
from services.core.model.record import Record
from services.core.model.record_files import Classification
from services.core.protocol import facts
from services.core.protocol.revise import Draft, revise
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Judge the complete extraction, store the judgement, tell of it; repeats tell what is stored.

    A decision or an erasure is noted: whoever judges next looks at that record again. It brings about no event.
    """
    told = event.facts
    if isinstance(told, FilingDecided | DocumentErased):
        return _note(event, told.decision, context)
    if not isinstance(told, DocumentExtracted) or not told.complete:
        return ()
    return revise(context.ports.blobs, event, "classification", partial(_decide, event, context=context))


def _note(event: Event, decision: str, context: Context) -> Sequence[Event]:
    key = keys.lesson(event.tenant, context.ports.clock.now(), event.document, decision)
    context.ports.blobs.create(Bucket.RECORDS, key, b"-")
    if isinstance(event.facts, DocumentErased):
        keeping.forget(context)  # behind the pointer: whoever keeps something meanwhile sees that, or is seen here
    return ()


def _decide(event: Event, found: Record, *, context: Context) -> Draft | Sequence[Event]:
    extraction, there = found.extraction, found.classification
    if extraction is None or not extraction.complete:
        return ()  # being read anew: that ends with an event of its own
    if there and there.extraction >= found.revisions["extraction"]:
        return (_classified(event, there, found.revisions["classification"], context=context),)
    # The event that told this reading, whichever one is being handled: that of an earlier reading, repeated, has been
    # the cause of another judgement, and what two judgements tell must not pass for one event and its repeat.
    cause = event_id(extraction.cause, DocumentExtracted.NAME)
    made = by_separation(found, extraction, cause=cause, context=context)
    made = made or by_cover(found, cause=cause, context=context)
    made = made or by_submission(found, cause=cause, context=context)
    made = made or by_invoice(found, extraction, cause=cause, context=context)
    made = made or by_reference(found, extraction, cause=cause, context=context)
    made = with_sheets(with_case(made or judge(found, extraction, cause=cause, context=context), context), found)
    return Draft(made=made, tell=lambda revision: (_classified(event, made, revision, context=context),))


def _classified(event: Event, made: Classification, revision: int, *, context: Context) -> Event:
    told = facts.of_classification(made, event.document, revision)
    # From the cause that is stored: whoever tells it, and however often, it is the same event.
    cause = Cause(event.tenant, made.cause, event.trace)
    return topics.emit(told, cause=cause, service=context.service, now=context.ports.clock.now())
