"""The event log on Kafka, put together: an outbox, a member per reader, a view per follower."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.adapters.event_log.kafka import options
from services.adapters.event_log.kafka.admin import Admin, layouts
from services.adapters.event_log.kafka.clients import GroupConsumer, IdempotentProducer, TopicConsumer
from services.adapters.event_log.kafka.depths import Depths
from services.adapters.event_log.kafka.group.assignment import Assignment
from services.adapters.event_log.kafka.group.member import Member
from services.adapters.event_log.kafka.outbox import Outbox
from services.adapters.event_log.kafka.view import View
from services.core.messages import envelope
from services.core.messages.envelope import Event
from services.core.messages.log_rights import FOLLOWER
from services.core.messages.topics import PARTITIONS
from services.core.ports.event_log import Follower, Reader


class KafkaEventLog:
    """`EventLog` on a Kafka cluster, for many threads; each reader and follower belongs to one of them."""

    def __init__(
        self,
        bootstrap: str,
        *,
        prefix: str = "",
        client: Mapping[str, str] | None = None,
        patience: timedelta = timedelta(seconds=20),
    ) -> None:
        """`prefix` goes before every topic and group; `client` holds more settings of the clients (TLS, passwords).

        `patience` is how long a broker may be away until TryLater.
        """
        self._prefix = prefix
        self._options = options.shared(bootstrap, client or {})
        self._patience = patience.total_seconds()
        self._guard = threading.Lock()
        self._depths: Depths | None = None
        self._admin: Admin | None = None
        publishing = options.publishing(self._options, patience)
        self._outbox = Outbox(lambda: IdempotentProducer(publishing, prefix), self._patience)

    def publish(self, *events: Event) -> None:
        """Durable when it returns, all of them."""
        self._outbox.publish([envelope.encode(event) for event in events])

    def reader(self, group: str, topics: Sequence[str]) -> Reader:
        """Join a group; what it has acknowledged stays acknowledged, also ahead of messages that were deferred."""
        assignment = Assignment()
        wire = GroupConsumer(
            options.member(self._options, self._prefix + group), topics, assignment=assignment, prefix=self._prefix
        )
        return Member(wire, assignment, publish=lambda events: self.publish(*events), patience=self._patience)

    def follow(self, topics: Sequence[str]) -> Follower:
        """Read all of the topics, from their beginning, without a group."""
        view = options.view(self._options, self._prefix + FOLLOWER)
        return View(TopicConsumer(view, topics, prefix=self._prefix, patience=self._patience), self._patience)

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """What the brokers kept of the group's marks, compared with the ends of the topics."""
        with self._guard:
            self._depths = self._depths or Depths(self._options, self._prefix)
        return self._depths.of(group, topics)

    def ready(self) -> bool:
        """Whether publishing would work now."""
        return self._outbox.ready()

    def close(self) -> None:
        """Send what waits and let go of the cluster."""
        self._outbox.close()
        with self._guard:
            depths, self._depths, self._admin = self._depths, None, None
        if depths:
            depths.close()

    def ensure_topics(self, names: Iterable[str], *, partitions: int = PARTITIONS, replicas: int = 0) -> None:
        """Make what is missing. TryLater with the log away, Misconfigured where one is of another kind."""
        self._administrator().ensure(layouts(names, partitions=partitions, replicas=replicas))

    def trim(self, before: datetime) -> int:
        """Brokers do it by the age that each topic is laid out with."""
        del before
        return 0

    def refusals(self, names: Iterable[str]) -> list[str]:
        """Why nobody may work on these topics, where that is so; TryLater with the log away."""
        return self._administrator().refusals(layouts(names, partitions=PARTITIONS, replicas=0))

    def differences(self, names: Iterable[str], *, replicas: int) -> list[str]:
        """Everything that is not as the map says, in sentences."""
        return self._administrator().differences(layouts(names, partitions=PARTITIONS, replicas=replicas))

    def apply_topics(self, names: Iterable[str], *, replicas: int) -> list[str]:
        """Make the topics as the map says; a line for each thing done. Misconfigured where that cannot be."""
        return self._administrator().apply(layouts(names, partitions=PARTITIONS, replicas=replicas))

    def _administrator(self) -> Admin:
        """One for all questions and threads."""
        with self._guard:
            self._admin = self._admin or Admin(self._options, self._prefix, self._patience)
            return self._admin
