"""The two ways on which a procedure speaks: its HTTP listener, and records that it writes to its own Kafka topic."""

import json
import uuid
from datetime import timedelta
from typing import Any

from services.core.messages import envelope, topics
from services.core.messages.envelope import Message
from services.procedures.service import SERVICE
from services.runtime.worker.loop import Worker
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.fakes.event_log import MemoryEventLog

Attributes = dict[str, str]


def an_event(kind: str, **changed: str) -> Attributes:
    """The attributes of a CloudEvent of a procedure; an empty value takes one away."""
    made = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/bau", "type": f"poststelle.{kind}.v1"}
    return {name: value for name, value in (made | changed).items() if value}


class ByHttp:
    """Binary mode, answered at once."""

    def __init__(self, hall: CityHall, name: str) -> None:
        self.name = name
        self.client = Browser(hall.app, Authorization=f"Bearer {hall.access.add_procedure_key(name, name)}")

    def inbox(self) -> list[dict[str, Any]]:
        """Everything that the procedure was told."""
        answer = self.client.get(f"{API}/procedures/{self.name}/inbox")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def say(self, attributes: Attributes, data: bytes) -> tuple[str, str]:
        """Code and field of the refusal; two empty words where it was taken in."""
        headers = {"Content-Type": "application/json"} | {f"ce-{name}": value for name, value in attributes.items()}
        answer = self.client.ask("POST", f"{API}/procedures/{self.name}/outbox", content=data, headers=headers)
        told = answer.json()
        return ("", "") if answer.status_code == 202 else (told["code"], told.get("field", ""))


class ByTopic(ByHttp):
    """Records on the outbox, which the service's own worker reads; refusals come into the inbox."""

    def __init__(self, hall: CityHall, name: str) -> None:
        super().__init__(hall, name)
        self._hall, self.log = hall, MemoryEventLog()
        self.outbox = topics.outbox_of(name)
        read = topics.worked_on("procedures", [name])
        self._worker = Worker(SERVICE, hall.contexts["procedures"], self.log.reader("procedures", read))

    def say(self, attributes: Attributes, data: bytes) -> tuple[str, str]:
        headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items())
        return self.write(headers, data)

    def write(self, headers: tuple[tuple[str, bytes], ...], data: bytes) -> tuple[str, str]:
        """A record as it is, and what the procedure is told of it."""
        before = len(self.inbox())
        self.log.topics.setdefault(self.outbox, []).append(
            Message(topic=self.outbox, key="", headers=headers, value=data)
        )
        self._worker.turn(timedelta(0))
        self._pass_on()
        refused = [
            event["data"] for event in self.inbox()[before:] if event["type"].startswith("poststelle.submission.r")
        ]
        return (refused[0]["reason_codes"][0], refused[0].get("field", "")) if refused else ("", "")

    def dead(self) -> int:
        """How many of its records were given up."""
        return len(self.log.topics.get(topics.dead_topic("procedures"), ()))

    def _pass_on(self) -> None:
        """What the service told goes on to the rest of the hall."""
        for topic in [topics.RECEIVED]:
            for message in self.log.topics.pop(topic, []):
                self._hall.log.publish(envelope.decode(message))


def data_of(**fields: Any) -> bytes:
    """The data of an event."""
    return json.dumps(fields).encode()
