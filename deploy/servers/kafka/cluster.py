"""Three brokers that are their own controllers and copy everything twice, loopback only."""

import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from deploy.servers.kafka.broker import Kafka
from deploy.servers.kafka.class_path import archive
from deploy.servers.server import free_port

BROKERS = 3


class Peer(Kafka):
    """One of them: it knows the ports of all, and begins when most of them are there."""

    def __init__(self, number: int, ports: list[tuple[int, int]], *, cluster: str) -> None:
        super().__init__(None, class_data=f"-XX:SharedArchiveFile={archive()}")
        self._number = number
        self._ports = ports
        self._cluster = cluster

    def fresh_settings(self) -> dict[str, str]:
        """The ports that the others know."""
        broker, controller = self._ports[self._number - 1]
        return {"broker_port": str(broker), "controller_port": str(controller), "cluster": self._cluster}

    def own_properties(self) -> dict[str, str]:
        """Everything in three copies, of which two must have a record before it counts."""
        voters = (f"{number}@127.0.0.1:{controller}" for number, (_, controller) in enumerate(self._ports, 1))
        return {
            "node.id": str(self._number),
            "controller.quorum.bootstrap.servers": "",
            "controller.quorum.voters": ",".join(voters),
            "default.replication.factor": str(BROKERS),
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": str(BROKERS),
            "transaction.state.log.replication.factor": str(BROKERS),
            "transaction.state.log.min.isr": "2",
            "share.coordinator.state.topic.replication.factor": str(BROKERS),
            "share.coordinator.state.topic.min.isr": "2",
        }

    def format_words(self) -> list[str]:
        """The quorum stands in the configuration."""
        return []


class KafkaCluster:
    """The three of them, each in a fresh folder that is gone afterwards."""

    def __init__(self, brokers: list[Peer]) -> None:
        self.brokers = brokers

    @classmethod
    def start(cls) -> Self:
        """Start all at once, for none is ready alone, and wait until each answers."""
        Kafka.fetch()
        ports = [(free_port(), free_port()) for _ in range(BROKERS)]
        cluster = base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")
        made = cls([Peer(number, ports, cluster=cluster) for number in range(1, BROKERS + 1)])
        try:
            with ThreadPoolExecutor(BROKERS) as pool:
                list(pool.map(Peer.begin, made.brokers))
        except BaseException:
            made.stop()
            raise
        return made

    @property
    def bootstrap(self) -> str:
        """What clients take as `bootstrap.servers`."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def numbered(self, number: int) -> Peer:
        """The broker that the cluster knows by this number."""
        return self.brokers[number - 1]

    def stop(self) -> None:
        """End all of them, at once: the last ones would wait for a quorum."""
        with ThreadPoolExecutor(BROKERS) as pool:
            list(pool.map(Peer.stop, self.brokers))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
