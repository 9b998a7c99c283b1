"""A city whose servers trust nobody: TLS, a user and a key for each service, made by one command; post goes its way."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from deploy.servers import S3, OpenSearch
from deploy.servers.kafka.secured import ADMIN, SecuredKafka
from services import settings as settings_page
from services import stack
from services.adapters.event_log.kafka import KafkaEventLog
from services.cli.installation.first_run import prepare
from services.core.messages import topics
from services.core.model import record
from services.core.model.documents import BytesIdentity
from services.core.protocol.receiving import Arrival, receive
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.process import Process
from services.settings import Settings
from tests.journeys.instance import eventually
from tests.journeys.letters import a_mail, a_scan

pytestmark = pytest.mark.stack

PREFIX = "stadt-"
PLAN = Path(__file__).parents[1] / "plans/small.json"
POSITION = "11.10.01"
OURS = stack.SERVICES


@dataclass(frozen=True, slots=True)
class City:
    """Servers, the secrets of all users, and one mail room for each service."""

    kafka: SecuredKafka
    s3: S3
    search: OpenSearch
    folder: Path

    def tables(self, user: str) -> dict[str, dict[str, object]]:
        """The settings of a process that is this user on both servers."""
        own = self.folder / "secrets" / user
        return {
            "storage": {"folder": str(self.folder / "data" / user), "reserve": 0},
            "kafka": {
                "bootstrap": self.kafka.bootstrap,
                "security": "tls",
                "ca_file": str(self.kafka.ca_file),
                "username": f"{PREFIX}{user}",
                "password_file": str(own / "kafka_password"),
            },
            "opensearch": {"endpoints": json.dumps([self.search.endpoint])},
            "s3": {
                "endpoint": self.s3.endpoint,
                "secure": False,
                "prepared": True,
                "access_key_file": str(own / "s3_access_key"),
                "secret_key_file": str(own / "s3_secret_key"),
            },
        }

    def administrator(self) -> dict[str, dict[str, object]]:
        """The settings of who makes users."""
        own = self.folder / "secrets" / "root"
        own.mkdir(parents=True, exist_ok=True)
        (own / "kafka_password").write_text(self.kafka.settings["password"])
        (own / "s3_access_key").write_text(self.s3.access_key)
        (own / "s3_secret_key").write_text(self.s3.secret_key)
        tables = self.tables("root")
        tables["kafka"]["username"] = ADMIN
        return tables

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`poststelle …` as the administrator."""
        return self.run(self.administrator(), *words)

    def run(self, tables: Mapping[str, Mapping[str, object]], *words: str) -> subprocess.CompletedProcess[str]:
        """`poststelle …` with these settings."""
        told = {"POSTSTELLE_STACK": "kafka", "POSTSTELLE_PREFIX": PREFIX}
        told |= {
            f"POSTSTELLE_{section}__{name}".upper(): str(value)
            for section, values in tables.items()
            for name, value in values.items()
        }
        program = [sys.executable, "-m", "services", *words]
        project = Path(__file__).parents[2]
        return subprocess.run(
            program, cwd=self.folder, env={"PYTHONPATH": str(project), "PATH": "/usr/bin:/bin", **told},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def settings(self, service: str) -> Settings:
        """The settings of one service."""
        tables = self.tables(service) | {"opensearch": {"endpoints": [self.search.endpoint]}}
        return settings_page.load(
            stack="kafka",
            prefix=PREFIX,
            plan=PLAN,
            mail_intake={"port": 0},
            tika={"heap": "256MiB"},
            ledger={"sweep_every": "PT5S", "grace": "PT20S"},
            logging={"level": "error"},
            **tables,
        )


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Secured servers, with users and rights as `poststelle rights apply` makes them, and the topics."""
    folder = tmp_path_factory.mktemp("city")
    with SecuredKafka.start() as kafka, S3.start() as s3, OpenSearch.start() as search:
        city = City(kafka, s3, search, folder)
        log = KafkaEventLog(kafka.bootstrap, prefix=PREFIX, client=kafka.client())
        log.ensure_topics(topics.all_topics(), partitions=topics.PARTITIONS)
        log.close()
        applied = city.command("rights", "apply", "--secrets", str(folder / "secrets"), "--procedure", "bau")
        assert applied.returncode == 0, applied.stderr
        yield city


def test_post_goes_its_way_when_each_service_has_its_own_keys(city: City) -> None:
    """A mail and a scan are received, read, recognised, held, indexed, and one is filed by a clerk: no right lacks."""
    processes = {name: stack.open_process(city.settings(name), (name,), lambda _: None) for name in OURS}
    try:
        access = _begin(city, processes)
        received = [_deliver(processes["mail_intake"], "mail"), _deliver(processes["scan_intake"], "scan")]
        ledger = processes["ledger"].ports.ledger
        eventually(lambda: ledger.counts("main") == {"held": 2}, 180)
        _file(city, processes["filing"], access, received[0])
        eventually(lambda: ledger.counts("main") == {"held": 1, "filed": 1}, 180)
        assert {name: process.red for name, process in processes.items() if process.red} == {}
        assert processes["search"].ports.blobs.ready()
    finally:
        for process in processes.values():
            process.stop()
        for process in processes.values():
            stack.close_ports(process.ports)


def _begin(city: City, processes: Mapping[str, Process]) -> Access:
    """Start all; the ledger's mail room makes plan and accounts, and the others hear of it."""
    for process in processes.values():
        process.start()
    first = processes["ledger"]
    access = _access(city, first, "ledger")
    prepare(city.settings("ledger"), first, access, "")
    eventually(lambda: all(process.configuration.version("plan") for process in processes.values()), 180)
    return access


def _access(city: City, process: Process, name: str) -> Access:
    secret = stack.session_secret(city.settings(name))
    return Access(process.configuration, log=process.ports.log, clock=process.ports.clock, secret=secret)


def _deliver(process: Process, channel: str) -> str:
    """Receive at this mail room's listener, tell of it, and return the document."""
    content = bytes(a_mail("Ein Brief.")) if channel == "mail" else a_scan("Antrag auf\nErlaubnis")
    identity = BytesIdentity()
    identity.update(content)
    arrival = Arrival(
        tenant="main",
        channel="mail" if channel == "mail" else "scan",
        source="test",
        media_type="message/rfc822" if channel == "mail" else "image/png",
        content=BytesIO(content),
        identity=identity,
    )
    accepted = receive(arrival, blobs=process.ports.blobs, clock=process.ports.clock)
    process.ports.log.publish(accepted.event)
    return accepted.document


def _file(city: City, process: Process, access: Access, document: str) -> None:
    """Decide by the API of the filing process."""
    key = access.add_key("clerk", rights=("search", "decide"), all_offices=True)
    app = create_app(process, _access(city, process, "filing"), city.settings("filing"))
    version = record.load(process.ports.blobs, "main", document).version

    def decided() -> bool:
        """False while this process has not heard of the key."""
        answer = asyncio.run(_decide(app, document, key, version))
        assert answer.status_code in {202, 401}, answer.text
        return answer.status_code == 202

    eventually(decided)


async def _decide(app: FastAPI, document: str, key: str, version: int) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "If-Match": f'"{version}"'}
    wish = {"action": "file", "position": POSITION}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://poststelle") as client:
        return await client.post(f"/api/v1/documents/{document}/decisions", json=wish, headers=headers)


def test_rights_are_compared(city: City) -> None:
    """After applying nothing differs; what is shown is what was applied; another procedure has no rights yet."""
    assert city.command("rights", "check", "--procedure", "bau").returncode == 0
    stranger = city.command("rights", "check", "--procedure", "kfz", "--only", "log")
    assert stranger.returncode == 1
    assert "procedures.kfz: 6 rights are missing" in stranger.stdout
    shown = json.loads(city.command("rights", "show", "ocr").stdout)
    assert {"log", "store"} == set(shown["ocr"])


def test_a_process_of_several_services_has_a_user_of_its_own(city: City) -> None:
    """It may do what its services may, and nothing else; a name or service that is none is refused."""
    secrets = str(city.folder / "secrets")
    log = ("--only", "log")
    assert (
        city.command("rights", "apply", "--secrets", secrets, *log, "--process", "desk=search,ledger").returncode == 0
    )
    assert city.command("rights", "check", *log, "--process", "desk=search,ledger").returncode == 0
    changed = city.command("rights", "check", *log, "--process", "desk=search,filing")
    assert changed.returncode == 1
    assert "desk" in changed.stdout
    for wrong in ("desk=nobody", "ocr=search"):
        assert city.command("rights", "check", "--process", wrong).returncode == 2


def test_applying_again_keeps_passwords(city: City) -> None:
    """The one-shot of a start may run each time: secrets stay, nothing comes and nothing goes."""
    secrets = sorted((city.folder / "secrets").glob("*/*_*"))
    before = [file.read_text() for file in secrets]
    again = city.command("rights", "apply", "--secrets", str(city.folder / "secrets"), "--procedure", "bau")
    assert again.returncode == 0, again.stderr
    assert [file.read_text() for file in secrets] == before
    assert all(line.endswith("0 rights came, 0 went") for line in again.stdout.splitlines() if line.startswith("log"))
    assert {oct(file.stat().st_mode & 0o777) for file in secrets if file.parent.name != "root"} == {"0o600"}


@pytest.mark.parametrize(
    ("section", "name", "value", "said", "code"),
    [
        ("kafka", "username", f"{PREFIX}nobody", "kafka.username", 2),
        ("kafka", "security", "plaintext", "kafka.ca_file", 2),
        ("kafka", "password_file", "absent", "kafka.password_file", 2),
        ("s3", "secret_key_file", "/etc/hostname", "s3.secret_key_file", 2),
        ("s3", "retention_days", 30, "s3.retention_days", 2),
        ("s3", "endpoint", "127.0.0.1:9", "s3.endpoint", 69),
    ],
)
def test_what_is_set_wrongly_ends_the_start(
    city: City, section: str, name: str, *, value: object, said: str, code: int
) -> None:
    """A service that is not let in does not start, and says why: a sentence with the setting's name."""
    tables = city.tables("ocr")
    tables[section][name] = value
    tables["http"] = {"port": 0}
    ended = city.run(tables, "run", "ocr")
    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
