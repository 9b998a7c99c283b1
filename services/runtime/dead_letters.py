"""What a service gives up: sealed verbatim in the store, told by an event that holds no word of it."""

import msgspec

import services
from services.core import keys, topics
from services.core.envelope import Cause, Event, Message, message_id
from services.core.events import DeliveryDead
from services.core.keys import Bucket
from services.core.ports import Ports

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Message)


def bury(message: Message, *, service: str, error_code: str, tenant: str, ports: Ports) -> Event:
    """Seal the record and return the event that tells of it. Repeatable: same record, same seal, same event."""
    event_id = message_id(message)
    sealed_key = keys.sealed(tenant, service, event_id)
    ports.blobs.create(Bucket.RECORDS, sealed_key, _ENCODER.encode(message))
    facts = DeliveryDead(
        event_id=event_id,
        topic=message.topic,
        service=service,
        code_version=services.__version__,
        error_code=error_code,
        sealed_key=sealed_key,
    )
    cause = Cause(tenant, event_id)
    return topics.emit(facts, cause=cause, service=service, now=ports.clock.now())


def exhume(sealed: bytes) -> Message:
    """The record as it lay on its topic."""
    return _DECODER.decode(sealed)
