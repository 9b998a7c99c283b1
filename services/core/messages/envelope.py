"""An event with its envelope, and how it becomes a record on a topic and back.

CloudEvents 1.0, Kafka binding, binary mode: attributes ride in headers named `ce_…`, the value is the data as JSON.
Ids are made from the cause, so that a repeated handler emits what it emitted before and readers recognise the repeat.
"""

import hashlib
import re
import uuid
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from msgspec import Struct

from services.core.errors import EventBroken, EventNewer
from services.core.messages.events import ALL, BY_NAME, Facts

SCHEMA_URN = "urn:poststelle:schema"
NAMESPACE = uuid.UUID("5b0d5e1a-7f5c-5e0a-9f42-0f6f7374656c")
_NAMESPACE_BYTES = NAMESPACE.bytes
_ENCODER = msgspec.json.Encoder()
_DECODER_OF: dict[type[Facts], msgspec.json.Decoder[Facts]] = {facts: msgspec.json.Decoder(facts) for facts in ALL}
_ATTRIBUTES_OF: dict[type[Facts], tuple[tuple[str, bytes], ...]] = {
    facts: (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_type", f"poststelle.{facts.NAME}.v{facts.VERSION}".encode()),
        ("ce_dataschema", f"{SCHEMA_URN}:{facts.NAME}:{facts.VERSION}".encode()),
    )
    for facts in ALL
}
"""The headers that all records of an event share."""
_SOURCE = re.compile(r"^/[^/\s]+/[^/\s]+$")
_VERSION = re.compile(r"^[1-9][0-9]{0,5}$")
_REPLAY = re.compile(r"^[1-9][0-9]{0,5}$")
_EVENT_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class Message(Struct, frozen=True, kw_only=True):
    """A record as it lies on a topic: key, headers, value. Tombstones of compacted topics have an empty value."""

    topic: str
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class Event(Struct, frozen=True, kw_only=True):
    """One fact with its envelope. `key` orders: events of one key are read one after another."""

    id: str
    topic: str
    key: str
    tenant: str
    service: str
    subject: str
    time: datetime
    cause: str
    trace: str = ""
    replay: int = 0
    """How often it was put before its reader again after it had died there; the event itself stays the same."""
    facts: Facts

    @property
    def document(self) -> str:
        """The document that the event is about, or an empty string."""
        return self.subject if self.subject.startswith("d") else ""


class Cause(Struct, frozen=True):
    """What brings an event about: another event, a receipt, a clerk's decision. `ordinal` counts like results."""

    tenant: str
    id: str
    trace: str = ""
    ordinal: int = 0

    @classmethod
    def of(cls, event: Event) -> "Cause":
        """The event as the cause of others."""
        return cls(event.tenant, event.id, event.trace)

    def nth(self, ordinal: int) -> "Cause":
        """The same cause, for its n-th event of one name."""
        return Cause(self.tenant, self.id, self.trace, ordinal)


def event_id(cause: str, name: str, ordinal: int = 0) -> str:
    """The id of the n-th event of that name that a cause brings about (UUIDv5)."""
    made = hashlib.sha1(_NAMESPACE_BYTES + f"{cause}/{name}/{ordinal}".encode(), usedforsecurity=False).hexdigest()
    # RFC 9562 §5.5, as `uuid.uuid5` has it at four times the price: version and variant over the hash.
    variant = "89ab"[int(made[16], 16) & 3]
    return f"{made[:8]}-{made[8:12]}-5{made[13:16]}-{variant}{made[17:20]}-{made[20:32]}"


def encode(event: Event) -> Message:
    """The event as a record: CloudEvents 1.0, Kafka binding, binary mode."""
    facts = event.facts
    headers = (
        *_ATTRIBUTES_OF[type(facts)],
        ("ce_id", event.id.encode()),
        ("ce_source", f"/{event.tenant}/{event.service}".encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_time", _rfc3339(event.time)),
        ("ce_tenant", event.tenant.encode()),
        ("ce_partitionkey", event.key.encode()),
        ("ce_causationid", event.cause.encode()),
    )
    if event.trace:
        headers = (*headers, ("ce_traceparent", event.trace.encode()))
    if event.replay:
        headers = (*headers, ("ce_replay", str(event.replay).encode()))
    return Message(topic=event.topic, key=event.key, headers=headers, value=_ENCODER.encode(facts))


def decode(message: Message) -> Event:
    """The event of a record; EventBroken when it is none of ours, EventNewer when it is of a later version."""
    head = dict(message.headers)
    if head.get("ce_specversion") != b"1.0" or None in head.values():
        raise EventBroken("no_cloudevent")
    try:
        tenant, service = _origin(head["ce_source"])
        return Event(
            id=head["ce_id"].decode(),
            topic=message.topic,
            key=head.get("ce_partitionkey", b"").decode() or message.key,
            tenant=tenant,
            service=service,
            subject=head.get("ce_subject", b"").decode(),
            time=_time(head["ce_time"].decode()),
            cause=head.get("ce_causationid", b"").decode(),
            trace=head.get("ce_traceparent", b"").decode(),
            replay=replay_of(message) if "ce_replay" in head else 0,
            facts=_decoder(head["ce_type"]).decode(message.value),
        )
    except KeyError as error:
        raise EventBroken("no_cloudevent") from error
    except UnicodeDecodeError as error:
        raise EventBroken("headers") from error
    except (msgspec.MsgspecError, RecursionError) as error:  # 60,000 brackets inside each other are no event either
        raise EventBroken("schema") from error


def message_id(message: Message) -> str:
    """The id in the headers, for records that cannot be decoded; made from the value where there is none."""
    for key, value in message.headers:
        if key == "ce_id":
            text = (value or b"").decode("utf-8", "replace")
            return text if _EVENT_ID.fullmatch(text) else str(uuid.uuid5(NAMESPACE, text))
    return str(uuid.uuid5(NAMESPACE, message.topic + "/" + (message.value or b"").hex()))


def replay_of(message: Message) -> int:
    """Which replay of its event a record is, 0 for the event as it was first told."""
    for key, value in message.headers:
        if key == "ce_replay":
            text = (value or b"").decode("ascii", "replace")
            return int(text) if _REPLAY.fullmatch(text) else 0
    return 0


def delivery_id(message: Message) -> str:
    """What a reader knows a delivery by: the event's id, and another one for each replay of it."""
    return replayed_id(message_id(message), replay_of(message))


def replayed_id(event: str, replay: int) -> str:
    """The id by which the n-th replay of an event is known."""
    return event_id(event, "replay", replay) if replay else event


@lru_cache
def _origin(source: bytes) -> tuple[str, str]:
    """Tenant and service of a source."""
    text = source.decode()
    if not _SOURCE.fullmatch(text):
        raise EventBroken("source")
    _, tenant, service = text.split("/")
    return tenant, service


@lru_cache
def _decoder(kind: bytes) -> msgspec.json.Decoder[Facts]:
    name, _, version = kind.decode().removeprefix("poststelle.").rpartition(".v")
    known = BY_NAME.get(name)
    if known is None or not _VERSION.fullmatch(version):
        raise EventBroken("unknown_type")
    if int(version) > known.VERSION:
        raise EventNewer
    return _DECODER_OF[known]


def _rfc3339(time: datetime) -> bytes:
    """In UTC, with milliseconds. msgspec writes microseconds or none, and is ten times as fast as `isoformat`."""
    second, _, fraction = _ENCODER.encode(time.astimezone(UTC))[1:-2].partition(b".")
    return second + b"." + (fraction[:3] or b"000") + b"Z"


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise EventBroken("time") from error
    if time.tzinfo is None:  # CloudEvents asks for RFC 3339, which never leaves the offset out
        raise EventBroken("time")
    return time
