"""What all clients ask of the library in the same words: a record as our message, who leads what, a quick end."""

import contextlib
import threading

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Record
from confluent_kafka._types import HeadersType
from confluent_kafka.admin import AdminClient

from services.adapters.event_log.kafka.group.silence import LogPartition
from services.adapters.event_log.kafka.options import Options
from services.adapters.event_log.kafka.outbox import CLOSING
from services.core.messages.envelope import Message


def message(record: Record, prefix: str) -> Message:
    topic = (record.topic() or "").removeprefix(prefix)
    key = (record.key() or b"").decode("utf-8", "replace")
    return Message(topic=topic, key=key, headers=_headers(record.headers()), value=record.value() or b"")


def _headers(found: HeadersType | None) -> tuple[tuple[str, bytes], ...]:
    pairs = found.items() if isinstance(found, dict) else found or ()
    return tuple((name, value.encode() if isinstance(value, str) else value or b"") for name, value in pairs)


def led(client: Producer | Consumer, seconds: float) -> set[LogPartition] | None:
    """Every partition that has a leader; None when the log does not answer within this time."""
    try:
        known = client.list_topics(timeout=seconds)
    except KafkaException:
        return None
    partitions = ((name, each) for name, topic in known.topics.items() for each in topic.partitions.values())
    return {(name, each.id) for name, each in partitions if each.leader >= 0} if known.brokers else None


def kept(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
    """What the group has committed there; KafkaException also where only one of the places has no answer.

    What the client raises by itself leaves its callbacks as a bare KafkaError, which no `except` catches; what Python
    raises leaves them as it is.
    """
    try:
        found = consumer.committed(places, timeout=CLOSING)
    except KafkaException as error:
        raise KafkaException(*error.args) from None
    if failed := next((at.error for at in found if at.error), None):
        raise KafkaException(failed)
    return found


def administrator(options: Options) -> AdminClient:
    """A client to keep: it has threads and connections of its own, and every service that joins anew asks it."""
    return AdminClient({**options, "log_level": 0})


def hush(client: AdminClient) -> None:
    """Let go of what it has to say of an outage: the others say it too, and in a client that is kept it piles up."""
    while client.poll(0):
        pass


def end(consumer: Consumer) -> None:
    """Leave in good time; a broker that is away notices by itself, and what a late callback still says is nobody's."""

    def close() -> None:
        with contextlib.suppress(KafkaException):
            consumer.close()

    closing = threading.Thread(target=close, name="log-closing", daemon=True)
    closing.start()
    closing.join(CLOSING)
