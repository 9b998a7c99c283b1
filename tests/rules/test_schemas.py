"""What we promise to others: examples fit schemas and types, AsyncAPI fits the pipeline."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.generators import schemas
from services.core.messages import envelope, events, topics
from services.core.messages.envelope import Message

EVENTS = [pytest.param(facts, id=facts.NAME) for facts in events.ALL]
RECORDS = [pytest.param(shape, id=schemas.tag_of(shape)) for shape in schemas.STORED]
PROBLEM = "application/problem+json"
PERSONAL = ("Erika Müller", "erika@musterfrau.example", "Erika Mustermann", "Betreff: Bauantrag", "Straße")


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("facts", EVENTS)
def test_an_example_of_an_event_fits_schemas_and_code(project: Path, facts: type[events.Facts]) -> None:
    """Attributes and data are valid, our decoder understands them, and encoding gives the same again."""
    example = read(project / schemas.event_path(facts).replace("schemas/", "schemas/examples/"))
    kind = {"type": "object"} | schemas.attributes_schema(facts)
    for schema in (kind, read(project / "schemas/events/attributes.v1.json")):
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
    Draft202012Validator(read(project / schemas.event_path(facts))).validate(example["data"])
    event = envelope.decode(_message(example))
    assert isinstance(event.facts, facts)
    assert _as_example(envelope.encode(event)) == example


@pytest.mark.parametrize("shape", RECORDS)
def test_an_example_of_a_record_fits_schema_and_code(project: Path, shape: type[msgspec.Struct]) -> None:
    """The example is valid, our type takes it in, and writes it as it was."""
    example = read(project / schemas.record_path(shape).replace("schemas/", "schemas/examples/"))
    Draft202012Validator(read(project / schemas.record_path(shape))).validate(example)
    assert json.loads(msgspec.json.encode(msgspec.convert(example, shape))) == example


def test_no_word_of_an_event_takes_a_name_or_an_address() -> None:
    """Of all texts that events may hold, none matches what a person writes."""
    shapes = [schemas.schema_of(facts, "") for facts in events.ALL]
    texts = [text for shape in shapes for text in _texts(shape)]
    assert len(texts) > len(events.ALL)
    for text in texts:
        assert "pattern" in text or "format" in text or "enum" in text, text
        taken = [word for word in PERSONAL if "pattern" in text and re.search(text["pattern"], word)]
        assert not taken, (text, taken)


def test_every_schema_is_a_schema(project: Path) -> None:
    """What lies in schemas/ is JSON Schema 2020-12, each under a name of its own."""
    found = [read(path) for path in (project / "schemas").glob("*/*.v*.json")]
    for schema in found:
        Draft202012Validator.check_schema(schema)
    names = [schema["$id"] for schema in found]
    assert len(names) == len(set(names)) >= len(events.ALL)


def test_asyncapi_leads_everywhere(project: Path) -> None:
    """Every reference in schemas/asyncapi.yaml leads to something, and every topic of events is a channel."""
    file = project / "schemas/asyncapi.yaml"
    described = yaml.safe_load(file.read_text(encoding="utf-8"))
    for reference in _references(described):
        target, _, inside = reference.partition("#/")
        node: Any = read(file.parent / target) if target else described
        for step in filter(None, inside.split("/")):
            node = node[step]
        assert node
    addresses = {channel["address"] for channel in described["channels"].values()}
    assert addresses == {*topics.TOPIC_OF.values(), "{service}.dead"}
    for operation in described["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(channel) for message in operation["messages"])


def test_asyncapi_says_where_and_how_a_procedure_connects(project: Path) -> None:
    """Its channels name servers, one of them for clients outside: TLS, and SCRAM as whom the rights are granted."""
    described = yaml.safe_load((project / "schemas/asyncapi.yaml").read_text(encoding="utf-8"))
    outside = described["servers"]["outside"]
    assert outside["protocol"] == "kafka-secure"
    assert outside["security"] == [{"$ref": "#/components/securitySchemes/scram"}]
    assert described["components"]["securitySchemes"]["scram"]["type"] == "scramSha512"
    for channel in ("procedures.procedure.inbox", "procedures.procedure.outbox"):
        assert {"$ref": "#/servers/outside"} in described["channels"][channel]["servers"]


def test_openapi_knows_the_intakes(project: Path) -> None:
    """The exported interface has the listeners of every service that has some."""
    described = read(project / "schemas/http/poststelle.openapi.json")
    assert described["openapi"].startswith("3.1")
    paths = set(described["paths"])
    assert {"/api/v1/mails", "/api/v1/scans", "/api/v1/receipts/{receipt}", "/api/v1/search"} <= paths


def _message(example: dict[str, Any]) -> Message:
    skipped = ("data", "datacontenttype")
    headers = tuple((f"ce_{name}", value.encode()) for name, value in example.items() if name not in skipped)
    topic = topics.TOPIC_OF.get(example["type"].removeprefix("poststelle.").removesuffix(".v1"), "classification.dead")
    value = msgspec.json.encode(example["data"])
    return Message(topic=topic, key=example["partitionkey"], headers=headers, value=value)


def _as_example(message: Message) -> dict[str, Any]:
    attributes = {name[3:]: value.decode() for name, value in message.headers if name.startswith("ce_")}
    return attributes | {"datacontenttype": "application/json", "data": json.loads(message.value)}


def _texts(node: Any) -> list[dict[str, Any]]:
    own = [node] if isinstance(node, dict) and node.get("type") == "string" else []
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return own + [text for child in inner for text in _texts(child)]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict) and "$ref" in node:
        return [node["$ref"]]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [reference for child in inner for reference in _references(child)]


def test_every_operation_tells_what_holds_everywhere(project: Path) -> None:
    """Each may answer 401, 403, 429 and 503, and refuses in one shape: that of a problem with a code."""
    paths = read(project / "schemas/http/poststelle.openapi.json")["paths"]
    operations = {f"{verb} {path}": told for path, verbs in paths.items() for verb, told in verbs.items()}
    assert len(operations) > 30
    for name, operation in operations.items():
        answers = operation["responses"]
        assert {"401", "403", "429", "503"} <= set(answers), name
        refusals = {status: answer for status, answer in answers.items() if status >= "400" and status != "416"}
        assert {kind for answer in refusals.values() for kind in answer["content"]} == {PROBLEM}, name
