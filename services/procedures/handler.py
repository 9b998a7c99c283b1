"""What the service does with an event: deliver what was filed, note what a procedure says, receive what it submits."""

from collections.abc import Sequence

from services.core.errors import EventBroken, Rejected
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentFiled, ProcedureAcknowledged, ProcedureSubmitted
from services.core.messages.procedures import Delivered, InboxLine, Procedure
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import Filing
from services.procedures import inbox, outbox
from services.procedures.referencing import of_delivery
from services.procedures.submissions import receive_submission
from services.runtime.context.service import Context

_UNKNOWN = frozenset({"unknown_delivery", "already_answered", "submission_reused", "bad_data"})


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Handle one event of ours or of a procedure; repeats tell the same again."""
    name = topics.procedure_of(event.topic)
    if name:
        return _said(event, name, context)
    return _deliver(event, context) if isinstance(event.facts, DocumentFiled) else ()


def _said(event: Event, name: str, context: Context) -> Sequence[Event]:
    """What a procedure wrote: who it is tells the topic, not the event."""
    try:
        outbox.accept(event.facts, name, context)
    except Rejected as error:
        if error.code not in _UNKNOWN:
            raise
        raise EventBroken(
            error.code, str(error.facts.get("field", ""))
        ) from error  # the procedure's fault: a dead letter, and no fault of ours
    if isinstance(event.facts, ProcedureSubmitted):
        return receive_submission(event, event.facts, name, context)
    if isinstance(event.facts, ProcedureAcknowledged) and event.facts.reference_key:
        return of_delivery(event, event.facts.delivery, event.facts.reference_key, name, context=context)
    return ()


def _deliver(event: Event, context: Context) -> Sequence[Event]:
    """Look at the record: every filing that holds is delivered once to every procedure that takes part there.

    But not to the one that brought the document: it has it already.
    """
    found = record.load(context.ports.blobs, event.tenant, event.document)
    brought = {receipt.source for receipt in found.receipts if receipt.channel == "procedure"}
    told: list[Event] = []
    for filing in record.current_filings(found):
        told += [
            event
            for one in context.procedures.takers(filing.position or "", context.plan)
            if one.name not in brought
            for event in _told(context, one, found, filing)
        ]
    return told


def _told(context: Context, one: Procedure, found: Record, filing: Filing) -> Sequence[Event]:
    """The event of a delivery; none while the procedure is paused, whose inbox keeps it until it is resumed."""
    made = _stored(context, one, found, filing)
    return () if one.paused_since else (inbox.delivered_event(context, one.name, made),)


def _stored(context: Context, one: Procedure, found: Record, filing: Filing) -> Delivered:
    """The delivery as it was first written, and its line in the inbox."""
    delivery = procedures.delivery_id(found.tenant, one.name, found.document, filing=filing.decision)
    made = Delivered(
        delivery=delivery,
        document=found.document,
        filing=filing.decision,
        file=filing.file or "",
        position=filing.position or "",
        made_at=context.ports.clock.now(),
        line=inbox.last_line(context, one.name) + 1,
        entry=filing.entry,
    )
    key = inbox.key_of(context, one.name, "delivered", delivery)
    if not context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        made = procedures.decode(Delivered, context.ports.blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, one.name, InboxLine(kind="delivered", id=delivery), made.line)
    return made
