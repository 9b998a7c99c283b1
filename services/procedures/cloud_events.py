"""One CloudEvent of a procedure, as HTTP brings it (structured or binary mode), and ours as JSON."""

import json
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from services.core.errors import Rejected
from services.core.messages import envelope
from services.core.messages.envelope import Event
from services.core.messages.events import BY_NAME, Facts

STRUCTURED = "application/cloudevents+json"
MOST_BYTES = 64 * 1024
_SAID = ("procedure.acknowledged", "procedure.rejected", "procedure.submitted")


class _Attributes(msgspec.Struct):
    """What every CloudEvent has; the id is the sender's own, ours is made from what is said."""

    specversion: str
    id: str
    source: str
    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


def facts_of(content_type: str, headers: Mapping[str, str], body: bytes) -> Facts:
    """What the event says; Rejected `bad_event` for anything that is none of a procedure's."""
    try:
        if content_type.partition(";")[0].strip().lower() == STRUCTURED:
            attributes = msgspec.json.decode(body, type=_Attributes)
        else:
            named = {name: headers.get(f"ce-{name}", "") for name in ("specversion", "id", "source", "type")}
            attributes = _Attributes(**named, data=msgspec.Raw(body))
        return _facts(attributes)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Rejected("bad_event") from error


def _facts(attributes: _Attributes) -> Facts:
    name = attributes.type.removeprefix("poststelle.").removesuffix(".v1")
    whole = attributes.specversion == "1.0" and attributes.id and attributes.source
    if not whole or attributes.type != f"poststelle.{name}.v1" or name not in _SAID:
        raise Rejected("bad_event")
    return msgspec.json.decode(bytes(attributes.data), type=BY_NAME[name])


def structured(event: Event) -> dict[str, Any]:
    """The event in structured mode (CloudEvents 1.0, JSON format)."""
    message = envelope.encode(event)
    attributes = {name[3:]: value.decode() for name, value in message.headers if name.startswith("ce_")}
    return {**attributes, "datacontenttype": "application/json", "data": cast("Any", json.loads(message.value))}
