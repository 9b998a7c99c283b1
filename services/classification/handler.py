"""Where a document belongs: by its own file number, checked against plan and files; else a clerk is told why not."""

from collections.abc import Sequence

from services.classification.judgement import judge
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentClassified, DocumentExtracted
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Classification, Extraction
from services.core.protocol import writing
from services.runtime.context.service import Context


def classify(event: Event, context: Context) -> Sequence[Event]:
    """Judge the complete extraction, store the judgement, tell of it; repeats tell what is stored."""
    facts = event.facts
    if not isinstance(facts, DocumentExtracted) or not facts.complete:
        return ()
    while True:
        found = record.load(context.ports.blobs, event.tenant, event.document)
        if found.erased:
            writing.withdraw(context.ports.blobs, event.tenant, event.document, "classification")
            return ()
        if found.extraction is None or not found.extraction.complete:
            return ()  # being read anew: that ends with an event of its own
        told = _step(event, found, found.extraction, context=context)
        if told is not None:
            return told


def _step(event: Event, found: Record, extraction: Extraction, *, context: Context) -> Sequence[Event] | None:
    """One try on one state of the record; None when somebody else wrote meanwhile."""
    there = found.classification
    if there and there.extraction >= found.revisions["extraction"]:
        return (_told(event, there, found.revisions["classification"], context=context),)
    made = judge(found, extraction, cause=event.id, context=context)
    revision = writing.append(context.ports.blobs, found, "classification", made)
    if revision is None:
        return None
    return (_told(event, made, revision, context=context),) if revision else ()


def _told(event: Event, made: Classification, revision: int, *, context: Context) -> Event:
    facts = DocumentClassified(
        document=event.document,
        revision=revision,
        plan_version=made.plan_version,
        classifier_version=made.classifier_version,
        outcome=made.outcome,
        candidates=made.candidates,
        reason_code=made.reason,
    )
    # From the cause that is stored: whoever tells it, and however often, it is the same event.
    cause = Cause(event.tenant, made.cause, event.trace)
    return topics.emit(facts, cause=cause, service=context.service, now=context.ports.clock.now())
