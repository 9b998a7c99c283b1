"""Records on a real topic that are no events of ours: dead letters with their reason, and the partition moves on."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from services.adapters.event_log.kafka import KafkaEventLog
from services.core.messages import topics
from tests.component.city_hall import a_mail
from tests.component.test_replays import eventually
from tests.component.working_hall import WorkingHall
from tests.ports.event_log.kafka_logs import broker

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("kafka")]

LARGE = 5 * 1024 * 1024
HEAD = {
    "specversion": "1.0",
    "id": "00000000-0000-5000-8000-000000000001",
    "type": "poststelle.document.extracted.v1",
    "source": "/main/extraction",
    "subject": "d00000000000000000000000000",
    "time": "2026-11-23T10:00:00.000Z",
    "partitionkey": "d00000000000000000000000000",
}

Record = tuple[dict[str, str], bytes]

STRANGE: dict[str, Record] = {
    "no_cloudevent": ({}, b"Guten Tag"),
    "unknown_type": (HEAD | {"type": "poststelle.document.extracted.v0"}, b"{}"),
    "source": (HEAD | {"source": "somewhere"}, b"{}"),
    "schema": (HEAD, b'{"document": 5}'),
    "schema, 5 MB": (HEAD, b'{"document": "' + b"x" * LARGE + b'"}'),
}


class Topic:
    """One partition, in which everything meets, of a log under a prefix of its own."""

    def __init__(self) -> None:
        self.prefix = f"strange-{uuid.uuid4().hex[:8]}."
        self.log = KafkaEventLog(broker().bootstrap, prefix=self.prefix)
        self.log.ensure_topics(topics.all_topics(), partitions=1)
        self._name = self.prefix + topics.EXTRACTED
        limit = ConfigEntry("max.message.bytes", str(2 * LARGE), incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, self._name, incremental_configs=[limit])
        admin = AdminClient({"bootstrap.servers": broker().bootstrap, "log_level": 0})
        admin.incremental_alter_configs([resource])[resource].result(60)

    def put(self, record: Record, number: int) -> None:
        """A record by somebody else's hand."""
        head, value = record
        if head:
            head = head | {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))}
        headers = [(f"ce_{name}", text.encode()) for name, text in head.items()]
        own = {"bootstrap.servers": broker().bootstrap, "message.max.bytes": 2 * LARGE, "log_level": 0}
        producer = Producer(own)
        producer.produce(self._name, value, key=f"key{number}", headers=list(headers))
        assert producer.flush(30) == 0


@pytest.fixture
def topic() -> Iterator[Topic]:
    """The topic that classification reads."""
    made = Topic()
    yield made
    made.log.close()


def test_strange_records_die_with_their_reason(topic: Topic, tmp_path: Path) -> None:
    """Each is a dead letter of every service that reads there; the letter behind them goes its way."""
    hall = WorkingHall(tmp_path, topic.log)
    try:
        for number, record in enumerate(STRANGE.values()):
            topic.put(record, number)
        hall.deliver(a_mail("Antrag", "Bitte um Auskunft."))
        eventually(lambda: hall.at_the_end() == 1)
        eventually(lambda: hall.dead(service="classification") == len(STRANGE))
        letters = list(hall.pages("/dead-letters", service="classification", limit="50"))
        assert sorted(letter["error_code"] for letter in letters) == sorted(name.partition(",")[0] for name in STRANGE)
        assert hall.process.red == {}
    finally:
        hall.close()


def test_a_newer_version_waits_alone(topic: Topic, tmp_path: Path) -> None:
    """What only an upgraded reader understands is kept for it, and letters behind it go their way."""
    hall = WorkingHall(tmp_path, topic.log)
    try:
        topic.put((HEAD | {"type": "poststelle.document.extracted.v99"}, b"{}"), 1)
        hall.deliver(a_mail("Antrag", "Bitte um Auskunft."))
        eventually(lambda: hall.at_the_end() == 1)
        assert hall.dead() == 0
        assert topic.log.backlog("classification", [topics.EXTRACTED]) == {topics.EXTRACTED: 1}
    finally:
        hall.close()
