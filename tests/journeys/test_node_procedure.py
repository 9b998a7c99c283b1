"""A permit procedure in Node.js takes part through a broker that trusts nobody; another is denied by the broker."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from deploy.servers import S3, OpenSearch
from deploy.servers.kafka.secured import ADMIN, SecuredKafka
from tests.journeys.filing import file_into, settled
from tests.journeys.instance import ROOT, Instance, Json, Tables, eventually
from tests.journeys.letters import a_mail

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

NAME, STRANGER, POSITION, PREFIX = "bauverfahren", "kfz", "11.10.02", "stadt-"
CLIENT = ROOT / "docs/examples/node"
ANSWERED_S = 120


@dataclass(frozen=True, slots=True)
class Permits:
    """The mail room, its broker, and what the procedure was given by the operator."""

    broker: SecuredKafka
    process: Instance
    secrets: Path
    settings: Json

    def client(self, name: str) -> dict[str, str]:
        """What Kafka wants to know of a procedure's user."""
        password = (self.secrets / f"procedures.{name}/kafka_password").read_text(encoding="utf-8").strip()
        return self.broker.client(f"{PREFIX}procedures.{name}", password)

    def inbox(self) -> list[Path]:
        """What the procedure has, but for what it is writing."""
        folder = Path(self.settings["folder"]) / "in"
        return [file for file in folder.glob("*") if not file.name.startswith(".")]


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
        secrets, procedures = folder / "secrets", ("--procedure", NAME, "--procedure", STRANGER)
        admin.command("rights", "apply", "--only", "log", "--secrets", str(secrets), *procedures)
        ours = _login(broker, f"{PREFIX}poststelle", secrets / "poststelle/kafka_password")
        with Instance(folder / "hall", {**servers, "kafka": ours}) as process:
            process.command("procedure", "add", NAME, "--position", POSITION)
            (folder / "key").write_text(process.command("key", "add", NAME, "--procedure", NAME), encoding="ascii")
            yield Permits(broker, process, secrets, _settings(folder, broker, process))


def _login(broker: SecuredKafka, user: str, password_file: Path) -> dict[str, object]:
    return {
        "bootstrap": broker.bootstrap,
        "security": "tls",
        "ca_file": str(broker.ca_file),
        "username": user,
        "password_file": str(password_file),
    }


def _settings(folder: Path, broker: SecuredKafka, process: Instance) -> Json:
    """What the integrator writes down of that which the operator handed out."""
    settings: Json = {
        "name": NAME,
        "url": process.url,
        "key_file": str(folder / "key"),
        "prefix": PREFIX,
        "brokers": [broker.bootstrap],
        "ca_file": str(broker.ca_file),
        "username": f"{PREFIX}procedures.{NAME}",
        "password_file": str(folder / f"secrets/procedures.{NAME}/kafka_password"),
        "folder": str(folder / "client"),
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return settings


class Client:
    """The client of the documentation, which dies and is started again."""

    def __init__(self, settings: Path) -> None:
        self._command = ["node", str(CLIENT / "procedure.mjs"), str(settings)]
        self._process = subprocess.Popen(self._command)

    def runs(self) -> bool:
        """Whether it did not end by itself."""
        return self._process.poll() is None

    def kill(self) -> None:
        """As by kill -9."""
        self._process.kill()
        self._process.wait(30)

    def restart(self) -> None:
        """Begin again with what lies in its folder."""
        self.kill()
        self._process = subprocess.Popen(self._command)


@pytest.fixture
def procedure(permits: Permits) -> Iterator[Client]:
    """The client at work, prepared as the build server does it."""
    subprocess.run([ROOT / "deploy/prepare.sh", "node"], cwd=ROOT, check=True, timeout=300)
    client = Client(Path(permits.settings["key_file"]).with_name("settings.json"))
    try:
        yield client
    finally:
        client.kill()


def test_a_clerk_finds_letter_and_answer_by_the_number_of_the_procedure(permits: Permits, procedure: Client) -> None:
    """It receives, acknowledges by its own number and submits an answer, killed in between: each once, in one file."""
    process = permits.process
    receipt = process.send(a_mail("Ich beantrage ein Carport."))
    document = settled(process, receipt, "held")["document"]
    file_into(process, document, POSITION)
    # Killed where it may have acknowledged and uploaded already, and again where its answer may be under way.
    for _ in range(2):
        eventually(lambda: procedure.runs() and permits.inbox(), ANSWERED_S)
        procedure.restart()
    eventually(lambda: procedure.runs() and _outcomes(permits), ANSWERED_S)
    (outcome,) = _outcomes(permits)
    answer = settled(process, outcome["receipt"], "filed")
    (letter,) = (file for file in permits.inbox() if not file.suffix)
    assert b"Carport" in letter.read_bytes()
    stops = process.get(f"/receipts/{receipt}")["history"]
    (number,) = {stop["reference"] for stop in stops if stop["stage"] == "referenced"}
    eventually(lambda: len(process.search(f'"{number}"')) > 1)
    both = {document, answer["document"]}
    assert {hit["document"] for hit in process.search(f'"{number}"')} == both
    (file,) = {stop["file"] for told in (stops, answer["history"]) for stop in told if stop.get("file")}
    assert sorted(line["document"] for line in process.pages(f"/files/{file}")) == sorted(both)
    assert process.ready()["red"] == {}


def _outcomes(permits: Permits) -> list[Json]:
    outcomes = [json.loads(file.read_text(encoding="utf-8")) for file in permits.inbox() if file.suffix == ".json"]
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
