"""Documents for twenty procedures over a real broker, while their service and the broker are killed in turn."""

import json
import os
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.cluster.service_process import ServiceProcess, run
from deploy.servers import S3, Kafka
from deploy.servers.server import LOOPBACK, free_port
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.adapters.event_log.kafka import KafkaEventLog
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentFiled
from services.core.messages.procedures import Answered, Procedure, Procedures
from services.core.model import record_files
from services.core.model.record_files import Filing, RegisterEntry
from tests.journeys.instance import eventually
from tests.journeys.offices import Offices
from tests.journeys.telling import Progress

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

PROCEDURES = tuple(f"verfahren-{number}" for number in range(20))
DOCUMENTS = int(os.environ.get("TEST_DELIVERIES", "300"))
"""CI brings so many; `TEST_DELIVERIES=10000` is the size of a city's month."""
ROUNDS = 2 if DOCUMENTS < 1_000 else 5
"""So often both are killed, the service twice each time."""
WITHIN_S = 120.0 + DOCUMENTS / 5
EVERY_S = 0.1 if DOCUMENTS < 1_000 else 5.0
"""Between two looks at what is there: a look lists everything."""


@dataclass(kw_only=True)
class Town:
    """The store, the broker and the one service."""

    broker: Kafka
    blobs: S3BlobStore
    service: ServiceProcess

    def answered(self) -> list[Answered]:
        """Every answer in the store."""
        kept = (key for key in self.blobs.keys(Bucket.RECORDS, "main/procedures/") if "/answered/" in key)
        return [procedures.decode(Answered, self.blobs.read(Bucket.RECORDS, key)) for key in kept]

    def kinds(self) -> Counter[str]:
        """What is stored of all exchanges, by kind."""
        return Counter(key.split("/")[3] for key in self.blobs.keys(Bucket.RECORDS, "main/procedures/"))

    def strike(self) -> None:
        """Both die as in a power cut, one after the other, and come again."""
        self.service.kill()
        self.service.start()
        time.sleep(1)
        self.broker.kill()
        self.broker.restart()
        self.service.kill()
        self.service.start()
        self.service.wait_ready()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Twenty registered procedures, each with two positions of its own."""
    with Kafka.start() as broker, S3.start() as store:
        for name, secret in (("key", store.access_key), ("secret", store.secret_key), ("session", "s" * 64)):
            (tmp_path / name).write_text(secret, encoding="ascii")
        settings = {
            "STACK": "kafka",
            "HTTP__SESSION_SECRET_FILE": str(tmp_path / "session"),
            "KAFKA__BOOTSTRAP": broker.bootstrap,
            "S3__ENDPOINT": store.endpoint,
            "S3__SECURE": "false",
            "S3__ACCESS_KEY_FILE": str(tmp_path / "key"),
            "S3__SECRET_KEY_FILE": str(tmp_path / "secret"),
            "OPENSEARCH__ENDPOINTS": json.dumps([f"http://{LOOPBACK}:{free_port()}"]),
            "MAIL_INTAKE__PORT": str(free_port()),
            "WORKER__LONGEST_PAUSE": "PT2S",
        }
        run(["topics", "apply"], {**settings, "STORAGE__FOLDER": str(tmp_path / "desk")})
        access = S3Access(
            endpoint=store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False
        )
        blobs = S3BlobStore(access)
        blobs.prepare()
        with _configured(blobs, broker):
            service = ServiceProcess("procedures", 1, folder=tmp_path / "services", settings=settings)
            service.start()
            try:
                service.wait_ready()
                yield Town(broker=broker, blobs=blobs, service=service)
            finally:
                service.stop()


@contextmanager
def _configured(blobs: S3BlobStore, broker: Kafka) -> Iterator[None]:
    """The plan and the procedures lie in the store, and their topics are there, before the service starts."""
    positions = [{"code": f"{n}.{half}", "title": "Platz"} for n in range(len(PROCEDURES)) for half in (1, 2)]
    plan = json.dumps({"name": "plan", "version": "1", "positions": positions}).encode()
    now = datetime.now(UTC)
    registered = tuple(Procedure(name=name, positions=_places(name), since=now) for name in PROCEDURES)
    blobs.create(Bucket.RECORDS, keys.configuration("main", "plan", 1), plan)
    content = record_files.encode(Procedures(procedures=registered))
    blobs.create(Bucket.RECORDS, keys.configuration("main", "procedures", 1), content)
    with closing(KafkaEventLog(broker.bootstrap)) as log:
        # A thousand partitions: on a busy machine the broker takes longer over them than one call waits.
        eventually(lambda: all(_topics_there(log, name) for name in PROCEDURES), 300, every_s=1.0)
        yield


def _topics_there(log: KafkaEventLog, name: str) -> bool:
    try:
        log.ensure_topics([topics.inbox_of(name), topics.outbox_of(name)])
    except TryLater:
        return False
    return True


def _places(name: str) -> tuple[str, str]:
    number = name.rpartition("-")[2]
    return f"{number}.1", f"{number}.2"


class Registrar(threading.Thread):
    """Files documents as the service of filings does: the entry in the store first, then the event."""

    def __init__(self, blobs: S3BlobStore, bootstrap: str) -> None:
        super().__init__(daemon=True)
        self._blobs, self._brokers = blobs, bootstrap
        self.filed = 0

    def run(self) -> None:
        """All of them, file by file a few at a time; what the log refuses is published again."""
        with closing(KafkaEventLog(self._brokers)) as log:
            for begin in range(0, DOCUMENTS, 20):
                events = [self._event(number) for number in range(begin, min(begin + 20, DOCUMENTS))]
                while not _published(log, events):
                    time.sleep(0.5)
                self.filed += len(events)

    def _create(self, key: str, content: bytes) -> None:
        """As a worker does: what a busy store refuses is asked again."""
        while True:
            try:
                self._blobs.create(Bucket.RECORDS, key, content)
            except TryLater:
                time.sleep(0.5)
            else:
                return

    def _event(self, number: int) -> Event:
        document, decision = f"d{number:026d}", str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
        position, entry = _places(PROCEDURES[number % 20])[number // 20 % 2], number // 40 + 1
        file, now = f"{position}/1-2026", datetime.now(UTC)
        made = Filing(
            cause=decision,
            made_at=now,
            decision=decision,
            by="automation",
            outcome="filed",
            file=file,
            entry=entry,
            position=position,
        )
        line = RegisterEntry(
            file=file,
            entry=entry,
            document=document,
            decision=decision,
            position=position,
            plan_version="1",
            by="automation",
            entered_at=now,
        )
        self._create(keys.register_entry("main", file, entry), record_files.encode(line))
        self._create(keys.stage("main", document, "filing", 1), record_files.encode(made))
        facts = DocumentFiled(
            document=document,
            revision=1,
            filing=decision,
            file=file,
            entry=entry,
            position=position,
            plan_version="1",
        )
        return topics.emit(facts, cause=Cause("main", decision), service="filing", now=now)


def _published(log: KafkaEventLog, events: list[Event]) -> bool:
    try:
        log.publish(*events)
    except TryLater:
        return False
    return True


@pytest.fixture
def offices(town: Town, tmp_path: Path) -> Iterator[Offices]:
    """The procedures, taking part."""
    offices = Offices(PROCEDURES, town.broker.bootstrap, tmp_path / "offices")
    offices.start()
    try:
        yield offices
    finally:
        offices.stop()


def test_no_delivery_is_missing_and_none_is_answered_twice(
    town: Town, offices: Offices, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every inbox is complete, each file is told in the order of its entries, and each delivery has one answer."""
    registrar = Registrar(town.blobs, town.broker.bootstrap)

    def so_far() -> str:
        return f"filed {registrar.filed}, told {offices.count()}, answered {town.kinds()['answered']} of {DOCUMENTS}"

    progress, begun = Progress(so_far, capfd, within_s=WITHIN_S, every_s=EVERY_S), time.monotonic()
    registrar.start()
    for number in range(ROUNDS):
        progress.until(lambda part=number + 1: registrar.filed >= DOCUMENTS * part // (ROUNDS + 1))  # type: ignore[misc]
        town.strike()
    registrar.join(WITHIN_S)
    progress.until(lambda: offices.count() >= DOCUMENTS)
    progress.until(lambda: town.kinds()["answered"] >= DOCUMENTS)
    with capfd.disabled():
        sys.stderr.write(f"{DOCUMENTS} in {time.monotonic() - begun:.0f} s, {offices.repeats()} repeats\n")
    _is_complete(offices)
    assert len({answer.delivery for answer in town.answered()}) == DOCUMENTS
    kinds = town.kinds()
    assert (kinds["delivered"], kinds["answered"], kinds["inbox"]) == (DOCUMENTS, DOCUMENTS, DOCUMENTS)
    assert kinds["refused"] == 0
    assert not [*town.blobs.keys(Bucket.RECORDS, "main/dead/")]


def _is_complete(offices: Offices) -> None:
    """Each procedure was told of the entries of its two files, each once, in their order, and of no other's."""
    for number, name in enumerate(PROCEDURES):
        wanted = Counter(
            (_places(name)[place // 20 % 2], place // 40 + 1) for place in range(number, DOCUMENTS, len(PROCEDURES))
        )
        assert Counter((facts["position"], facts["entry"]) for facts in offices.told(name)) == wanted, name
        for position in _places(name):
            entries = [facts["entry"] for facts in offices.told(name) if facts["position"] == position]
            assert entries == sorted(entries), (name, position)
