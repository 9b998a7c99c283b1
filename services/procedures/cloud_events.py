"""One CloudEvent of a procedure, as HTTP brings it (structured or binary mode), and ours as JSON."""

import json
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from services.core.errors import EventBroken, Rejected
from services.core.messages import envelope, said
from services.core.messages.envelope import Event
from services.core.messages.events import Facts

STRUCTURED = "application/cloudevents+json"
MOST_BYTES = said.MOST_BYTES + 4096
"""Of a body: in structured mode the attributes stand in it too."""


class _Structured(msgspec.Struct):
    """A CloudEvent in structured mode; which attributes it needs, `said` knows."""

    specversion: str = ""
    id: str = ""
    source: str = ""
    type: str = ""
    time: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


def facts_of(content_type: str, headers: Mapping[str, str], body: bytes) -> Facts:
    """What the event says; Rejected `bad_event` for what is no event at all, else as `said.facts_of`."""
    try:
        if content_type.partition(";")[0].strip().lower() == STRUCTURED:
            event = msgspec.json.decode(body, type=_Structured)
            attributes, data = {name: getattr(event, name) for name in said.ATTRIBUTES}, bytes(event.data)
        else:
            attributes, data = {name: headers.get(f"ce-{name}", "") for name in said.ATTRIBUTES}, body
        return said.facts_of(attributes, data)
    except EventBroken as error:
        raise Rejected(error.code, field=error.field) from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Rejected("bad_event") from error


def structured(event: Event) -> dict[str, Any]:
    """The event in structured mode (CloudEvents 1.0, JSON format)."""
    message = envelope.encode(event)
    attributes = {name[3:]: value.decode() for name, value in message.headers if name.startswith("ce_")}
    return {**attributes, "datacontenttype": "application/json", "data": cast("Any", json.loads(message.value))}
