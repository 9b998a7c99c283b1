"""The map of the pipeline: which event lies on which topic, under which key, and who reads it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from services.core.messages import events
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import Facts

PARTITIONS = 24
"""Fixed for good: keys must keep their partition."""

RECEIVED = "documents.received"
EXTRACTED = "documents.extracted"
CHECKED = "originals.checked"
OCR_REQUESTED = "ocr.requested"
OCR_COMPLETED = "ocr.completed"
CLASSIFIED = "documents.classified"
FILINGS_DECIDED = "filings.decided"
FILINGS_REQUESTED = "filings.requested"
FILED = "documents.filed"
INDEXED = "documents.indexed"
ERASED = "documents.erased"
CONFIGURATION = "configuration"
DELIVERIES_REQUESTED = "deliveries.requested"
DELIVERIES_RETURNED = "deliveries.returned"
INVOICES = "invoices.received"
MATCHED = "searches.matched"
ANY_PROCEDURE = "{procedure}"
PROCEDURE_INBOX = f"procedures.{ANY_PROCEDURE}.inbox"
PROCEDURE_OUTBOX = f"procedures.{ANY_PROCEDURE}.outbox"
"""One of each for every procedure that is registered."""

TOPIC_OF = {
    events.DocumentReceived.NAME: RECEIVED,
    events.DocumentExtracted.NAME: EXTRACTED,
    events.OriginalChecked.NAME: CHECKED,
    events.OriginalUnsealed.NAME: CHECKED,
    events.OcrRequested.NAME: OCR_REQUESTED,
    events.OcrCompleted.NAME: OCR_COMPLETED,
    events.DocumentClassified.NAME: CLASSIFIED,
    events.FilingDecided.NAME: FILINGS_DECIDED,
    events.FilingRequested.NAME: FILINGS_REQUESTED,
    events.DocumentFiled.NAME: FILED,
    events.DocumentHeld.NAME: FILED,
    events.DocumentReferenced.NAME: FILED,
    events.DocumentTitled.NAME: FILED,
    events.DocumentHandled.NAME: FILED,
    events.DocumentIndexed.NAME: INDEXED,
    events.DocumentErased.NAME: ERASED,
    events.ConfigurationChanged.NAME: CONFIGURATION,
    events.DeliveryRequested.NAME: DELIVERIES_REQUESTED,
    events.ProcedureDelivered.NAME: PROCEDURE_INBOX,
    events.ProcedureReminded.NAME: PROCEDURE_INBOX,
    events.ProcedureTested.NAME: PROCEDURE_INBOX,
    events.DeliveryReturned.NAME: DELIVERIES_RETURNED,
    events.ProcedureAcknowledged.NAME: PROCEDURE_OUTBOX,
    events.ProcedureRejected.NAME: PROCEDURE_OUTBOX,
    events.ProcedureSubmitted.NAME: PROCEDURE_OUTBOX,
    events.SubmissionAccepted.NAME: PROCEDURE_INBOX,
    events.SubmissionRefused.NAME: PROCEDURE_INBOX,
    events.InvoiceReceived.NAME: INVOICES,
    events.SearchMatched.NAME: MATCHED,
}

DOCUMENT_TOPICS = (RECEIVED, EXTRACTED, CLASSIFIED, FILINGS_DECIDED, FILED, CHECKED, ERASED)
"""What changes the standing of a document: indexing and the ledger look at the record again."""

COMPACTED = (CONFIGURATION,)
READ_OUTSIDE = (PROCEDURE_INBOX,)
"""Read by others than us."""

PASSED_ON = {events.InvoiceReceived.NAME: PROCEDURE_INBOX, events.SearchMatched.NAME: PROCEDURE_INBOX}
"""What the service of the procedures tells those that take it, as it was told itself."""

READ_BY: dict[str, tuple[str, ...]] = {
    "extraction": (RECEIVED, OCR_COMPLETED, CHECKED, FILINGS_DECIDED),
    "ocr": (OCR_REQUESTED,),
    "classification": (EXTRACTED, FILINGS_DECIDED, ERASED),
    "filing": (CLASSIFIED, FILINGS_DECIDED, FILINGS_REQUESTED, DELIVERIES_RETURNED),
    "indexing": DOCUMENT_TOPICS,
    "procedures": (FILED, DELIVERIES_REQUESTED, INVOICES, MATCHED, PROCEDURE_OUTBOX),
    "ledger": (*DOCUMENT_TOPICS, OCR_REQUESTED, OCR_COMPLETED, INDEXED),
}
"""Consumer group (= service) and the topics it works on. Every process also follows `configuration`."""

WRITTEN_BY: dict[str, tuple[str, ...]] = {
    # Extraction tells of the documents of a batch; the ledger's sweeper publishes what an intake could not.
    events.DocumentReceived.NAME: ("mail_intake", "scan_intake", "procedures", "extraction", "ledger"),
    events.DocumentExtracted.NAME: ("extraction",),
    # Whoever reads originals, and the ledger's scrub.
    events.OriginalChecked.NAME: ("extraction", "ocr", "search", "ledger"),
    # An administrator says so there; the ledger has the scanner look again.
    events.OriginalUnsealed.NAME: ("extraction", "ledger"),
    events.OcrRequested.NAME: ("extraction",),
    events.OcrCompleted.NAME: ("ocr",),
    events.DocumentClassified.NAME: ("classification",),
    events.FilingDecided.NAME: ("filing",),
    events.FilingRequested.NAME: ("filing",),
    events.DocumentFiled.NAME: ("filing",),
    events.DocumentHeld.NAME: ("filing",),
    events.DocumentReferenced.NAME: ("procedures",),
    events.DocumentTitled.NAME: ("filing",),
    events.DocumentHandled.NAME: ("filing",),
    events.DocumentIndexed.NAME: ("indexing",),
    # Whoever erases; no service does yet.
    events.DocumentErased.NAME: (),
    events.ConfigurationChanged.NAME: ("configuration",),
    events.DeliveryRequested.NAME: ("procedures",),
    events.ProcedureDelivered.NAME: ("procedures",),
    events.ProcedureReminded.NAME: ("procedures",),
    events.ProcedureTested.NAME: ("procedures",),
    events.DeliveryReturned.NAME: ("procedures",),
    events.ProcedureAcknowledged.NAME: ("procedures",),
    events.ProcedureRejected.NAME: ("procedures",),
    events.ProcedureSubmitted.NAME: ("procedures",),
    events.SubmissionAccepted.NAME: ("procedures",),
    events.SubmissionRefused.NAME: ("procedures",),
    events.InvoiceReceived.NAME: ("extraction",),
    events.SearchMatched.NAME: ("search",),
    events.DeliveryDead.NAME: tuple(READ_BY),
}
"""Whose event it is: the service in its `source`. `configuration` is any process in which it was changed."""

DEAD_SERVICES = tuple(READ_BY)


def dead_topic(service: str) -> str:
    """Where the deliveries lie that this service gave up."""
    return f"{service}.dead"


def replay_topic(service: str) -> str:
    """Where this service, and no other, is asked to look at a document again."""
    return f"{service}.replays"


def replayed_on(service: str, topic: str) -> str:
    """Where a delivery of this topic is put before the service again.

    What a procedure said stays in its outbox: nobody else reads it there, and the topic tells whose word it is.
    """
    return topic if procedure_of(topic) else replay_topic(service)


def worked_on(service: str, procedures: Iterable[str] = ()) -> tuple[str, ...]:
    """Everything that a service reads as a group, while these procedures are registered.

    Its share of the pipeline, what the procedures say where it listens to them, and what is put before it again.
    """
    read = READ_BY[service]
    fixed = (topic for topic in read if topic != PROCEDURE_OUTBOX)
    said = (outbox_of(name) for name in procedures if PROCEDURE_OUTBOX in read)
    return (*fixed, *said, replay_topic(service))


def working_on(topic: str) -> frozenset[str]:
    """The services that work on this topic; none of what is only told, such as dead letters or a procedure's inbox."""
    procedures = [procedure_of(topic)] if procedure_of(topic) else []
    return frozenset(service for service in READ_BY if topic in worked_on(service, procedures))


def all_topics() -> tuple[str, ...]:
    """Every topic that an installation needs before any procedure is registered, sorted by name."""
    own = (name for service in DEAD_SERVICES for name in (dead_topic(service), replay_topic(service)))
    fixed = (topic for topic in TOPIC_OF.values() if ANY_PROCEDURE not in topic)
    return tuple(sorted({*fixed, *own}))


def inbox_of(procedure: str) -> str:
    """What this procedure is told."""
    return PROCEDURE_INBOX.replace(ANY_PROCEDURE, procedure)


def outbox_of(procedure: str) -> str:
    """What this procedure says, by our HTTP interface or by itself."""
    return PROCEDURE_OUTBOX.replace(ANY_PROCEDURE, procedure)


def procedure_of(topic: str) -> str:
    """The procedure that writes to this topic; empty where the writers are ours."""
    first, _, rest = topic.partition(".")
    name, _, last = rest.partition(".")
    return name if (first, last) == ("procedures", "outbox") else ""


SUBJECTS = ("document", "event_id", "kind", "delivery", "submission")
"""What an event is about: the first of these that it has."""


def emit(facts: Facts, *, cause: Cause, service: str, now: datetime, key: str = "") -> Event:
    """The event of these facts, its id made from the cause.

    `key` is the partition key where that is not the document (tenant and file, a content hash).
    """
    subject = next(str(getattr(facts, name)) for name in SUBJECTS if hasattr(facts, name))
    return Event(
        id=event_id(cause.id, facts.NAME, cause.ordinal),
        topic=_topic(facts),
        key=key or subject,
        tenant=cause.tenant,
        service=service,
        subject=subject,
        time=now,
        cause=cause.id,
        trace=cause.trace,
        facts=facts,
    )


def emit_to(procedure: str, facts: Facts, *, cause: Cause, now: datetime, key: str = "") -> Event:
    """The event of these facts on the inbox or outbox of a procedure; `key` as for `emit`."""
    event = emit(facts, cause=cause, service="procedures", now=now, key=key)
    return msgspec.structs.replace(event, topic=event.topic.replace(ANY_PROCEDURE, procedure))


def _topic(facts: Facts) -> str:
    if isinstance(facts, events.DeliveryDead):
        return dead_topic(facts.service)
    return TOPIC_OF[facts.NAME]
