"""The Kafka log while its broker or its processes are killed, and while work takes longer than a session."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog, library
from services.core.errors import TryLater
from services.core.messages.envelope import message_id
from services.core.ports.event_log import Delivery, Reader
from tests.faults.without_end import Publishing, Reading
from tests.ports.event_log.readers import MOMENT, TOPIC, a_key, an_event, eventually, gather, ids

pytestmark = pytest.mark.stack

SESSION = 6.0
"""Seconds without a heartbeat after which the test broker gives a member's partitions away."""
SILENCE = 3.0
"""Seconds in which nothing comes although a reader asks for more."""
ACK_AND_DIE = """
import os, signal, sys
from datetime import timedelta
from services.adapters.event_log.kafka import KafkaEventLog, library
from services.adapters.event_log.kafka.group.assignment import Position
from tests.ports.event_log.readers import TOPIC, gather

bootstrap, prefix, *keys = sys.argv[1:]
reader = KafkaEventLog(bootstrap, prefix=prefix).reader("group", [TOPIC])
got = {delivery.message.key: delivery for delivery in gather(reader, keys, len(keys))}
reader.retry_later(got.pop(keys[0]), timedelta(hours=1))
reader.ack(list(got.values()))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    """A broker of our own, to kill."""
    with Kafka.start() as kafka:
        yield kafka


@pytest.fixture
def prefix(broker: Kafka) -> str:
    """Fresh topics, one partition each: everything meets in it."""
    return _topics(broker, partitions=1)


def _topics(broker: Kafka, partitions: int) -> str:
    prefix = f"fault-{uuid.uuid4().hex[:12]}."
    log = KafkaEventLog(broker.bootstrap, prefix=prefix)
    log.ensure_topics([TOPIC], partitions=partitions)
    log.close()
    return prefix


@pytest.fixture
def log(broker: Kafka, prefix: str) -> Iterator[KafkaEventLog]:
    """A log with little patience."""
    log = KafkaEventLog(broker.bootstrap, prefix=prefix, patience=timedelta(seconds=4))
    yield log
    log.close()


def test_a_killed_broker_costs_nothing(broker: Kafka) -> None:
    """Kill -9 and restart, again and again: what was acked is read, what was acked does not come again."""
    log = KafkaEventLog(broker.bootstrap, prefix=_topics(broker, 4), patience=timedelta(seconds=4))
    reader = log.reader("group", [TOPIC])
    publishing, reading = Publishing(log), Reading(reader)
    publishing.start()
    reading.start()
    for outage in (0.0, 8.0, 0.0):
        before = len(reading.settled)
        eventually(lambda before=before: len(reading.settled) > before + 50)  # type: ignore[misc]  # bound early
        broker.kill()
        time.sleep(outage)
        broker.restart()
    before = len(reading.settled)
    eventually(lambda: len(reading.settled) > before + 50)
    publishing.stopping = True
    publishing.join()
    eventually(lambda: publishing.acknowledged <= reading.settled | reading.unsure)
    reading.stopping = True
    reading.join()
    reader.close()
    log.close()
    assert publishing.refused
    assert reading.repeated <= publishing.refused


def test_an_absent_broker_is_a_matter_of_patience(broker: Kafka, log: KafkaEventLog) -> None:
    """While the broker is away everything says TryLater in good time, nothing hangs; afterwards all works again."""
    key = a_key()
    log.publish(an_event(key, 1))
    reader = log.reader("group", [TOPIC])
    held = gather(reader, {key}, 1)
    broker.kill()
    since = time.monotonic()
    assert not log.ready()
    with pytest.raises(TryLater):
        log.publish(an_event(key, 2))
    with pytest.raises(TryLater):
        reader.ack(held)
    with pytest.raises(TryLater):
        log.follow([TOPIC])
    with pytest.raises(TryLater):
        reader.read(1, timedelta(seconds=1))
    assert time.monotonic() - since < 120
    broker.restart()
    eventually(log.ready)
    later = an_event(a_key(), 1)
    log.publish(later)
    reader.ack(held)
    assert ids(gather(reader, {later.key}, 1)) == [later.id]
    reader.close()


def test_leaving_while_the_broker_is_away_is_quick(broker: Kafka, log: KafkaEventLog) -> None:
    """A process can stop although the log is away."""
    key = a_key()
    log.publish(an_event(key, 1))
    reader = log.reader("group", [TOPIC])
    gather(reader, {key}, 1)
    broker.kill()
    since = time.monotonic()
    reader.close()
    log.close()
    assert time.monotonic() - since < 60
    broker.restart()


def test_marks_that_come_too_late_cost_a_new_joining(log: KafkaEventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that does not tell the group's marks in time is asked again; neither reading nor leaving dies of it."""
    log.publish(sent := an_event(a_key(), 1))
    in_time = library.kept

    def late(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
        in_time(consumer, places)
        raise KafkaException(
            KafkaError(KafkaError._TIMED_OUT)
        )  # the answer was faster than our clock: late all the same

    with monkeypatch.context() as hurried:
        hurried.setattr(library, "CLOSING", 1e-6)
        hurried.setattr(library, "kept", late)
        reader = log.reader("group", [TOPIC])
        assert reader.read(1, timedelta(seconds=8)) == []
    assert ids(gather(reader, {sent.key}, 1)) == ids([sent])
    reader.close()


def test_a_killed_process_repeats_only_what_it_had_not_settled(
    broker: Kafka, prefix: str, log: KafkaEventLog, project: Path
) -> None:
    """Killed right after a settle: only the one deferred before comes again, although it lies below all others."""
    keys = [a_key() for _ in range(40)]
    sent = [an_event(key, 1) for key in keys]
    log.publish(*sent)
    command = [sys.executable, "-c", ACK_AND_DIE, broker.bootstrap, prefix, *keys]
    assert subprocess.run(command, cwd=project, timeout=300, check=False).returncode == -signal.SIGKILL
    marker = an_event(a_key(), 1)
    log.publish(marker)
    reader = log.reader("group", [TOPIC])
    assert ids(gather(reader, {*keys, marker.key}, 2)) == [sent[0].id, marker.id]
    reader.close()


def test_long_work_keeps_its_membership(log: KafkaEventLog) -> None:
    """A handler that works longer than a session lasts loses nothing, although another member waits for work."""
    key = a_key()
    log.publish(*(an_event(key, number) for number in (1, 2)))
    working, waiting = log.reader("group", [TOPIC]), log.reader("group", [TOPIC])
    held: list[Delivery] = []
    other = waiting
    while not held:
        for reader, idle in ((working, waiting), (waiting, working)):
            if not held and (held := reader.read(1, MOMENT)):
                working, other = reader, idle
    until = time.monotonic() + 2 * SESSION
    while time.monotonic() < until:
        assert other.read(1, MOMENT) == []
    working.ack(held)
    second = working.read(1, timedelta(seconds=60))
    assert len(second) == 1
    working.ack(second)
    working.close()
    other.close()


def test_a_second_member_joins_in_the_middle_of_work(broker: Kafka) -> None:
    """Partitions that go to a newcomer take along what is done; what was in flight there comes again, nothing else."""
    log = KafkaEventLog(broker.bootstrap, prefix=_topics(broker, 4))
    sent = [an_event(a_key(), 1) for _ in range(200)]
    log.publish(*sent)
    first = log.reader("group", [TOPIC])
    held = gather(first, {event.key for event in sent}, 200, limit=200)
    first.ack(held[::2])
    in_flight = {message_id(delivery.message) for delivery in held[1::2]}
    second = log.reader("group", [TOPIC])
    moved: set[str] = set()
    until = time.monotonic() + 120
    while not moved and time.monotonic() < until:
        assert first.read(10, MOMENT) == []
        moved = set(ids(second.read(200, MOMENT)))
    while batch := second.read(200, timedelta(seconds=2)):
        moved |= set(ids(batch))
    first.ack(held)
    first.close()
    second.close()
    heir = log.reader("group", [TOPIC])
    again = set(ids(gather(heir, {event.key for event in sent}, len(moved))))
    assert moved
    assert moved < in_flight
    assert again == moved
    heir.close()
    log.close()


def test_too_much_done_ahead_waits_for_the_low_one(log: KafkaEventLog) -> None:
    """When more is done ahead than a commit can hold, the partition waits for its oldest; then everything flows."""
    sent = [an_event(a_key(), 1) for _ in range(3500)]
    log.publish(*sent)
    reader = log.reader("group", [TOPIC])
    keys = {event.key for event in sent}
    done = [False]
    held = gather(reader, keys, 1)
    came_at = time.monotonic()
    while time.monotonic() < came_at + SILENCE:
        for delivery in held:
            reader.retry_later(delivery, timedelta(seconds=20))
        batch = reader.read(100, MOMENT)
        came_at = time.monotonic() if batch else came_at
        every_second = [len(done) % 2 == place % 2 for place in range(len(batch))]
        reader.ack([delivery for delivery, chosen in zip(batch, every_second, strict=True) if chosen])
        held = [delivery for delivery, chosen in zip(batch, every_second, strict=True) if not chosen]
        done += every_second
    settled = sum(done)
    assert 500 < settled < 1500
    assert reader.read(100, MOMENT) == []
    rest: list[str] = []
    eventually(lambda: _ack_some(reader, rest) + settled == len(sent))
    assert len(set(rest)) == len(sent) - settled
    reader.close()


def _ack_some(reader: Reader, done: list[str]) -> int:
    batch = reader.read(500, MOMENT)
    reader.ack(batch)
    done += ids(batch)
    return len(done)
