"""Procedures in Node.js, Python and Java take part through a broker that trusts nobody; another is denied by it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from deploy.servers import S3, OpenSearch
from deploy.servers.kafka.class_path import class_path, java
from deploy.servers.kafka.secured import ADMIN, SecuredKafka
from tests.journeys.filing import file_into, settled
from tests.journeys.instance import ROOT, Instance, Json, Tables, eventually
from tests.journeys.letters import a_mail

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

STRANGER, PREFIX = "kfz", "stadt-"
PLACES = {"node": "11.10.02", "python": "11.10.03", "java": "11.10.04"}
"""Where the client of each language takes part, under its name."""
NAME = "node"
EXAMPLES = ROOT / "docs/examples"
ANSWERED_S = 180


@dataclass(frozen=True, slots=True)
class Permits:
    """The mail room, its broker, and what the procedure was given by the operator."""

    broker: SecuredKafka
    process: Instance
    folder: Path

    @property
    def secrets(self) -> Path:
        """One folder for each user."""
        return self.folder / "secrets"

    def client(self, name: str) -> dict[str, str]:
        """What Kafka wants to know of a procedure's user."""
        password = (self.secrets / f"procedures.{name}/kafka_password").read_text(encoding="utf-8").strip()
        return self.broker.client(f"{PREFIX}procedures.{name}", password)

    def inbox(self, name: str) -> list[Path]:
        """What the procedure has, but for what it is writing."""
        return [file for file in (self.folder / name / "in").glob("*") if not file.name.startswith(".")]


@pytest.fixture(scope="module")
def permits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Permits]:
    """A mail room that is one user on a secured broker; two procedures with users there, one of them registered."""
    folder = tmp_path_factory.mktemp("permits")
    with SecuredKafka.start() as broker, S3.start() as store, OpenSearch.start() as node:
        (folder / "admin").mkdir()
        secret_files = {"admin_password": broker.settings["password"], "store_key": store.access_key}
        for name, secret in {**secret_files, "store_secret": store.secret_key}.items():
            (folder / name).write_text(secret, encoding="ascii")
        servers: Tables = {
            "stack": "kafka",
            "prefix": PREFIX,
            "opensearch": {"endpoints": [node.endpoint]},
            "s3": {
                "endpoint": store.endpoint,
                "secure": False,
                "access_key_file": str(folder / "store_key"),
                "secret_key_file": str(folder / "store_secret"),
            },
        }
        admin = Instance(folder / "admin", {**servers, "kafka": _login(broker, ADMIN, folder / "admin_password")})
        admin.command("topics", "apply")
        secrets, procedures = (
            folder / "secrets",
            [word for name in (*PLACES, STRANGER) for word in ("--procedure", name)],
        )
        admin.command("rights", "apply", "--only", "log", "--secrets", str(secrets), *procedures)
        ours = _login(broker, f"{PREFIX}poststelle", secrets / "poststelle/kafka_password")
        with Instance(folder / "hall", {**servers, "kafka": ours}) as process:
            made = Permits(broker, process, folder)
            for name, position in PLACES.items():
                process.command("procedure", "add", name, "--position", position)
                _settings(made, name)
            yield made


def _login(broker: SecuredKafka, user: str, password_file: Path) -> dict[str, object]:
    return {
        "bootstrap": broker.bootstrap,
        "security": "tls",
        "ca_file": str(broker.ca_file),
        "username": user,
        "password_file": str(password_file),
    }


def _settings(permits: Permits, name: str) -> None:
    """What the integrator writes down of that which the operator handed out."""
    key, folder = permits.folder / f"{name}.key", permits.folder
    key.write_text(permits.process.command("key", "add", name, "--procedure", name), encoding="ascii")
    settings: Json = {
        "name": name,
        "url": permits.process.url,
        "key_file": str(key),
        "prefix": PREFIX,
        "brokers": [permits.broker.bootstrap],
        "ca_file": str(permits.broker.ca_file),
        "username": f"{PREFIX}procedures.{name}",
        "password_file": str(permits.secrets / f"procedures.{name}/kafka_password"),
        "folder": str(folder / name),
    }
    (folder / f"{name}.json").write_text(json.dumps(settings), encoding="utf-8")


def _command(name: str) -> list[str]:
    """How the documentation starts it; Java takes the jars that the broker has."""
    if name == "node":
        return ["node", str(EXAMPLES / "node/procedure.mjs")]
    if name == "python":
        return [sys.executable, str(EXAMPLES / "kafka_procedure.py")]
    return [java(), "-cp", class_path(), str(EXAMPLES / "java/Procedure.java")]


class Client:
    """The client of the documentation, which dies and is started again."""

    def __init__(self, permits: Permits, name: str) -> None:
        self.name = name
        self._command = [*_command(name), str(permits.folder / f"{name}.json")]
        self._process = subprocess.Popen(self._command)

    def runs(self) -> bool:
        """Whether it did not end by itself."""
        return self._process.poll() is None

    def kill(self) -> None:
        """As by kill -9."""
        self._process.kill()
        self._process.wait(60)

    def restart(self) -> None:
        """Begin again with what lies in its folder."""
        self.kill()
        self._process = subprocess.Popen(self._command)


@pytest.fixture(params=PLACES)
def procedure(permits: Permits, request: pytest.FixtureRequest) -> Iterator[Client]:
    """The client of each language at work, prepared as the build server does it."""
    if request.param == "node":
        subprocess.run([ROOT / "deploy/prepare.sh", "node"], cwd=ROOT, check=True, timeout=300)
    client = Client(permits, request.param)
    try:
        yield client
    finally:
        client.kill()


def test_a_clerk_finds_letter_and_answer_by_the_number_of_the_procedure(permits: Permits, procedure: Client) -> None:
    """It receives, acknowledges by its own number and submits an answer, killed in between: each once, in one file."""
    process, name = permits.process, procedure.name
    assert "acknowledged it" in process.command("procedure", "test", name, "--wait", str(int(ANSWERED_S)))
    receipt = process.send(a_mail(f"Ich beantrage ein Carport, Fall {name}."))
    document = settled(process, receipt, "held")["document"]
    file_into(process, document, PLACES[name])
    # Killed where it may have acknowledged and uploaded already, and again where its answer may be under way.
    for _ in range(2):
        eventually(lambda: procedure.runs() and permits.inbox(name), ANSWERED_S)
        procedure.restart()
    eventually(lambda: procedure.runs() and _outcomes(permits, name), ANSWERED_S)
    (outcome,) = _outcomes(permits, name)
    answer = settled(process, outcome["receipt"], "filed")
    # The outcome may lie on a partition that is read before the one of the delivery, which comes again after a death.
    eventually(lambda: procedure.runs() and _letters(permits, name), ANSWERED_S)
    (letter,) = _letters(permits, name)
    assert b"Carport" in letter.read_bytes()
    stops = process.get(f"/receipts/{receipt}")["history"]
    (number,) = {stop["reference"] for stop in stops if stop["stage"] == "referenced"}
    eventually(lambda: len(process.search(f'"{number}"')) > 1)
    both = {document, answer["document"]}
    assert {hit["document"] for hit in process.search(f'"{number}"')} == both
    (file,) = {stop["file"] for told in (stops, answer["history"]) for stop in told if stop.get("file")}
    assert sorted(line["document"] for line in process.pages(f"/files/{file}")) == sorted(both)
    assert process.ready()["red"] == {}


def _letters(permits: Permits, name: str) -> list[Path]:
    return [file for file in permits.inbox(name) if not file.suffix]


def _outcomes(permits: Permits, name: str) -> list[Json]:
    outcomes = [json.loads(file.read_text(encoding="utf-8")) for file in permits.inbox(name) if file.suffix == ".json"]
    return [outcome for outcome in outcomes if "receipt" in outcome]


def test_another_procedure_is_denied_by_the_broker(permits: Permits) -> None:
    """With a user of its own it neither reads this one's inbox nor writes its outbox nor joins its group."""
    client = permits.client(STRANGER)
    group = f"{PREFIX}procedures.{STRANGER}"
    assert _refusal_of_reading(client, group) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    own = permits.client(NAME)
    assert _refusal_of_reading(own, group) == KafkaError.GROUP_AUTHORIZATION_FAILED
    said: list[int] = []
    producer = Producer(client)
    outbox = f"{PREFIX}procedures.{NAME}.outbox"
    producer.produce(outbox, b"{}", on_delivery=lambda error, _: said.append(error.code() if error else 0))
    producer.flush(30)
    assert said == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


def _refusal_of_reading(client: dict[str, str], group: str) -> int:
    consumer = Consumer({**client, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([f"{PREFIX}procedures.{NAME}.inbox"])
    try:
        while True:
            message = consumer.poll(30)
            assert message is not None, "it was not refused"
            error = message.error()
            assert error is not None, "it was let in"
            if error.code() in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}:
                return error.code()
    except KafkaException as refused:
        code: int = refused.args[0].code()
        return code
    finally:
        consumer.close()
