"""The Kafka log under the contract suite: one broker for the whole run, fresh topics with few partitions for a test."""

import atexit
import functools
import uuid
from collections.abc import Sequence
from pathlib import Path

from deploy.servers import Kafka
from services.adapters.event_log.kafka import KafkaEventLog
from services.adapters.event_log.kafka.group.member import Member
from services.core.messages.envelope import Message
from services.core.messages.topics import CONFIGURATION, FILED, INDEXED, RECEIVED
from services.core.ports.event_log import Reader

PARTITIONS = 4


@functools.cache
def broker() -> Kafka:
    """Started when the first test needs it; it ends with the run."""
    kafka = Kafka.start()
    atexit.register(kafka.stop)
    return kafka


class MortalLog(KafkaEventLog):
    """A log that can end as a killed process does, seen from when the broker has noticed."""

    def __init__(self, prefix: str) -> None:
        super().__init__(broker().bootstrap, prefix=prefix)
        self._members: list[Member] = []

    def reader(self, group: str, topics: Sequence[str]) -> Reader:
        """Remembered, to die later."""
        member = super().reader(group, topics)
        assert isinstance(member, Member)
        self._members.append(member)
        return member

    def die(self) -> None:
        """Nothing is committed any more."""
        for member in self._members:
            member._assignment.take_all()
            member.close()
        self.close()


class KafkaLogs:
    """A crash is an end without a commit here; `tests/faults` kills real processes."""

    def __init__(self, _folder: Path) -> None:
        self._prefix = f"test-{uuid.uuid4().hex[:12]}."
        self._log = MortalLog(self._prefix)
        topics = (INDEXED, FILED, RECEIVED, CONFIGURATION)
        self._log.ensure_topics(topics, partitions=PARTITIONS)

    def open(self) -> KafkaEventLog:
        """One log per life."""
        return self._log

    def reopen_after_crash(self) -> KafkaEventLog:
        """Another process finds what the broker has."""
        self._log.die()
        self._log = MortalLog(self._prefix)
        return self._log

    def publish_raw(self, message: Message) -> None:
        """Past the encoding."""
        self._log._outbox.publish([message])

    def close(self) -> None:
        """Leave the groups."""
        self._log.die()
