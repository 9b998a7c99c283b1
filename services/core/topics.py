"""The map of the corridor: which event lies on which topic, under which key, and who reads it."""

from datetime import datetime

from services.core import events
from services.core.envelope import Cause, Event, event_id
from services.core.events import Facts

PARTITIONS = 24
"""Fixed for good: keys must keep their partition."""

RECEIVED = "documents.received"
EXTRACTED = "documents.extracted"
OCR_REQUESTED = "ocr.requested"
OCR_COMPLETED = "ocr.completed"
CLASSIFIED = "documents.classified"
FILINGS_DECIDED = "filings.decided"
FILINGS_REQUESTED = "filings.requested"
FILED = "documents.filed"
INDEXED = "documents.indexed"
ERASED = "documents.erased"
CONFIGURATION = "configuration"

TOPIC_OF = {
    events.DocumentReceived.NAME: RECEIVED,
    events.DocumentExtracted.NAME: EXTRACTED,
    events.OcrRequested.NAME: OCR_REQUESTED,
    events.OcrCompleted.NAME: OCR_COMPLETED,
    events.DocumentClassified.NAME: CLASSIFIED,
    events.FilingDecided.NAME: FILINGS_DECIDED,
    events.FilingRequested.NAME: FILINGS_REQUESTED,
    events.DocumentFiled.NAME: FILED,
    events.DocumentHeld.NAME: FILED,
    events.DocumentIndexed.NAME: INDEXED,
    events.DocumentErased.NAME: ERASED,
    events.ConfigurationChanged.NAME: CONFIGURATION,
}

DOCUMENT_TOPICS = (RECEIVED, EXTRACTED, CLASSIFIED, FILINGS_DECIDED, FILED, ERASED)
"""What changes the standing of a document: indexing and the ledger look at the record again."""

COMPACTED = (CONFIGURATION,)

READ_BY: dict[str, tuple[str, ...]] = {
    "extraction": (RECEIVED, OCR_COMPLETED),
    "ocr": (OCR_REQUESTED,),
    "classification": (EXTRACTED,),
    "filing": (CLASSIFIED, FILINGS_DECIDED, FILINGS_REQUESTED),
    "indexing": DOCUMENT_TOPICS,
    "ledger": (*DOCUMENT_TOPICS, OCR_REQUESTED, OCR_COMPLETED, INDEXED),
}
"""Consumer group (= service) and the topics it works on. Every process also follows `configuration`."""

WRITTEN_BY: dict[str, tuple[str, ...]] = {
    # The ledger's sweeper publishes what an intake could not.
    events.DocumentReceived.NAME: ("mail_intake", "scan_intake", "ledger"),
    events.DocumentExtracted.NAME: ("extraction",),
    events.OcrRequested.NAME: ("extraction",),
    events.OcrCompleted.NAME: ("ocr",),
    events.DocumentClassified.NAME: ("classification",),
    events.FilingDecided.NAME: ("filing",),
    events.FilingRequested.NAME: ("filing",),
    events.DocumentFiled.NAME: ("filing",),
    events.DocumentHeld.NAME: ("filing",),
    events.DocumentIndexed.NAME: ("indexing",),
    # Whoever erases; no service does yet.
    events.DocumentErased.NAME: (),
    events.ConfigurationChanged.NAME: ("configuration",),
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


def worked_on(service: str) -> tuple[str, ...]:
    """Everything that a service reads as a group: its share of the corridor, and what is put before it again."""
    return (*READ_BY[service], replay_topic(service))


def all_topics() -> tuple[str, ...]:
    """Every topic that an installation needs, sorted by name."""
    own = (name for service in DEAD_SERVICES for name in (dead_topic(service), replay_topic(service)))
    return tuple(sorted({*TOPIC_OF.values(), *own}))


def emit(facts: Facts, *, cause: Cause, service: str, now: datetime, key: str = "") -> Event:
    """The event of these facts, its id made from the cause.

    `key` is the partition key where that is not the document (tenant and file, a content hash).
    """
    subject = str(getattr(facts, "document", "") or getattr(facts, "event_id", "") or getattr(facts, "kind", ""))
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


def _topic(facts: Facts) -> str:
    if isinstance(facts, events.DeliveryDead):
        return dead_topic(facts.service)
    return TOPIC_OF[facts.NAME]
