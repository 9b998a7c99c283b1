"""The event log beside the disk and beside SQLite: durable appends, and the way from publish to handler."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.adapters.event_log.sqlite import SqliteEventLog
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentIndexed
from tests.benchmarks.measuring import Cost, Costing, Job

ROW_BYTES = 4096
THREADS = 8
BATCH = 50
"""Events that a worker acknowledges at a time."""
RATE = 200
"""Events a second while latency is measured."""


def append_single(job: Job) -> Cost:
    """One thread, one event at a time."""
    return _append(job, threads=1, batch=1)


def append_threads(job: Job) -> Cost:
    """Eight threads, one event at a time each."""
    return _append(job, threads=THREADS, batch=1)


def append_batches(job: Job) -> Cost:
    """Eight threads, as many events at a time as a worker acknowledges."""
    return _append(job, threads=THREADS, batch=BATCH)


def bare_append(job: Job) -> Cost:
    """A loop of 4 KiB writes, each followed by fdatasync."""
    page = b"e" * ROW_BYTES
    descriptor = os.open(job.folder / "log", os.O_CREAT | os.O_WRONLY, 0o600)
    costing = Costing(job)
    for _ in range(job.size):
        os.write(descriptor, page)
        os.fdatasync(descriptor)
    cost = costing.over(job.size)
    os.close(descriptor)
    return _per_event(cost)


def latency(job: Job) -> Cost:
    """From before publish until the reader has it in hand."""
    log = SqliteEventLog(job.folder / "log.sqlite")
    reader = log.reader("indexing", (topics.INDEXED,))
    sent: dict[str, float] = {}
    seen: list[float] = []

    def listen() -> None:
        while len(seen) < job.size:
            deliveries = reader.read(50, timedelta(seconds=5))
            now = time.perf_counter()
            seen.extend(now - sent[delivery.message.key] for delivery in deliveries)
            reader.ack(deliveries)

    listener = threading.Thread(target=listen)
    listener.start()
    costing = Costing(job)
    for event in _paced(events(job.size)):
        sent[event.key] = time.perf_counter()
        log.publish(event)
    listener.join()
    cost = costing.over(len(seen), **_percentiles(seen))
    reader.close()
    log.close()
    return cost


def bare_latency(job: Job) -> Cost:
    """A writer that commits each row, and a poller looking every millisecond and only reads, so no lock is shared."""
    path = job.folder / "log.sqlite"
    writer = _table(path)
    sent = [0.0] * job.size
    seen: list[float] = []

    def poll() -> None:
        mine = sqlite3.connect(path, isolation_level=None)
        while len(seen) < job.size:
            rows = mine.execute("select id from messages where id > ?", (len(seen),)).fetchall()
            now = time.perf_counter()
            seen.extend(now - sent[row[0] - 1] for row in rows)
            if not rows:
                time.sleep(0.001)

    poller = threading.Thread(target=poll)
    poller.start()
    costing = Costing(job)
    for number, event in enumerate(_paced(events(job.size))):
        sent[number] = time.perf_counter()
        writer.execute("insert into messages (key) values (?)", (event.key,))
    poller.join()
    return costing.over(len(seen), **_percentiles(seen))


def _append(job: Job, *, threads: int, batch: int) -> Cost:
    log = SqliteEventLog(job.folder / "log.sqlite")
    made = events(job.size * batch)
    batches = [made[start : start + batch] for start in range(0, len(made), batch)]
    workers = [threading.Thread(target=_publish, args=(log, batches[first::threads])) for first in range(threads)]
    costing = Costing(job)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    cost = costing.over(job.size)
    log.close()
    return _per_event(cost, batch=batch)


def _per_event(cost: Cost, batch: int = 1) -> Cost:
    cost.more["wall_per_event"] = cost.wall / (cost.made * batch)
    return cost


def _publish(log: SqliteEventLog, batches: Sequence[Sequence[Event]]) -> None:
    for batch in batches:
        log.publish(*batch)


def events(count: int) -> list[Event]:
    """So many, each of a document of its own."""
    now = datetime.now(UTC)
    documents = [f"d{number:026d}" for number in range(count)]
    return [
        topics.emit(
            DocumentIndexed(document=document, version=1),
            cause=Cause("main", event_id(document, "bench")),
            service="indexing",
            now=now,
        )
        for document in documents
    ]


def _paced(events: Sequence[Event]) -> Iterator[Event]:
    """The events, evenly over time."""
    began = time.perf_counter()
    for number, event in enumerate(events):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        yield event


def _percentiles(seen: list[float]) -> dict[str, float]:
    ordered = sorted(seen)
    return {"p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100]}


def _table(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "pragma journal_mode = wal; pragma synchronous = full;create table messages (id integer primary key, key text);"
    )
    return connection
