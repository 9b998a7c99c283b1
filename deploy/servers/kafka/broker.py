"""One Kafka broker that is its own controller (KRaft), loopback only."""

import base64
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.servers.fetching import made_once, say, tail
from deploy.servers.kafka.class_path import HERE, archive, class_path, java
from deploy.servers.kafka.exercise import exercise
from deploy.servers.processes import Command
from deploy.servers.server import LOOPBACK, Server, ServerFailed, free_port

HEAP = ("-Xms64m", "-Xmx384m")
LEAN = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=2", "-XX:-UsePerfData")


class Kafka(Server):
    """A broker with our own cluster id; topics are made by whoever uses it."""

    name = "kafka"

    @classmethod
    def start(
        cls, folder: Path | None = None, *, properties: Mapping[str, str] | None = None, until_down: bool = False
    ) -> Self:
        """Start the broker and wait until it lists topics; `properties` outrank those of `server.properties`."""
        cls.fetch()
        shared = f"-XX:SharedArchiveFile={archive()}"
        return cls(folder, properties=properties, class_data=shared, until_down=until_down).begin()

    def __init__(
        self,
        folder: Path | None = None,
        *,
        properties: Mapping[str, str] | None = None,
        class_data: str = "-Xshare:auto",
        until_down: bool = False,
    ) -> None:
        super().__init__(folder, until_down=until_down)
        self._properties = properties or {}
        self._class_data = class_data

    @classmethod
    def fetch(cls) -> None:
        """Fetch the jars once per version and train the class-data archive once per Java."""
        class_path()
        made_once(archive(), cls._train)

    @classmethod
    def _train(cls, target: Path) -> None:
        """Let one broker do its everyday work and write down the classes it loaded as it ends."""
        say("kafka: training the class-data archive …")
        with cls(class_data=f"-XX:ArchiveClassesAtExit={target}").begin() as broker:
            exercise(broker.bootstrap)
            broker.stop(patience_s=60)
        if not target.exists():
            raise ServerFailed("kafka: the training run left no archive")
        say(f"kafka: archive of {target.stat().st_size >> 20} MB written")

    @property
    def bootstrap(self) -> str:
        """What clients take as `bootstrap.servers`."""
        return f"{LOOPBACK}:{self.settings['broker_port']}"

    def client(self) -> dict[str, str]:
        """What a client needs that may do everything."""
        return {"bootstrap.servers": self.bootstrap}

    def address(self) -> str:
        """Where the broker listens for clients."""
        return self.bootstrap

    def fresh_settings(self) -> dict[str, str]:
        """Two ports and a cluster id (16 bytes; the first is zero, so that none starts with a dash)."""
        cluster = base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")
        return {"broker_port": str(free_port()), "controller_port": str(free_port()), "cluster": cluster}

    def prepare(self) -> None:
        """Write the configuration and format the log folder."""
        template = Template((HERE / "server.properties").read_text(encoding="utf-8"))
        lines = [template.substitute(self.settings, data=self.folder / "log")]
        lines += [f"{name}={value}\n" for name, value in {**self.own_properties(), **self._properties}.items()]
        self._configuration.touch(mode=0o600)
        self._configuration.write_text("".join(lines), encoding="utf-8")
        words = ["format", *self.format_words(), "--cluster-id", self.settings["cluster"]]
        words += ["--config", str(self._configuration)]
        with self.log.open("a") as output:
            done = subprocess.run(
                self._java("kafka.tools.StorageTool", *words),
                env=self._environment,
                timeout=60,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise ServerFailed(f"kafka: the log folder could not be formatted:\n{tail(self.log)}")

    def own_properties(self) -> dict[str, str]:
        """What this kind of broker sets beyond `server.properties`."""
        return {}

    def format_words(self) -> list[str]:
        """How this kind of broker begins: alone, as its own quorum."""
        return ["--standalone"]

    def command(self) -> Command:
        """The broker on its configuration."""
        return Command(self._java(self._class_data, "kafka.Kafka", str(self._configuration)), self._environment)

    def answers(self) -> bool:
        """Whether a broker of our cluster (not a stranger on the port) lists its topics."""
        client = AdminClient({**self.client(), "log_level": 0})
        try:
            cluster = client.list_topics(timeout=2)
        except KafkaException:
            return False
        return str(cluster.cluster_id) == self.settings["cluster"]

    @property
    def _configuration(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def _java(self, *words: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
        return [java(), *HEAP, *LEAN, logging, "-cp", class_path(), *words]
