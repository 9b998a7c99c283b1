"""`docs/events.md`: every event, its topic and key, its fields, who writes and who reads it; every topic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.generators.markdown import code, first_paragraph, page, table
from deploy.generators.pipeline import ANY_SERVICE, Passage, passages, readers_of
from deploy.generators.schemas import event_path, schema_of
from services.core.messages import topics

ABOUT = """\
Events carry references and decisions, never content: ids, enums, hashes, counts, numbers, times. A log cannot forget
one entry, a city must. They are CloudEvents 1.0; on Kafka in binary mode: attributes in headers named `ce_…`, the data
as JSON in the value. The same event may come again, always under the same id: effects are create-once files, so a
repeat changes nothing. Within a version fields are only added, and readers ignore what they do not know; a reader that
meets a newer version waits until it is upgraded.

Schemas: [`schemas/events`](../schemas/events), examples: [`schemas/examples/events`](../schemas/examples/events), for
tools: [`schemas/asyncapi.yaml`](../schemas/asyncapi.yaml). How ids are made: [identity.md](identity.md)."""

CALLED = {r"^d[0-9a-hjkmnp-tv-z]{26}$": "document id", r"^[0-9a-f]{64}$": "SHA-256"}
"""What a pattern means to people, where that is shorter than the pattern."""


def events_page(_: Path) -> Iterator[tuple[str, str]]:
    """`docs/events.md`."""
    yield "docs/events.md", page("Events and topics", ABOUT, _overview(), "## Topics", _topics(), *_details())


def _overview() -> str:
    head = ("event", "topic", "key", "written by", "read by")
    return table(head, ([*_place(passage)] for passage in passages()))


def _place(passage: Passage) -> Iterator[str]:
    name = passage.facts.NAME
    yield f"[`{name}`](#{name.replace('.', '')})"
    yield code(passage.topic.replace(ANY_SERVICE, "<service>"))
    yield passage.key
    yield ", ".join(passage.written_by) or "nobody yet"
    yield ", ".join(passage.read_by) or "nobody yet"


def _topics() -> str:
    rows = []
    for topic in (*topics.all_topics(), topics.PROCEDURE_INBOX, topics.PROCEDURE_OUTBOX):
        service, _, end = topic.rpartition(".")
        if end == "dead" and service in topics.DEAD_SERVICES:
            rows.append((code(topic), f"what {service} gave up", "whoever follows it; the list is made from the store"))
        elif end == "replays" and service in topics.DEAD_SERVICES:
            rows.append((code(topic), f"asks {service} alone to look at a document again", service))
        else:
            carried = [code(passage.facts.NAME) for passage in passages() if passage.topic == topic]
            carried += [code(name) for name, passed_on in topics.PASSED_ON.items() if passed_on == topic]
            rows.append((code(topic), ", ".join(carried), ", ".join(readers_of(topic))))
    note = f"Every topic has {topics.PARTITIONS} partitions, for good: a key must keep its partition. "
    note += f"Compacted: {', '.join(map(code, topics.COMPACTED))}. The setting `prefix` stands before every name."
    return note + "\n\n" + table(("topic", "carries", "read by"), rows)


def _details() -> Iterator[str]:
    for passage in passages():
        facts = passage.facts
        schema = schema_of(facts, "")
        path = event_path(facts)
        yield f"## {facts.NAME}"
        yield f"{first_paragraph(facts.__doc__)} Schema: [`{path}`](../{path})."
        yield table(("field", "type", "required"), _fields(schema, facts.__name__))
        for inner in sorted(set(schema["$defs"]) - {facts.__name__}):
            yield f"{inner}: {first_paragraph(schema['$defs'][inner]['description'])}"
            yield table(("field", "type", "required"), _fields(schema, inner))


def _fields(schema: dict[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    shape = schema["$defs"][name]
    for field, kind in shape["properties"].items():
        yield code(field), type_in_words(kind), "yes" if field in shape.get("required", ()) else ""


def type_in_words(kind: dict[str, Any]) -> str:
    """A field's type in words."""
    if "anyOf" in kind:
        return type_in_words(next(one for one in kind["anyOf"] if one.get("type") != "null"))
    if "enum" in kind:
        return " · ".join(code(str(value)) for value in kind["enum"] if value is not None)
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    if kind.get("type") == "array":
        return f"list of {type_in_words(kind['items'])}"
    if "pattern" in kind:
        pattern = kind["pattern"].removesuffix(r"(?!\n)")
        return CALLED.get(pattern, code(pattern))
    limits = [f"{sign} {kind[word]}" for word, sign in (("minimum", "≥"), ("maximum", "≤")) if word in kind]
    return " ".join([str(kind.get("format", kind.get("type"))), *limits])
