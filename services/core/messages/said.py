"""What a procedure says: one CloudEvent, held to the same rules whichever way it comes (HTTP or its Kafka topic).

An integrator writes these by hand, so the rules are CloudEvents' own and no more: `source` is any URI reference, `time`
may be missing, and who speaks is told by the topic or the key, never by the event. Each refusal names the attribute.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from services.core.errors import EventBroken
from services.core.messages import envelope
from services.core.messages.envelope import Event, Message
from services.core.messages.events import BY_NAME, Facts

MOST_BYTES = 64 * 1024
"""Of the data: an event is small, content is uploaded."""
NAMES = ("procedure.acknowledged", "procedure.rejected", "procedure.submitted")
ATTRIBUTES = ("specversion", "id", "source", "type", "time")
"""Those that are looked at; others, ours and extensions, are the sender's business."""

_WORD = re.compile(r"[^\s\x00-\x1f\x7f]{1,255}")
_TYPE = re.compile(r"poststelle\.([a-z.]{1,60})\.v([1-9][0-9]{0,5})")
_FIELD = re.compile(r"at `\$\.([a-z0-9_]{1,32})")
_MISSING = re.compile(r"missing required field `([a-z0-9_]{1,32})`")
_DECODERS = {name: msgspec.json.Decoder(BY_NAME[name]) for name in NAMES}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class About(Struct, frozen=True, kw_only=True):
    """What a refused record is about, as far as it can be told."""

    submission: str
    """The procedure's own id where the data name one; else the event's, or one made from it (UUIDv5)."""
    delivery: str = ""
    field: str = ""


def facts_of(attributes: Mapping[str, str], data: bytes) -> Facts:
    """What it says. EventBroken names the attribute (`bad_source`, …) or, with `bad_data`, the field of the data."""
    if attributes.get("specversion") != "1.0":
        raise EventBroken("bad_specversion", field="specversion")
    for name in ("id", "source"):
        if not _WORD.fullmatch(attributes.get(name, "")):
            raise EventBroken(f"bad_{name}", field=name)
    name = _name_of(attributes.get("type", ""))
    time_of(attributes.get("time", ""), datetime.now(UTC))
    if len(data) > MOST_BYTES:
        raise EventBroken("too_large", field="data")
    try:
        return _DECODERS[name].decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise EventBroken("bad_data", field=_field_in(str(error))) from error


def decode(message: Message, *, tenant: str, now: datetime) -> Event:
    """The event of a record on a procedure's outbox; EventBroken as `facts_of`."""
    attributes = attributes_of(message)
    facts = facts_of(attributes, message.value or b"")
    return Event(
        id=envelope.message_id(message),
        topic=message.topic,
        key=attributes.get("partitionkey", "") or message.key or "",
        tenant=tenant,
        service="procedures",
        subject=attributes.get("subject", ""),
        time=time_of(attributes.get("time", ""), now),
        cause=attributes.get("causationid", ""),
        trace=attributes.get("traceparent", ""),
        replay=envelope.replay_of(message),
        facts=facts,
    )


def attributes_of(message: Message) -> dict[str, str]:
    """The attributes in the headers; EventBroken `bad_…` for one that is no text."""
    found = {}
    for name, value in message.headers:
        if name.startswith("ce_"):
            try:
                found[name[3:]] = (value or b"").decode()
            except UnicodeDecodeError as error:
                known = name[3:] if name[3:] in ATTRIBUTES else "event"
                raise EventBroken(f"bad_{known}", field=known) from error
    return found


def about(message: Message) -> About:
    """What a record that was refused names of itself; whatever it is, this finds an id to answer under."""
    named = _loose(message.value or b"")
    ids = {name: value for name, value in named.items() if isinstance(value, str) and _UUID.fullmatch(value)}
    try:
        facts_of(attributes_of(message), message.value or b"")
        field = ""
    except EventBroken as error:
        field = error.field
    own = ids.get("submission") or envelope.message_id(message)
    return About(submission=own, delivery=ids.get("delivery", ""), field=field)


def refusal_id(message: Message) -> str:
    """The same for the same record, however often it is read: its id and its content."""
    said = f"{message.topic}/{envelope.message_id(message)}/{(message.value or b'').hex()}"
    return str(uuid.uuid5(envelope.NAMESPACE, said))


def time_of(text: str, otherwise: datetime) -> datetime:
    """RFC 3339, or `otherwise` where none is given: CloudEvents leaves it to the sender."""
    if not text:
        return otherwise
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise EventBroken("bad_time", field="time") from error
    if time.tzinfo is None:  # RFC 3339 never leaves the offset out
        raise EventBroken("bad_time", field="time")
    return time


def _name_of(kind: str) -> str:
    named = _TYPE.fullmatch(kind)
    if not named or named[1] not in NAMES:
        raise EventBroken("bad_type", field="type")
    if int(named[2]) > BY_NAME[named[1]].VERSION:
        raise EventBroken("unknown_version", field="type")
    return named[1]


def _field_in(told: str) -> str:
    """The field that the decoder names; only a name of ours, never a word of the sender's."""
    found = _MISSING.search(told) or _FIELD.search(told)
    return found[1] if found else "data"


def _loose(value: bytes) -> dict[str, object]:
    if len(value) > MOST_BYTES:
        return {}
    try:
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
