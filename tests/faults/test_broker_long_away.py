"""A broker that stays away for longer than members keep what they know of it."""

import threading
import time
from contextlib import closing, suppress
from datetime import timedelta

import pytest

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog
from services.adapters.event_log.kafka.group.silence import LOST
from services.core.errors import TryLater
from services.core.ports.event_log import Reader
from tests.ports.event_log.readers import MOMENT, TOPIC, a_key, an_event, eventually, gather, ids

pytestmark = pytest.mark.fault

AWAY_S = 3 * LOST + 10
BACK_S = 3 * LOST


def test_members_come_back_after_a_long_absence() -> None:
    """They join anew by themselves, clients that were given up leave no threads, and what was acked stays acked."""
    with Kafka.start() as broker, closing(KafkaEventLog(broker.bootstrap, patience=timedelta(seconds=4))) as log:
        log.ensure_topics([TOPIC], partitions=4)
        before = [an_event(a_key(), 1) for _ in range(20)]
        log.publish(*before)
        with closing(log.reader("group", [TOPIC])) as reader:
            reader.ack(gather(reader, {event.key for event in before}, len(before)))
            threads = threading.active_count()
            broker.kill()
            assert _read(reader, AWAY_S) == []
            broker.restart()
            eventually(log.ready)
            later = an_event(a_key(), 1)
            log.publish(later)
            assert _read(reader, BACK_S) == [later.id]
            eventually(lambda: threading.active_count() <= threads + 1)


def _read(reader: Reader, seconds: float) -> list[str]:
    """The ids of what comes until something comes, as a worker reads."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(TryLater):
            if batch := reader.read(10, MOMENT):
                return ids(batch)
    return []
