"""Deliveries that were rejected, or not answered in time: a reminder, then the list of the clerks who filed them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DeliveryReturned, ProcedureRejected
from services.core.messages.procedures import Delivered, InboxLine, Procedure, Reminded, Returned
from services.core.model import record, record_files
from services.core.vocabulary import ReturnedBecause
from services.procedures import inbox
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable


def rejected(facts: ProcedureRejected, name: str, context: Context) -> Sequence[Event]:
    """Put the document before a clerk, with the reason that the procedure gives; a repeat tells the same."""
    made = _delivered(context, name, facts.delivery)
    return (_returned(made, name, context, because="rejected", reason_code=facts.reason_code),)


def look_after(context: Context) -> None:
    """Remind every procedure of what it should have answered; after the same time again a clerk gets it.

    Only procedures that are registered with a time for their answers, and only of filings that still hold.
    """
    for one in context.procedures.procedures:
        waits = one.answer_days and one.paused_since is None
        for delivery in _unanswered(context, one.name) if waits else ():
            with passing_unreadable(context, delivery):
                _look_at(delivery, one, context)


def _unanswered(context: Context, name: str) -> list[str]:
    return sorted(inbox.ids(context, name, "delivered") - inbox.ids(context, name, "answered"))


def _look_at(delivery: str, one: Procedure, context: Context) -> None:
    """Remind first, give it back later; each is stored once and told at once, again where that died in between."""
    made, within = _delivered(context, one.name, delivery), timedelta(days=one.answer_days)
    now = context.ports.clock.now()
    if now < made.made_at + within or not _holds(made, context):
        return
    reminded = _reminded(made, one, context, answer_by=now + within)
    if now < reminded.answer_by:
        return
    key = inbox.key_of(context, one.name, "returned", delivery)
    if context.ports.blobs.size(Bucket.RECORDS, key) is None:
        context.ports.log.publish(_returned(made, one.name, context, because="unanswered"))
        context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(Returned(delivery=delivery, made_at=now)))


def _reminded(made: Delivered, one: Procedure, context: Context, *, answer_by: datetime) -> Reminded:
    """The reminder as it was first written; told when it is new."""
    blobs, key = context.ports.blobs, inbox.key_of(context, one.name, "reminded", made.delivery)
    if blobs.size(Bucket.RECORDS, key) is None:
        first = Reminded(
            delivery=made.delivery,
            made_at=context.ports.clock.now(),
            line=inbox.last_line(context, one.name) + 1,
            answer_by=answer_by,
        )
        context.ports.log.publish(inbox.reminded_event(context, one.name, first))
        blobs.create(Bucket.RECORDS, key, record_files.encode(first))
    reminder = procedures.decode(Reminded, blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, one.name, InboxLine(kind="reminded", id=made.delivery), reminder.line)
    return reminder


def _delivered(context: Context, name: str, delivery: str) -> Delivered:
    key = inbox.key_of(context, name, "delivered", delivery)
    return procedures.decode(Delivered, context.ports.blobs.read(Bucket.RECORDS, key))


def _holds(made: Delivered, context: Context) -> bool:
    """Whether the document is still filed where it was delivered from, and waits for nobody."""
    found = record.load(context.ports.blobs, context.settings.tenant, made.document)
    now = record.standing(found)
    return now.state == "filed" and any(filing.decision == made.filing for filing in now.filings)


def _returned(
    made: Delivered, name: str, context: Context, *, because: ReturnedBecause, reason_code: str | None = None
) -> Event:
    """The same event for both reasons: a delivery is given back once."""
    facts = DeliveryReturned(
        document=made.document,
        delivery=made.delivery,
        filing=made.filing,
        procedure=name,
        because=because,
        reason_code=reason_code,
    )
    cause = Cause(context.settings.tenant, made.delivery)
    return topics.emit(facts, cause=cause, service="procedures", now=context.ports.clock.now())
