"""An event with its envelope, and how it becomes a record on a topic and back.

CloudEvents 1.0, Kafka binding, binary mode: attributes ride in headers named `ce_…`, the value is the data as JSON.
Ids are made from the cause, so that a repeated handler emits what it emitted before and readers recognise the repeat.
"""

import re
import uuid
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from services.core.errors import EventBroken, EventNewer
from services.core.events import BY_NAME, Facts

SCHEMA_URN = "urn:poststelle:schema"
NAMESPACE = uuid.UUID("5b0d5e1a-7f5c-5e0a-9f42-0f6f7374656c")
_DECODERS: dict[str, msgspec.json.Decoder[Facts]] = {
    facts.NAME: msgspec.json.Decoder(facts) for facts in BY_NAME.values()
}
_ENCODER = msgspec.json.Encoder()
_SOURCE = re.compile(r"^/[^/]+/[^/]+$")
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
    return str(uuid.uuid5(NAMESPACE, f"{cause}/{name}/{ordinal}"))


def encode(event: Event) -> Message:
    """The event as a record: CloudEvents 1.0, Kafka binding, binary mode."""
    name, version = event.facts.NAME, event.facts.VERSION
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "type": f"poststelle.{name}.v{version}",
        "source": f"/{event.tenant}/{event.service}",
        "subject": event.subject,
        "time": event.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "dataschema": f"{SCHEMA_URN}:{name}:{version}",
        "tenant": event.tenant,
        "partitionkey": event.key,
        "causationid": event.cause,
        "traceparent": event.trace,
        "replay": str(event.replay) if event.replay else "",
    }
    headers = [(f"ce_{key}", value.encode()) for key, value in attributes.items() if value]
    headers.append(("content-type", b"application/json"))
    return Message(topic=event.topic, key=event.key, headers=tuple(headers), value=_ENCODER.encode(event.facts))


def decode(message: Message) -> Event:
    """The event of a record; EventBroken when it is none of ours, EventNewer when it is of a later version."""
    head = _attributes(message)
    facts = _facts(head["type"], message.value)
    _, tenant, service = head["source"].split("/", 2)
    try:
        time = datetime.fromisoformat(head["time"])
    except ValueError as error:
        raise EventBroken("time") from error
    if time.tzinfo is None:  # CloudEvents asks for RFC 3339, which never leaves the offset out
        raise EventBroken("time")
    return Event(
        id=head["id"],
        topic=message.topic,
        key=head.get("partitionkey", message.key),
        tenant=tenant,
        service=service,
        subject=head.get("subject", ""),
        time=time,
        cause=head.get("causationid", ""),
        trace=head.get("traceparent", ""),
        replay=replay_of(message),
        facts=facts,
    )


def message_id(message: Message) -> str:
    """The id in the headers, for records that cannot be decoded; made from the value where there is none."""
    for key, value in message.headers:
        if key == "ce_id":
            text = value.decode("utf-8", "replace")
            return text if _EVENT_ID.match(text) else str(uuid.uuid5(NAMESPACE, text))
    return str(uuid.uuid5(NAMESPACE, message.topic + "/" + message.value.hex()))


def replay_of(message: Message) -> int:
    """Which replay of its event a record is, 0 for the event as it was first told."""
    for key, value in message.headers:
        if key == "ce_replay":
            text = value.decode("ascii", "replace")
            return int(text) if _REPLAY.match(text) else 0
    return 0


def delivery_id(message: Message) -> str:
    """What a reader knows a delivery by: the event's id, and another one for each replay of it."""
    return replayed_id(message_id(message), replay_of(message))


def replayed_id(event: str, replay: int) -> str:
    """The id by which the n-th replay of an event is known."""
    return event_id(event, "replay", replay) if replay else event


def _attributes(message: Message) -> dict[str, str]:
    try:
        head = {key[3:]: value.decode() for key, value in message.headers if key.startswith("ce_")}
    except UnicodeDecodeError as error:
        raise EventBroken("headers") from error
    if head.get("specversion") != "1.0" or any(name not in head for name in ("id", "type", "source", "time")):
        raise EventBroken("no_cloudevent")
    if not _SOURCE.match(head["source"]):
        raise EventBroken("source")
    return head


def _facts(kind: str, value: bytes) -> Facts:
    name, _, version = kind.removeprefix("poststelle.").rpartition(".v")
    known = BY_NAME.get(name)
    if known is None or not _VERSION.match(version):
        raise EventBroken("unknown_type")
    if int(version) > known.VERSION:
        raise EventNewer
    try:
        return _DECODERS[name].decode(value)
    except msgspec.MsgspecError as error:
        raise EventBroken("schema") from error
