"""What the service does with an event: deliver what was filed, note what a procedure says, receive what it submits."""

from collections.abc import Sequence

from services.core.errors import EventBroken, Rejected
from services.core.messages import topics
from services.core.messages.envelope import Event
from services.core.messages.events import (
    DeliveryRequested,
    DocumentFiled,
    InvoiceReceived,
    ProcedureAcknowledged,
    ProcedureRejected,
    ProcedureSubmitted,
    SearchMatched,
)
from services.procedures import outbox
from services.procedures.delivering import answering, invoices, matches, ordering
from services.procedures.referencing import of_delivery
from services.procedures.submissions import receive_submission
from services.runtime.context.service import Context

_UNKNOWN = frozenset({"unknown_delivery", "already_answered", "submission_reused", "bad_data"})


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Handle one event of ours or of a procedure; repeats tell the same again."""
    name = topics.procedure_of(event.topic)
    if name:
        return _said(event, name, context)
    if isinstance(event.facts, DeliveryRequested):
        return ordering.deliver(event, event.facts, context)
    if isinstance(event.facts, InvoiceReceived):
        return invoices.tell(event, event.facts, context)
    if isinstance(event.facts, SearchMatched):
        return matches.tell(event, event.facts, context)
    return ordering.requests(event, context) if isinstance(event.facts, DocumentFiled) else ()


def _said(event: Event, name: str, context: Context) -> Sequence[Event]:
    """What a procedure wrote: who it is tells the topic, not the event."""
    try:
        is_about_document = outbox.accept(event.facts, name, context)
    except Rejected as error:
        if error.code not in _UNKNOWN:
            raise
        raise EventBroken(
            error.code, str(error.facts.get("field", ""))
        ) from error  # the procedure's fault: a dead letter, and no fault of ours
    return _done(event, name, context) if is_about_document else ()


def _done(event: Event, name: str, context: Context) -> Sequence[Event]:
    """What follows from it."""
    if isinstance(event.facts, ProcedureSubmitted):
        return receive_submission(event, event.facts, name, context)
    if isinstance(event.facts, ProcedureRejected):
        return answering.rejected(event.facts, name, context)
    if isinstance(event.facts, ProcedureAcknowledged) and event.facts.reference_key:
        return of_delivery(event, event.facts.delivery, event.facts.reference_key, name, context=context)
    return ()
