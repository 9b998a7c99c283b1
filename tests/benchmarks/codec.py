"""The event codec beside msgspec on the same facts and attributes."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from services.core.messages import envelope, topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentReceived
from services.core.model.receipts import new_receipt
from tests.benchmarks.measuring import Cost, Costing, Job

_FACTS = {
    "document": f"d{0:026d}",
    "receipt": new_receipt(datetime(2026, 11, 22, tzinfo=UTC)),
    "channel": "mail",
    "source": "smtp",
    "received_at": datetime(2026, 11, 22, tzinfo=UTC),
    "media_type": "message/rfc822",
    "size_bytes": 4096,
    "sha256": "0" * 64,
}


class _Flat(Struct, frozen=True):
    """An event as one object, as if there were no CloudEvents headers."""

    id: str
    topic: str
    key: str
    tenant: str
    service: str
    subject: str
    time: datetime
    cause: str
    trace: str
    facts: DocumentReceived


def ours(job: Job) -> Cost:
    """To a message and back, validated on the way."""
    event, made = _event(), 0
    costing = Costing(job)
    for _ in range(job.size):
        made += envelope.decode(envelope.encode(event)).id == event.id
    return costing.over(made)


def bare(job: Job) -> Cost:
    """To JSON and back, validated on the way."""
    event, made = _event(), 0
    facts = msgspec.convert(_FACTS, DocumentReceived)
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(_Flat)
    fields = (event.id, event.topic, event.key, event.tenant, event.service, event.subject)
    costing = Costing(job)
    for _ in range(job.size):
        flat = _Flat(*fields, event.time, event.cause, event.trace, facts)
        made += decoder.decode(encoder.encode(flat)).id == event.id
    return costing.over(made)


def _event() -> Event:
    facts = msgspec.convert(_FACTS, DocumentReceived)
    cause = Cause("main", event_id(facts.document, "bench"))
    return topics.emit(facts, cause=cause, service="mail_intake", now=datetime.now(UTC))
