"""JSON Schemas of events and records, exported from the types that the code reads and writes them by."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from services.core import bookkeeping, vocabulary
from services.core.messages import envelope, events, procedures
from services.core.model import record_files
from services.core.model.accounts import Accounts
from services.core.model.side_files import Viewing
from services.core.plan.file_plan import FilePlan
from services.runtime.operations.heartbeat import Heartbeat
from services.scan_intake.hot_folder.sidecar import ScanSidecar

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STORED: tuple[type[Struct], ...] = (*record_files.ALL, *procedures.ALL, *bookkeeping.ALL, Accounts, Heartbeat, Viewing)
"""Every JSON record of the store but the file plan, which people write: it has a schema file of its own."""


def event_schemas(_: Path) -> Iterator[tuple[str, str]]:
    """The data of every event, and the CloudEvents attributes around it."""
    for facts in events.ALL:
        urn = f"{envelope.SCHEMA_URN}:{facts.NAME}:{facts.VERSION}"
        yield event_path(facts), rendered(schema_of(facts, urn))
    yield "schemas/events/attributes.v1.json", rendered(attributes_schema())


def record_schemas(_: Path) -> Iterator[tuple[str, str]]:
    """Every shape of a JSON record in the store."""
    for shape in STORED:
        yield record_path(shape), rendered(schema_of(shape, f"{envelope.SCHEMA_URN}:{tag_of(shape)}"))


def file_plan_schema(_: Path) -> Iterator[tuple[str, str]]:
    """What editors and importers check a plan file by, from the type that the code reads."""
    yield (
        "schemas/file-plan.v1.json",
        rendered(_headed(msgspec.json.schema(FilePlan), "urn:poststelle:schema:file-plan:1")),
    )


def scan_sidecar_schema(_: Path) -> Iterator[tuple[str, str]]:
    """What may lie beside a scan in the hot folder."""
    yield (
        "schemas/scan-sidecar.v1.json",
        rendered(schema_of(ScanSidecar, "urn:poststelle:schema:scan-sidecar:1")),
    )


def event_path(facts: type[events.Facts]) -> str:
    """Where the schema of an event's data lies."""
    return f"schemas/events/{facts.NAME}.v{facts.VERSION}.json"


def record_path(shape: type[Struct]) -> str:
    """Where the schema of a record lies."""
    name, _, version = tag_of(shape).partition(":")
    return f"schemas/records/{name}.v{version}.json"


def tag_of(shape: type[Struct]) -> str:
    """What a record says of itself under `schema`: name and version."""
    return str(shape.__struct_config__.tag)


def schema_of(shape: type[Struct], urn: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of a type; times are said to be times (RFC 3339)."""
    return _headed(_with_times(shape, msgspec.json.schema(shape)), urn)


OPTIONAL = ("traceparent", "replay")


def attributes_schema(facts: type[events.Facts] | None = None) -> dict[str, Any]:
    """The attributes of CloudEvents 1.0 as we fill them, for any event or for one kind of event."""
    name, version = (facts.NAME, str(facts.VERSION)) if facts else ("[a-z.]+", "[0-9]+")
    urn = f"{envelope.SCHEMA_URN}:{name}:{version}"
    kind = f"poststelle.{name}.v{version}"
    source = {"type": "string", "pattern": "^/[a-z][a-z0-9-]{0,30}/[a-z][a-z_]{0,31}$"}
    properties = {
        "specversion": {"const": "1.0"},
        "id": _described(vocabulary.EventId, "Made from cause, type and ordinal (UUIDv5): a repeat has the same."),
        "type": {"const": kind} if facts else {"type": "string", "pattern": rf"^poststelle\.{name}\.v{version}$"},
        "source": source | {"description": "Tenant and service."},
        "subject": {"type": "string", "description": "The document, or what else the event is about."},
        "time": {"type": "string", "format": "date-time", "description": "UTC, milliseconds."},
        "dataschema": {"const": urn} if facts else {"type": "string", "pattern": f"^{urn}$"},
        "tenant": _described(vocabulary.Tenant, "Whose event it is."),
        "partitionkey": {"type": "string", "description": "Events of one key are read one after another."},
        "causationid": _described(vocabulary.EventId, "The event, receipt or decision that brought it about."),
        "traceparent": {"type": "string", "description": "W3C trace context, where there is one."},
        "replay": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5}$",
            "description": "On `<service>.replays`: which one.",
        },
    }
    required = [name for name in properties if name not in OPTIONAL]
    shape = {"title": "Attributes", "type": "object", "properties": properties, "required": required}
    return shape if facts else _headed(shape, f"{envelope.SCHEMA_URN}:attributes:1")


def rendered(schema: dict[str, Any]) -> str:
    """The text of a schema file; what only Python needs to end a pattern is left out (see `core.vocabulary`)."""
    return json.dumps(schema, indent=2, ensure_ascii=False).replace(r"$(?!\\n)", "$") + "\n"


def _headed(shape: dict[str, Any], urn: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": urn} | shape


def _described(word: Any, description: str) -> dict[str, Any]:
    return msgspec.json.schema(word) | {"description": description}


def _with_times(shape: type[Struct], schema: dict[str, Any]) -> dict[str, Any]:
    for struct in _structs_in(shape):
        properties = schema["$defs"][struct.__name__]["properties"]
        hints = get_type_hints(struct).items()
        for name in (name for name, kind in hints if kind is datetime or datetime in get_args(kind)):
            own = properties[name]
            for text in [own] if own.get("type") == "string" else [o for o in own["anyOf"] if o["type"] == "string"]:
                text["format"] = "date-time"
    return schema


def _structs_in(kind: Any) -> Iterator[type[Struct]]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
        for inner in get_type_hints(kind).values():
            yield from _structs_in(inner)
    for argument in get_args(kind):
        yield from _structs_in(argument)
