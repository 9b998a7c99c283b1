"""The real servers: they keep what they acknowledged through a kill, and leave nothing behind."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from minio import Minio

from deploy.servers import S3, Kafka, OpenSearch, ServerFailed
from deploy.servers.processes import Identity, identify
from deploy.servers.server import read_record

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]
ALL_IN_A_CHILD = """
import json, time
from deploy.servers import S3, Kafka, OpenSearch, Tika
servers = [Kafka.start(), S3.start(), OpenSearch.start(), Tika.start()]
print(json.dumps([[server.pid, str(server.folder)] for server in servers]), flush=True)
time.sleep(600)
"""


def test_an_acknowledged_record_survives_the_kill_of_the_broker() -> None:
    """A record the broker acknowledged is read after kill -9 and restart, at the same address."""
    with Kafka.start() as kafka:
        before = kafka.bootstrap
        admin = AdminClient({"bootstrap.servers": before, "log_level": 0})
        admin.create_topics([NewTopic("letters", 1, 1)])["letters"].result(60)
        producer = Producer({"bootstrap.servers": before, "acks": "all", "log_level": 0})
        producer.produce("letters", b"one letter")
        assert producer.flush(20) == 0

        kafka.kill()
        assert not kafka.running
        kafka.restart()

        assert kafka.bootstrap == before
        assert _first_value(kafka.bootstrap, "letters") == b"one letter"


def test_properties_given_outrank_those_of_the_file() -> None:
    """A suite can change a broker setting for itself."""
    with Kafka.start(properties={"auto.create.topics.enable": "true"}) as kafka:
        producer = Producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        producer.produce("unheard.of", b"value")
        assert producer.flush(20) == 0
        assert _first_value(kafka.bootstrap, "unheard.of") == b"value"


def test_an_acknowledged_object_survives_the_kill_of_the_store(tmp_path: Path) -> None:
    """An object the store acknowledged is read after kill -9 and restart, with the same keys."""
    with S3.start(tmp_path / "store", access_key="postmaster", secret_key="a-long-secret") as s3:
        client = _client(s3)
        client.make_bucket("letters")
        client.put_object("letters", "one", io.BytesIO(b"one letter"), 10)

        s3.kill()
        assert not s3.running
        s3.restart()

        with _client(s3).get_object("letters", "one") as answer:
            assert answer.read() == b"one letter"


def test_an_acknowledged_document_survives_the_kill_of_the_node() -> None:
    """A document the node acknowledged is there after kill -9 and restart, at the same address, and nothing else is."""
    with OpenSearch.start() as node:
        before = node.endpoint
        node.ask("PUT", "/letters", {}, patience_s=20)
        assert node.ask("PUT", "/letters/_doc/1", {"text": "one letter"}, patience_s=20)["result"] == "created"

        node.kill()
        assert not node.running
        node.restart()

        assert node.endpoint == before
        assert node.ask("GET", "/letters/_doc/1")["_source"] == {"text": "one letter"}
        assert node.ask("PUT", "/leters/_doc/1", {})["status"] == 404  # a slip in a name makes no index
        assert {path.name for path in node.folder.iterdir()} == {"node", "tmp", "server.json", "server.log"}


def test_a_folder_of_the_callers_is_kept_and_taken_up_again(tmp_path: Path) -> None:
    """Stopped in order, a server starts again in its folder with the same address, keys and content."""
    with S3.start(tmp_path) as first:
        _client(first).make_bucket("letters")
        with pytest.raises(ServerFailed, match="already"):
            S3.start(tmp_path)
        assert first.running
    with S3.start(tmp_path) as second:
        assert (second.endpoint, second.secret_key) == (first.endpoint, first.secret_key)
        assert _client(second).bucket_exists("letters")


def test_nothing_is_left_when_the_process_that_started_them_is_killed() -> None:
    """After kill -9 of the Python process all servers and their temporary folders are gone within seconds."""
    with subprocess.Popen(
        [sys.executable, "-c", ALL_IN_A_CHILD], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        started = json.loads(parent.stdout.readline())
        servers = [identity for pid, _ in started if (identity := identify(pid))]
        folders = [Path(folder) for _, folder in started]
        assert len(servers) == 4
        assert all(folder.exists() for folder in folders)
        parent.kill()
    _eventually(lambda: not any(server.alive for server in servers))
    _eventually(lambda: not any(folder.exists() for folder in folders))


@pytest.fixture
def folder_of_the_command(tmp_path: Path) -> Iterator[Path]:
    """Where `up` keeps its servers; they are taken down whatever the test did."""
    yield tmp_path
    _command("down", tmp_path)


def test_up_runs_until_down(folder_of_the_command: Path) -> None:
    """`up` outlives its command, a second `up` changes nothing, `down` ends the server and keeps its files."""
    first = _command("up", folder_of_the_command)
    process = _recorded(folder_of_the_command / "s3")
    assert identify(process.pid) == process
    assert str(process.pid) in first

    assert _command("up", folder_of_the_command) == first
    assert _command("status", folder_of_the_command) == first

    _command("down", folder_of_the_command)
    assert identify(process.pid) != process
    assert _command("status", folder_of_the_command) == "s3\tdown\n"
    assert (folder_of_the_command / "s3" / "drive").is_dir()


def _command(act: str, folder: Path) -> str:
    words = [sys.executable, "-W", "error", "-m", "deploy.servers", act, "s3", "--folder", str(folder)]
    return subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=300).stdout


def _recorded(folder: Path) -> Identity:
    record = read_record(folder)
    assert record is not None
    assert record.process is not None
    return record.process


def _client(s3: S3) -> Minio:
    return Minio(s3.endpoint, s3.access_key, s3.secret_key, secure=False, region="us-east-1")


def _first_value(bootstrap: str, topic: str) -> bytes | None:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "tests", "auto.offset.reset": "earliest", "log_level": 0}
    )
    consumer.subscribe([topic])
    try:
        record = consumer.poll(90)
        return record.value() if record else None
    finally:
        consumer.close()


def _eventually(true: Callable[[], bool], patience_s: float = 90.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
