"""The procedure's own number of a document: it becomes part of the record, and finds the document from then on."""

from collections.abc import Sequence

from msgspec import structs

from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentReferenced
from services.core.messages.procedures import Delivered
from services.core.model.record import Record
from services.core.model.record_files import Referenced
from services.core.protocol.pointers import references
from services.core.protocol.revise import Draft, revise
from services.procedures import inbox
from services.runtime.context.service import Context


def of_delivery(event: Event, delivery: str, reference: str, name: str, *, context: Context) -> Sequence[Event]:
    """The number that an acknowledgement tells of the document that was delivered."""
    content = context.ports.blobs.read(Bucket.RECORDS, inbox.key_of(context, name, "delivered", delivery))
    made = _made(delivery, reference, name, context)
    return note(event, procedures.decode(Delivered, content).document, made, context)


def of_submission(event: Event, document: str, reference: str, name: str, *, context: Context) -> Sequence[Event]:
    """The number under which a procedure keeps what it submits; the event is what it said."""
    return note(event, document, _made(event.id, reference, name, context), context)


def note(event: Event, document: str, made: Referenced, context: Context) -> Sequence[Event]:
    """Let the record of the document have it, once, and tell; a repeat tells what stands there."""
    blobs, tenant = context.ports.blobs, context.settings.tenant

    def decide(found: Record) -> Draft | Sequence[Event]:
        known = (n for n, one in enumerate(found.references, 1) if _same(one, made))
        there = next(known, 0)
        if there:
            return (_told(found.references[there - 1], there, document, context),)
        if not found.receipts:
            return ()
        references.note(blobs, tenant, made.reference, document)
        return Draft(made=made, tell=lambda revision: (_told(made, revision, document, context),))

    return revise(blobs, structs.replace(event, tenant=tenant, subject=document), "reference", decide)


def _made(cause: str, reference: str, name: str, context: Context) -> Referenced:
    return Referenced(cause=cause, made_at=context.ports.clock.now(), procedure=name, reference=reference)


def _same(one: Referenced, other: Referenced) -> bool:
    return (one.procedure, one.reference) == (other.procedure, other.reference)


def _told(made: Referenced, revision: int, document: str, context: Context) -> Event:
    facts = DocumentReferenced(document=document, revision=revision, procedure=made.procedure)
    cause = Cause(context.settings.tenant, procedures.delivery_id("", made.procedure, document, filing=made.reference))
    return topics.emit(facts, cause=cause, service="procedures", now=made.made_at)
