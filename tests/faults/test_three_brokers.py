"""Three brokers, and the one that leads is killed: what was acknowledged stays, and readers go on."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from confluent_kafka.admin import AdminClient

from deploy.servers.kafka.cluster import KafkaCluster
from services.adapters.event_log.kafka import KafkaEventLog
from tests.faults.without_end import Publishing, Reading
from tests.ports.event_log.readers import TOPIC, eventually

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """Three brokers of our own, to kill."""
    with KafkaCluster.start() as three:
        yield three


def test_a_killed_leader_costs_nothing(cluster: KafkaCluster) -> None:
    """Kill -9 of each leader while publishing: nothing acknowledged is lost, settled things stay settled."""
    prefix = f"three-{uuid.uuid4().hex[:8]}."
    log = KafkaEventLog(cluster.bootstrap, prefix=prefix, patience=timedelta(seconds=15))
    log.ensure_topics([TOPIC], partitions=3)
    reader = log.reader("group", [TOPIC])
    publishing, reading = Publishing(log), Reading(reader)
    publishing.start()
    reading.start()
    for _ in range(2):
        _await_more(reading, 50)
        leader = cluster.numbered(_leader(cluster, prefix + TOPIC))
        leader.kill()
        _await_more(reading, 200)
        leader.restart()
    publishing.stopping = True
    publishing.join()
    eventually(lambda: publishing.acknowledged <= reading.settled | reading.unsure)
    reading.stopping = True
    reading.join()
    reader.close()
    log.close()
    assert reading.repeated <= publishing.refused


def _await_more(reading: Reading, count: int) -> None:
    before = len(reading.settled)
    eventually(lambda: len(reading.settled) > before + count)


def _leader(cluster: KafkaCluster, topic: str) -> int:
    known = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0}).list_topics(topic, timeout=60)
    return next(iter(known.topics[topic].partitions.values())).leader
