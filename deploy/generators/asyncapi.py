"""The pipeline as AsyncAPI 3.0: channels are topics, operations say who sends and who receives what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import services
from deploy.generators.markdown import first_paragraph
from deploy.generators.pipeline import ANY_SERVICE, EVERY_PROCESS, Passage, passages
from deploy.generators.schemas import attributes_schema, event_path
from services.core.messages import topics

HEAD = "# Written by `make docs` from services/core/messages/topics.py and events.py.\n"
ABOUT = (
    "CloudEvents 1.0 in Kafka's binary mode: attributes ride in headers named ce_…, the value is the data as JSON. "
    "Effects happen once, events may come again under the same id. Readers are upgraded before writers."
)

SERVERS: dict[str, Any] = {
    "outside": {
        "host": "{host}:{port}",
        "protocol": "kafka-secure",
        "description": (
            "The brokers as specialist procedures reach them: TLS and SCRAM-SHA-512. The user is `procedures.<name>`, "
            "its consumer groups are called so, or begin so and go on with a dot; `prefix` stands before both."
        ),
        "variables": {
            "host": {"default": "kafka.stadt.example", "description": "A name that the broker's certificate is for."},
            "port": {"default": "9093", "description": "Of the listener for clients outside."},
        },
        "security": [{"$ref": "#/components/securitySchemes/scram"}],
        "bindings": {"kafka": {"bindingVersion": "0.5.0"}},
    },
    "inside": {
        "host": "{host}:{port}",
        "protocol": "kafka",
        "description": "The brokers as the services reach them where the network is theirs alone.",
        "variables": {"host": {"default": "kafka"}, "port": {"default": "9092"}},
    },
}
SECURITY = {
    "scram": {
        "type": "scramSha512",
        "description": "A user for each service and each procedure, made by `poststelle rights apply`.",
    }
}


def asyncapi(_: Path) -> Iterator[tuple[str, str]]:
    """`schemas/asyncapi.yaml`."""
    everything = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=120).replace(r"$(?!\n)", "$")
    yield "schemas/asyncapi.yaml", HEAD + everything


def document() -> dict[str, Any]:
    """The whole description."""
    found = passages()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Poststelle",
            "version": services.__version__,
            "description": ABOUT,
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "servers": SERVERS,
        "channels": _channels(found),
        "operations": _operations(found),
        "components": {
            "messages": {passage.facts.NAME: _message(passage) for passage in found},
            "securitySchemes": SECURITY,
        },
    }


def _channels(found: list[Passage]) -> dict[str, Any]:
    channels: dict[str, Any] = {}
    for passage in found:
        channel = channels.setdefault(_channel_name(passage.topic), _channel(passage))
        channel["messages"][passage.facts.NAME] = {"$ref": f"#/components/messages/{passage.facts.NAME}"}
    for name, topic in topics.PASSED_ON.items():
        channels[_channel_name(topic)]["messages"][name] = {"$ref": f"#/components/messages/{name}"}
    return channels


def _channel(passage: Passage) -> dict[str, Any]:
    kafka: dict[str, Any] = {"partitions": topics.PARTITIONS, "bindingVersion": "0.5.0"}
    if passage.topic in topics.COMPACTED:
        kafka["topicConfiguration"] = {"cleanup.policy": ["compact"]}
    channel: dict[str, Any] = {
        "address": passage.topic,
        "description": f"Key: {passage.key}.",
        "messages": {},
        "bindings": {"kafka": kafka},
    }
    if ANY_SERVICE in passage.topic:
        service = {"description": "The service that gave a delivery up.", "enum": list(topics.DEAD_SERVICES)}
        channel["parameters"] = {"service": service}
    if topics.ANY_PROCEDURE in passage.topic:
        channel["parameters"] = {"procedure": {"description": "The name that the procedure is registered under."}}
        channel["servers"] = [{"$ref": "#/servers/outside"}, {"$ref": "#/servers/inside"}]
    return channel


def _operations(found: list[Passage]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for passage in found:
        for service in passage.written_by:
            operations[f"{service}.sends.{passage.facts.NAME}"] = _operation("send", passage, service)
        for service in passage.read_by:
            name = "process" if service == EVERY_PROCESS else service
            operations[f"{name}.receives.{passage.facts.NAME}"] = _operation("receive", passage, service)
    return operations


def _operation(action: str, passage: Passage, service: str) -> dict[str, Any]:
    channel = f"#/channels/{_channel_name(passage.topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{service} {action}s {passage.facts.NAME}",
        "messages": [{"$ref": f"{channel}/messages/{passage.facts.NAME}"}],
    }


def _message(passage: Passage) -> dict[str, Any]:
    facts = passage.facts
    attributes = attributes_schema(facts)
    headers = {f"ce_{name}": shape for name, shape in attributes["properties"].items()}
    return {
        "name": facts.NAME,
        "title": facts.__name__,
        "summary": first_paragraph(facts.__doc__),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": headers,
            "required": [f"ce_{name}" for name in attributes["required"]],
        },
        "payload": {"$ref": f"./{event_path(facts).removeprefix('schemas/')}"},
    }


def _channel_name(topic: str) -> str:
    return "service.dead" if ANY_SERVICE in topic else topic.replace(topics.ANY_PROCEDURE, "procedure")
