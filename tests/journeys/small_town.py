"""A store, a broker and the one service that speaks with procedures, all of which die and come again."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.cluster.service_process import NO_TLS, ServiceProcess, run
from deploy.servers import S3, Kafka
from deploy.servers.server import LOOPBACK, free_port
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.adapters.clock import SystemClock
from services.adapters.event_log.kafka import KafkaEventLog
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.procedures import Answered, Procedure, Procedures
from services.core.model import record_files
from services.runtime.access.credentials import Access
from services.runtime.context.configuration import Configuration
from tests.journeys.instance import eventually

BROKER_WITHIN_S = 600.0
"""On a machine that does other work, a broker of a thousand partitions takes minutes to begin after a power cut."""


class PatientlyStarted(Kafka):
    """The broker, waited for as long as it takes."""

    patience_s = BROKER_WITHIN_S


@dataclass(kw_only=True)
class Town:
    """The store, the broker and the one service."""

    names: Sequence[str]
    """The procedures, twenty of them; each has two positions of its own."""
    broker: Kafka
    blobs: S3BlobStore
    service: ServiceProcess
    keys: Mapping[str, str]
    """What each speaks with, by its name; that of who administers under the empty one."""

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Who administers asks, again while the service is away."""
        head, address = {"Authorization": f"Bearer {self.keys['']}"}, f"{self.service.address}/api/v1{path}"
        answers: list[httpx.Response] = []

        def answered() -> bool:
            with suppress(httpx.TransportError):
                how: dict[str, Any] = {"timeout": 60, "trust_env": False, "verify": NO_TLS}
                answers.append(httpx.request(method, address, json=body, headers=head, **how))
            return bool(answers) and answers[-1].status_code < httpx.codes.INTERNAL_SERVER_ERROR

        eventually(answered, BROKER_WITHIN_S)
        return answers[-1]

    def answered(self) -> list[Answered]:
        """Every answer in the store."""
        kept = (key for key in self.blobs.keys(Bucket.RECORDS, "main/procedures/") if "/answered/" in key)
        return [procedures.decode(Answered, self.blobs.read(Bucket.RECORDS, key)) for key in kept]

    def kinds(self) -> Counter[str]:
        """What is stored of all exchanges, by kind."""
        return Counter(key.split("/")[3] for key in self.blobs.keys(Bucket.RECORDS, "main/procedures/"))

    def dead(self) -> list[str]:
        """What the service gave up."""
        return [*self.blobs.keys(Bucket.RECORDS, "main/dead/")]

    def strike(self) -> None:
        """Both die as in a power cut, one after the other, and come again."""
        self.service.kill()
        self.service.start()
        time.sleep(1)
        self.broker.kill()
        self.broker.restart()
        self.service.kill()
        self.comes_up()

    def comes_up(self) -> None:
        """Wait for the service."""
        eventually(self._up, BROKER_WITHIN_S)

    def _up(self) -> bool:
        """One that gave up because the broker was slow to answer is started again, as a service manager does it."""
        if not self.service.running:
            self.service.start()
        return self.service.ready()


@contextmanager
def small_town(folder: Path, names: Sequence[str]) -> Iterator[Town]:
    """So many registered procedures, each with two positions of its own."""
    with PatientlyStarted.start() as broker, S3.start() as store:
        for name, secret in (("key", store.access_key), ("secret", store.secret_key), ("session", "s" * 64)):
            (folder / name).write_text(secret, encoding="ascii")
        settings = {
            "STACK": "kafka",
            "HTTP__REQUESTS_PER_MINUTE": "1000000",
            "HTTP__SESSION_SECRET_FILE": str(folder / "session"),
            "KAFKA__BOOTSTRAP": broker.bootstrap,
            "S3__ENDPOINT": store.endpoint,
            "S3__SECURE": "false",
            "S3__ACCESS_KEY_FILE": str(folder / "key"),
            "S3__SECRET_KEY_FILE": str(folder / "secret"),
            "OPENSEARCH__ENDPOINTS": json.dumps([f"http://{LOOPBACK}:{free_port()}"]),
            "MAIL_INTAKE__PORT": str(free_port()),
            "WORKER__LONGEST_PAUSE": "PT2S",
            "PROCEDURES__WEBHOOK_TARGETS": '["127.0.0.0/8"]',
        }
        run(["topics", "apply"], {**settings, "STORAGE__FOLDER": str(folder / "desk")})
        access = S3Access(
            endpoint=store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False
        )
        blobs = S3BlobStore(access)
        blobs.prepare()
        with _configured(blobs, broker, names) as made:
            service = ServiceProcess("procedures", 1, folder=folder / "services", settings=settings)
            town = Town(names=names, broker=broker, blobs=blobs, service=service, keys=made)
            try:
                town.comes_up()
                yield town
            finally:
                service.stop()


@contextmanager
def _configured(blobs: S3BlobStore, broker: Kafka, names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """The plan and the procedures lie in the store, and their topics are there, before the service starts."""
    positions = [{"code": f"{n}.{half}", "title": "Platz"} for n in range(len(names)) for half in (1, 2)]
    plan = json.dumps({"name": "plan", "version": "1", "positions": positions}).encode()
    now = datetime.now(UTC)
    registered = tuple(Procedure(name=name, positions=places_of(name), since=now) for name in names)
    blobs.create(Bucket.RECORDS, keys.configuration("main", "plan", 1), plan)
    content = record_files.encode(Procedures(procedures=registered))
    blobs.create(Bucket.RECORDS, keys.configuration("main", "procedures", 1), content)
    with closing(KafkaEventLog(broker.bootstrap)) as log:
        # A thousand partitions: on a busy machine the broker takes longer over them than one call waits.
        eventually(lambda: all(_topics_there(log, name) for name in names), 300, every_s=1.0)
        configuration = Configuration(blobs, tenant="main")
        for kind in ("plan", "procedures"):
            configuration.refresh(kind)
        access = Access(configuration, log=log, clock=SystemClock(), secret=b"s" * 64)
        own = {name: access.add_procedure_key(name, name) for name in names}
        yield {**own, "": access.add_key("town", rights=("administer",))}


def _topics_there(log: KafkaEventLog, name: str) -> bool:
    try:
        log.ensure_topics([topics.inbox_of(name), topics.outbox_of(name)])
    except TryLater:
        return False
    return True


def places_of(name: str) -> tuple[str, str]:
    """Its positions."""
    number = name.rpartition("-")[2]
    return f"{number}.1", f"{number}.2"
