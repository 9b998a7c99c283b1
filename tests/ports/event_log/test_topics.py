"""Topics on a real broker: made, compared, mended, and refused where nobody may work on them."""

import secrets
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from services.adapters.event_log.kafka import KafkaEventLog
from services.core.errors import Misconfigured
from services.core.messages import topic_map, topics
from tests.ports.event_log.kafka_logs import broker
from tests.ports.event_log.readers import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("kafka")]

NAMES = (topics.CONFIGURATION, topics.RECEIVED)


@pytest.fixture
def prefix() -> str:
    """Topics of our own."""
    return f"t{secrets.token_hex(4)}-"


@pytest.fixture
def log(prefix: str) -> Iterator[KafkaEventLog]:
    """The log whose topics are looked at."""
    opened = KafkaEventLog(broker().bootstrap, prefix=prefix)
    yield opened
    opened.close()


def make(name: str, partitions: int, **config: str) -> None:
    """A topic by somebody else's hand."""
    client = AdminClient({"bootstrap.servers": broker().bootstrap, "log_level": 0})
    new = NewTopic(name, partitions, 1, config={name.replace("_", "."): value for name, value in config.items()})
    client.create_topics([new])[name].result(60)
    eventually(lambda: name in client.list_topics(timeout=30).topics)


def test_missing_topics_are_told_and_made(log: KafkaEventLog) -> None:
    """What is not there is refused by name, made once, and then as the map says."""
    assert [sentence.partition(":")[0] for sentence in log.refusals(NAMES)] == [
        "topic configuration is missing",
        "topic documents.received is missing",
    ]
    assert log.apply_topics(NAMES, replicas=1) == ["topic configuration: made", "topic documents.received: made"]
    assert log.refusals(NAMES) == []
    assert log.differences(NAMES, replicas=1) == []
    assert log.apply_topics(NAMES, replicas=1) == []


def test_a_wrong_number_of_partitions_is_refused(log: KafkaEventLog, prefix: str) -> None:
    """It is fixed for good: nobody mends it, and the sentence says what is, what should be and what to do."""
    make(f"{prefix}{topics.RECEIVED}", 3)
    (sentence,) = log.refusals([topics.RECEIVED])
    assert sentence.startswith("topic documents.received has 3 partitions, but must have 24, for good: ")
    assert "`prefix`" in sentence
    with pytest.raises(Misconfigured, match="has 3 partitions"):
        log.apply_topics(NAMES, replicas=1)


def test_a_wrong_cleanup_is_refused_and_mended(log: KafkaEventLog, prefix: str) -> None:
    """Compaction would eat events, and age would eat the configuration: refused until `apply` has set it."""
    make(f"{prefix}{topics.RECEIVED}", 24, cleanup_policy="compact")
    make(f"{prefix}{topics.CONFIGURATION}", 24)
    wrong = log.refusals(NAMES)
    assert [sentence.partition(":")[0] for sentence in wrong] == [
        "topic configuration has cleanup.policy delete, but must have compact",
        "topic documents.received has cleanup.policy compact, but must have delete",
    ]
    assert log.apply_topics(NAMES, replicas=1) == ["topic configuration: set", "topic documents.received: set"]
    assert log.differences(NAMES, replicas=1) == []


def test_another_age_is_told_but_not_refused(log: KafkaEventLog, prefix: str) -> None:
    """A city may keep records for another time; `check` tells it, `apply` sets ours."""
    make(f"{prefix}{topics.RECEIVED}", 24, retention_ms="86400000")
    assert log.refusals([topics.RECEIVED]) == []
    (sentence,) = log.differences([topics.RECEIVED], replicas=1)
    assert sentence.startswith("topic documents.received keeps records for 1 days, the map says for 30 days")
    log.apply_topics([topics.RECEIVED], replicas=1)
    assert log.differences([topics.RECEIVED], replicas=1) == []


def test_other_copies_are_told(log: KafkaEventLog, prefix: str) -> None:
    """Copies are moved by Kafka's own tool; we only say so."""
    make(f"{prefix}{topics.RECEIVED}", 24, retention_ms=str(int(topic_map.KEPT.total_seconds() * 1000)))
    (sentence,) = log.differences([topics.RECEIVED], replicas=3)
    assert sentence.startswith("topic documents.received has 1 replicas, kafka.replication says 3")
