"""Our contract as tools of others read it: OpenAPI, AsyncAPI, CloudEvents, Standard Webhooks."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from cloudevents.v1.conversion import to_dict
from cloudevents.v1.http import from_http, from_json
from cloudevents.v1.kafka import KafkaMessage, from_binary
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.generators import schemas
from services.core.messages import envelope, events, topics
from services.core.messages.envelope import Message
from services.procedures import cloud_events
from services.procedures.webhooks import signing

HERE = Path(__file__).parent
EVENTS = [pytest.param(facts, id=facts.NAME) for facts in events.ALL]


def example_of(project: Path, facts: type[events.Facts]) -> dict[str, Any]:
    """The example that is published with the schema."""
    path = project / schemas.event_path(facts).replace("schemas/", "schemas/examples/")
    example: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return example


def message_of(example: dict[str, Any]) -> Message:
    """The example as it lies on Kafka."""
    skipped = ("data", "datacontenttype")
    headers = tuple((f"ce_{name}", value.encode()) for name, value in example.items() if name not in skipped)
    topic = topics.TOPIC_OF.get(example["type"].removeprefix("poststelle.").removesuffix(".v1"), "classification.dead")
    value = json.dumps(example["data"]).encode()
    return Message(topic=topic, key=example["partitionkey"], headers=headers, value=value)


@pytest.mark.parametrize("facts", EVENTS)
def test_sdk_of_cloudevents_reads_what_we_write(project: Path, facts: type[events.Facts]) -> None:
    """In binary mode on Kafka, and in structured mode as inbox and webhook tell it: the same attributes and data."""
    example = example_of(project, facts)
    event = envelope.decode(message_of(example))
    written = envelope.encode(event)
    kafka = KafkaMessage(headers=dict(written.headers), key=written.key, value=written.value)
    by_kafka = from_binary(kafka)
    body = json.dumps(cloud_events.structured(event)).encode()
    by_http = from_http({"content-type": cloud_events.STRUCTURED}, body)
    for read in (by_kafka, by_http, from_json(body)):
        assert read.data == example["data"]
        assert {name: read[name] for name in ("id", "source", "type", "specversion")} == {
            name: example[name] for name in ("id", "source", "type", "specversion")
        }
    assert to_dict(by_http)["time"] == example["time"]


@pytest.mark.stack
def test_openapi_is_valid(project: Path) -> None:
    """The exported interface follows OpenAPI 3.1, every schema in it too."""
    described = json.loads((project / "schemas/http/poststelle.openapi.json").read_text(encoding="utf-8"))
    assert [fault.message for fault in OpenAPIV31SpecValidator(described).iter_errors()] == []
    assert len(described["paths"]) > 50


def test_a_planted_fault_of_openapi_is_found(project: Path) -> None:
    """The validator does look."""
    described = json.loads((project / "schemas/http/poststelle.openapi.json").read_text(encoding="utf-8"))
    small = {name: described[name] for name in ("openapi", "info")}
    good = {"get": {"responses": {"200": {"description": "Gut"}}}}
    bad = {"get": {**good["get"], "parameters": [{"name": "q", "in": "nowhere"}]}}
    assert not [*OpenAPIV31SpecValidator({**small, "paths": {"/a": good}}).iter_errors()]
    assert [*OpenAPIV31SpecValidator({**small, "paths": {"/a": bad}}).iter_errors()]


def test_library_of_standard_webhooks_believes_our_signature() -> None:
    """With either secret while it is changed; not with another one, and not for a changed body."""
    old, new, body = b"o" * 32, b"n" * 32, b'{"id":"1"}'
    made = signing.headers("event-1", body, at=datetime.now(UTC), secrets=[new, old])
    for secret in (old, new):
        assert standardwebhooks.Webhook(signing.as_told(secret)).verify(body, made) == {"id": "1"}
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(signing.as_told(b"x" * 32)).verify(body, made)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(signing.as_told(new)).verify(b'{"id":"2"}', made)


def read_by_parser(file: Path) -> dict[str, Any]:
    """What the parser of AsyncAPI says of a file."""
    node = shutil.which("node")
    assert node, "the parser of AsyncAPI needs Node.js: apt-get install nodejs npm"
    assert (HERE / "node_modules").exists(), "deploy/prepare.sh node fetches the parser of AsyncAPI"
    ran = subprocess.run(
        [node, "read_asyncapi.mjs", str(file)], cwd=HERE, capture_output=True, text=True, timeout=120, check=True
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.mark.stack
def test_parser_of_asyncapi_reads_our_channels(project: Path) -> None:
    """No error and no warning, every topic a channel, every event a message."""
    told = read_by_parser(project / "schemas/asyncapi.yaml")
    assert told["faults"] == []
    assert told["channels"] == len({*topics.TOPIC_OF.values()}) + 1
    assert {facts.NAME for facts in events.ALL} <= {name.partition(".v")[0] for name in told["messages"]}


@pytest.mark.stack
def test_a_planted_fault_of_asyncapi_is_found(project: Path, tmp_path: Path) -> None:
    """A channel that refers to no message is told: the parser does look."""
    shutil.copytree(project / "schemas", tmp_path / "schemas", ignore=shutil.ignore_patterns("released"))
    file = tmp_path / "schemas/asyncapi.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("#/components/messages/", "#/components/nowhere/", 1), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != text
    assert read_by_parser(file)["faults"]
