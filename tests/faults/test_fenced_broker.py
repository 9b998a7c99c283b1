"""A broker that sleeps through its own session: it comes back, and at first knows of no broker, not even of itself."""

import signal
import time
from contextlib import closing, suppress
from datetime import timedelta

import pytest

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog
from services.core.errors import TryLater
from services.core.messages.envelope import message_id
from tests.faults.without_end import Publishing, Reading
from tests.ports.event_log.readers import TOPIC, eventually

pytestmark = pytest.mark.stack

ASLEEP_S = 4.0
"""Longer than the session that the controller grants the test broker."""
SLOW_TO_RETURN = {"broker.heartbeat.interval.ms": "2500"}
"""The controller takes the broker back with its next heartbeat: late enough for clients to ask in between."""
TIMES = 2


def test_clients_outlive_an_empty_list_of_brokers() -> None:
    """Publishing, reading and following go on by themselves: no client is left behind knowing nobody."""
    with (
        Kafka.start(properties=SLOW_TO_RETURN) as broker,
        closing(KafkaEventLog(broker.bootstrap)) as log,
        closing(KafkaEventLog(broker.bootstrap)) as elsewhere,
    ):
        log.ensure_topics([TOPIC], partitions=4)
        followed: set[str] = set()
        with closing(elsewhere.reader("group", [TOPIC])) as reader, closing(elsewhere.follow([TOPIC])) as follower:
            publishing, reading = Publishing(log), Reading(reader)
            publishing.start()
            reading.start()
            for _ in range(TIMES):
                before = len(publishing.acknowledged)
                eventually(lambda before=before: len(publishing.acknowledged) > before + 50)  # type: ignore[misc]  # bound early
                broker.send(signal.SIGSTOP)
                time.sleep(ASLEEP_S)
                broker.send(signal.SIGCONT)
            publishing.stopping = True
            publishing.join(60)
            eventually(lambda: publishing.acknowledged <= reading.settled | reading.unsure)
            until = time.monotonic() + 30
            while publishing.acknowledged - followed and time.monotonic() < until:
                with suppress(TryLater):
                    followed |= {message_id(message) for message in follower.read(timedelta(seconds=1))}
            reading.stopping = True
            reading.join(60)
        assert publishing.acknowledged <= followed
        assert publishing.refused == set()
