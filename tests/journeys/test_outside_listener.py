"""Kafka as docker compose opens it to procedures outside: the same settings, on a real broker."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from deploy.servers import Kafka
from deploy.servers.server import free_port
from services.adapters.event_log.kafka import KafkaEventLog
from services.core.messages import topics
from tests.journeys.instance import ROOT, Instance, Tables

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

COMPOSE = ROOT / "deploy/compose"
NAME, OTHER = "bauverfahren", "kfz"


def properties() -> dict[str, str]:
    """What the image makes of the environment: `_` is a dot, `___` a dash (apache/kafka, its README)."""
    both = [ROOT / "docker-compose.yml", COMPOSE / "kafka-outside.yml"]
    told: dict[str, str] = {}
    for file in both:
        told |= yaml.safe_load(file.read_text(encoding="utf-8"))["services"]["kafka"]["environment"]
    names = {name: name.removeprefix("KAFKA_").lower() for name in told if name.startswith("KAFKA_")}
    return {own.replace("___", "-").replace("_", "."): told[name] for name, own in names.items()}


class Opened(Kafka):
    """The broker of the composition, with ports and files of this machine in place of those of its container."""

    outside = 0
    certificate = Path()

    def own_properties(self) -> dict[str, str]:
        """Everything that the override says; of the rest `server.properties` says the same for one machine."""
        inside, controller = self.settings["broker_port"], self.settings["controller_port"]
        here = {
            "//:9092": f"//127.0.0.1:{inside}",
            "//kafka:9092": f"//127.0.0.1:{inside}",
            "//localhost:9093": f"//127.0.0.1:{controller}",
            "//:9094": f"//127.0.0.1:{self.outside}",
            "${KAFKA_HOST:-localhost}:${KAFKA_PORT:-9094}": f"localhost:{self.outside}",
            "/run/secrets/kafka_certificate": str(self.certificate),
        }
        wanted = ("listener", "advertised", "sasl", "ssl", "authorizer", "super", "allow")
        said = {name: value for name, value in properties().items() if name.startswith(wanted)}
        for there, ours in here.items():
            said = {name: value.replace(there, ours) for name, value in said.items()}
        return said


@dataclass(frozen=True, slots=True)
class Outside:
    """What a procedure was given."""

    port: int
    authority: Path
    secrets: Path

    def client(self, name: str, **other: str) -> dict[str, str]:
        """As the documentation has it."""
        password = (self.secrets / f"procedures.{name}/kafka_password").read_text(encoding="utf-8").strip()
        return {
            "bootstrap.servers": f"localhost:{self.port}",
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.authority),
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": f"procedures.{name}",
            "sasl.password": password,
            **other,
        }


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The broker, its topics, and the users that `rights apply` made by the listener inside."""
    folder = tmp_path_factory.mktemp("outside")
    script = [str(COMPOSE / "kafka-certificate.sh"), "localhost", str(folder / "made")]
    for _ in range(2):  # what is there stays
        subprocess.run(script, check=True, capture_output=True, timeout=60)
    Opened.outside, Opened.certificate = free_port(), folder / "made/kafka/broker.pem"
    before = Opened.certificate.read_bytes()
    with Opened.start(folder / "broker") as broker:
        assert Opened.certificate.read_bytes() == before
        settings: Tables = {"stack": "kafka", "kafka": {"bootstrap": broker.bootstrap}}
        admin = Instance(folder / "admin", settings)
        admin.command("topics", "apply")
        words = [word for name in (NAME, OTHER) for word in ("--procedure", name)]
        admin.command("rights", "apply", "--only", "log", "--secrets", str(folder / "secrets"), *words)
        with closing(KafkaEventLog(broker.bootstrap)) as log:
            log.ensure_topics([topic(name) for name in (NAME, OTHER) for topic in (topics.inbox_of, topics.outbox_of)])
        producer = Producer(broker.client())
        for name in (NAME, OTHER):
            producer.produce(topics.inbox_of(name), b"{}")
        assert producer.flush(30) == 0
        yield Outside(Opened.outside, folder / "made/kafka/authority.pem", folder / "secrets")


def read(client: dict[str, str], topic: str) -> int | None:
    """The first record of a topic is read: None; else the code of the refusal."""
    consumer = Consumer({**client, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        message = consumer.poll(30)
        assert message is not None, "neither read nor refused"
        error = message.error()
        return error.code() if error else None
    except KafkaException as refused:
        code: int = refused.args[0].code()
        return code
    finally:
        consumer.close()


def test_a_procedure_reads_its_own_inbox_and_no_other(outside: Outside) -> None:
    """By TLS, user and password at the advertised name; the broker itself denies the rest."""
    own = outside.client(NAME, **{"group.id": f"procedures.{NAME}"})
    assert read(own, topics.inbox_of(NAME)) is None
    assert read(own, topics.inbox_of(OTHER)) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert read(own, topics.RECEIVED) == KafkaError.TOPIC_AUTHORIZATION_FAILED


@pytest.mark.parametrize(
    "changed",
    [{"sasl.password": "falsch"}, {"security.protocol": "PLAINTEXT"}, {"security.protocol": "SASL_PLAINTEXT"}],
    ids=["password", "nothing", "no TLS"],
)
def test_nobody_comes_in_without_tls_and_password(outside: Outside, changed: dict[str, str]) -> None:
    """The listener answers none of them."""
    client = outside.client(NAME, **{"group.id": f"procedures.{NAME}", **changed})
    with pytest.raises(KafkaException):
        Consumer(client).list_topics(timeout=10)
