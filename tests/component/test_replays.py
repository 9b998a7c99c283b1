"""Fifty documents die of a planted bug, the bug is removed, and a replay brings all of them to the end."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.adapters.event_log.kafka import KafkaEventLog
from services.adapters.event_log.sqlite import SqliteEventLog
from services.classification.service import SERVICE as CLASSIFICATION
from services.core.messages import topics
from services.core.ports.event_log import EventLog
from services.indexing.service import SERVICE as INDEXING
from tests.component.city_hall import API, a_mail
from tests.component.working_hall import WorkingHall, with_a_bug
from tests.ports.event_log.kafka_logs import broker

POST = 50
PATIENCE = 180.0
Opened = Callable[[], EventLog]


def sqlite_log(folder: Path) -> EventLog:
    """The log of one folder."""
    return SqliteEventLog(folder / "log.sqlite")


def kafka_log(_: Path) -> EventLog:
    """The log of a city, under names of its own."""
    log = KafkaEventLog(broker().bootstrap, prefix=f"replay-{uuid.uuid4().hex[:8]}.")
    log.ensure_topics(topics.all_topics(), partitions=2)
    return log


@pytest.fixture(
    params=[pytest.param(sqlite_log, id="sqlite"), pytest.param(kafka_log, id="kafka", marks=pytest.mark.stack)]
)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    """A log that outlives the halls of a test."""
    opened: EventLog = request.param(tmp_path)
    yield opened
    opened.close()


def eventually(holds: Callable[[], object]) -> None:
    """Wait for something that the threads of a hall bring about."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.05)


def post(hall: WorkingHall) -> list[str]:
    """Fifty letters come in; their receipts."""
    return [hall.deliver(a_mail(f"Antrag {n}", f"Bitte um Auskunft Nummer {n}.")) for n in range(POST)]


@pytest.mark.long
def test_fifty_dead_of_a_bug_are_brought_to_the_end(log: EventLog, tmp_path: Path) -> None:
    """With the bug a replay dies again, each under a new id; without it the dry run counts fifty, and none is left."""
    broken = WorkingHall(tmp_path, log, with_a_bug(CLASSIFICATION), worker={"breaker": 1000})
    receipts = post(broken)
    eventually(lambda: broken.dead() == POST)
    first = {item["id"] for item in broken.pages("/dead-letters", limit="20")}
    documents = {item["document"] for item in broken.pages("/dead-letters", limit="20")}
    assert len(first) == len(documents) == POST
    assert broken.replay(dry_run=False)["count"] == POST
    eventually(lambda: broken.dead(topic="classification.replays") == broken.dead() == POST)
    assert not first & {item["id"] for item in broken.pages("/dead-letters", limit="200")}
    broken.close()

    healed = WorkingHall(tmp_path, log)
    told = healed.replay(dry_run=True)
    assert (told["count"], told["unreadable"]) == (POST, 0)
    assert told["groups"] == [{"service": "classification", "error_code": "bug", "count": POST}]
    assert healed.dead(service="filing") == healed.dead(error_code="schema") == healed.dead(to="2020-01-01") == 0
    assert healed.dead(service="classification", code_version="0") == 0
    assert healed.replay(dry_run=False, service="classification")["count"] == POST
    eventually(lambda: healed.at_the_end() == POST)
    eventually(lambda: healed.dead() == 0)
    assert {line["receipt"] for line in healed.pages("/receipts", limit="200")} == set(receipts)
    assert healed.get("/overview")["documents"] == {"held": POST}
    metrics = healed.client.get("/metrics").text
    assert 'poststelle_queue_depth{service="classification",topic="classification.replays"} 0.0' in metrics
    healed.close()


@pytest.mark.long
def test_a_stopped_service_goes_on_after_the_restart(log: EventLog, tmp_path: Path) -> None:
    """Twenty in a row stop indexing; what waits is worked off without the bug, and the twenty by a replay."""
    broken = WorkingHall(tmp_path, log, with_a_bug(INDEXING), indexing={"batch": 5})
    post(broken)
    eventually(lambda: broken.process.red)
    assert broken.process.red == {"indexing": "breaker"}
    dead = broken.dead()
    assert 20 <= dead < 30
    flow = {queue["service"]: queue for queue in broken.get("/overview")["flow"]["queues"]}
    assert flow["indexing"]["dead"] == dead
    assert flow["indexing"]["waiting"] > 0
    assert broken.client.get("/health/ready").status_code == 503
    assert 'poststelle_service_stopped{code="breaker",service="indexing"} 1.0' in broken.client.get("/metrics").text
    assert "Der Dienst indexing hat angehalten" in broken.client.get("/status").text
    eventually(lambda: set(broken.get("/overview")["documents"]) == {"held"})
    broken.close()

    healed = WorkingHall(tmp_path, log)
    assert healed.replay(dry_run=False)["count"] == dead
    eventually(lambda: healed.dead() == 0)
    eventually(lambda: healed.at_the_end() == POST)
    assert healed.process.red == {}
    assert healed.client.get(f"{API}/search", params={"q": "Auskunft"}).json()["total"] == POST
    healed.close()
