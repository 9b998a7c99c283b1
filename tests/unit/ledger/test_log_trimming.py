"""The mail room trims its own log: at intervals, and only what is older than it was told to keep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog
from services.core.messages import topics
from services.core.ports.bundle import Ports
from services.ledger.service import SERVICE
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context
from services.settings import load
from tests.fakes.blob_store import MemoryBlobStore
from tests.ports.event_log.readers import TOPIC, a_key, events_of, gather

SENT = 12


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteEventLog]:
    """A log in which everything was worked off."""
    log = SqliteEventLog(tmp_path / "log.sqlite")
    key = a_key()
    log.publish(*events_of(key, SENT))
    reader = log.reader("ledger", [TOPIC])
    reader.ack(gather(reader, {key}, SENT))
    yield log
    log.close()


def after(passed: timedelta, log: SqliteEventLog, folder: Path) -> Context:
    """The ledger, so much later."""
    blobs, nothing = MemoryBlobStore(), cast("Any", None)
    clock = cast("Any", SimpleNamespace(now=lambda: datetime.now(UTC) + passed))
    ports = Ports(log=log, blobs=blobs, extractor=nothing, ocr=nothing, index=nothing, ledger=nothing, clock=clock)
    return Context(
        service="ledger",
        ports=ports,
        settings=load(storage={"folder": folder, "keep_events": "P3D"}),
        configuration=Configuration(blobs, tenant="main"),
        log=silent_logger(),
    )


def test_a_round_of_the_ledger_trims_what_is_old(log: SqliteEventLog, tmp_path: Path) -> None:
    """Two days are within the three that are kept; after four only the newest message is left."""
    (trimming,) = (round_ for round_ in SERVICE.rounds if round_.name == "trimming")
    early, late = (after(timedelta(days=days), log, tmp_path) for days in (2, 4))
    assert trimming.every(early.settings) == timedelta(minutes=10)
    for context, left in ((early, SENT), (late, 1)):
        trimming.act(context)
        assert log.backlog("new", [TOPIC]) == {TOPIC: left}


def test_every_topic_is_worked_on_or_goes_by_age() -> None:
    """Each topic of the map has its readers among those that trimming waits for."""
    for service in topics.READ_BY:
        assert all(service in topics.working_on(topic) for topic in topics.worked_on(service, ["bau"]))
