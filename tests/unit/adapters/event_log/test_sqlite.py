"""What the log in one SQLite file promises beyond the port: its file, its limits, its age."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog, store
from services.core.errors import Misconfigured, StoreFull, TryLater
from services.core.messages import topics
from tests.ports.event_log.readers import TOPIC, a_key, an_event, events_of, gather, ids


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log lies."""
    return tmp_path / "state" / "log.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteEventLog]:
    """A fresh log."""
    log = SqliteEventLog(path)
    yield log
    log.close()


def test_one_process_owns_the_file(log: SqliteEventLog, path: Path) -> None:
    """A second owner is refused with a sentence; when the first has closed, the next may open."""
    assert log.ready()
    with pytest.raises(Misconfigured, match="in use"):
        SqliteEventLog(path)
    log.close()
    SqliteEventLog(path).close()


def test_a_newer_file_is_refused(path: Path) -> None:
    """A file of a later version is left alone."""
    SqliteEventLog(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Misconfigured, match="newer"):
        SqliteEventLog(path)


def test_a_foreign_file_is_refused(path: Path) -> None:
    """What is no log is not written over, and stays openable once it is out of the way."""
    path.parent.mkdir()
    path.write_bytes(b"a shopping list" * 100)
    for _ in range(2):
        with pytest.raises(Misconfigured, match="damaged"):
            SqliteEventLog(path)
    assert path.read_bytes() == b"a shopping list" * 100


def test_a_full_disk_is_store_full_and_keeps_nothing_of_the_batch(log: SqliteEventLog) -> None:
    """StoreFull, nothing of the batch is there, and with service again publishing goes on."""
    key = a_key()
    log.publish(an_event(key, 1))
    connection = log._writer._connection
    pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFull):
        log.publish(*events_of(key, 1000, first=2))
    connection.execute("PRAGMA max_page_count = 1000000")
    last = an_event(key, 2000)
    log.publish(last)
    reader = log.reader("group", [TOPIC])
    assert ids(gather(reader, {key}, 2))[1] == last.id


def test_one_bad_batch_does_not_spoil_its_neighbours(log: SqliteEventLog) -> None:
    """Batches that share a transaction with one that cannot be written are written all the same."""
    key, bad = a_key(), "\ud800"
    failures: list[Exception] = []

    def publish_bad() -> None:
        for _ in range(20):
            try:
                log.publish(an_event(a_key(), 1, topic=bad))
            except UnicodeEncodeError as error:
                failures.append(error)

    threads = [threading.Thread(target=publish_bad) for _ in range(3)]
    for thread in threads:
        thread.start()
    sent = events_of(key, 100)
    for event in sent:
        log.publish(event)
    for thread in threads:
        thread.join()
    assert len(failures) == 60
    assert ids(gather(log.reader("group", [TOPIC]), {key}, 100)) == ids(sent)


def test_a_closed_log_says_try_later(log: SqliteEventLog) -> None:
    """Who still holds an end of a closed log gets our error, not the database's, also out of a waiting read."""
    reader, follower = log.reader("group", [TOPIC]), log.follow([topics.CONFIGURATION])
    raised: list[Exception] = []

    def wait() -> None:
        try:
            reader.read(1, timedelta(seconds=60))
        except TryLater as error:
            raised.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    log.close()
    waiting.join(timeout=60)
    assert raised
    for call in (lambda: log.publish(an_event(a_key(), 1)), lambda: follower.read(timedelta(0))):
        with pytest.raises(TryLater):
            call()
    assert not log.ready()
    reader.close()


def test_a_long_past_costs_nothing_at_the_start(
    log: SqliteEventLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group that has acknowledged 50,000 messages loads none of them, also with one left far behind."""
    key = a_key()
    log.publish(an_event(key, 1))
    log.reader("group", [TOPIC]).close()
    log.close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
            "INSERT INTO messages (topic, place, written_at, key, headers, value) "
            "SELECT topic, i, 0, key, headers, value FROM n, messages WHERE place = 1"
        )
        connection.execute("UPDATE settled SET low = 1, ahead = ?", (f"1.{_base36(49_998)}",))
    connection.close()
    loaded: list[int] = []
    load = store.load

    def counting(
        connection: sqlite3.Connection, topic: int, name: str, *, start: int, limit: int
    ) -> list[store.Placed]:
        page = load(connection, topic, name, start=start, limit=limit)
        loaded.extend(placed.place for placed in page)
        return page

    monkeypatch.setattr(store, "load", counting)
    again = SqliteEventLog(path)
    got = gather(again.reader("group", [TOPIC]), {key}, 2)
    assert len(loaded) < 1000
    assert [delivery.token.place for delivery in got if hasattr(delivery.token, "place")] == [1, 50_000]
    again.close()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def test_the_look_ahead_is_bounded(log: SqliteEventLog) -> None:
    """Behind a key that waits at most 10,000 messages are held in memory; when it goes on, so does all the rest."""
    stuck, other = a_key(), a_key()
    log.publish(*events_of(stuck, 11_000), an_event(other, 1))
    reader = log.reader("group", [TOPIC])
    reader.retry_later(gather(reader, {stuck}, 1)[0], timedelta(seconds=0.5))
    assert reader.read(10, timedelta(0)) == []
    (feed,) = log._groups["group"]._feeds.values()
    assert 10_000 <= len(feed.lane) < 10_300
    count = 0
    while count < 11_001:
        got = gather(reader, {stuck, other}, min(1000, 11_001 - count), limit=1000)
        reader.ack(got)
        count += len(got)
    assert len(feed.lane) == 0


def test_what_is_published_is_read_within_milliseconds(log: SqliteEventLog) -> None:
    """A waiting reader is woken, not polled: the median from publish to read stays far below a polling interval."""
    reader, times = log.reader("group", [TOPIC]), []
    started: list[float] = []

    def read() -> None:
        for _ in range(50):
            batch = reader.read(1, timedelta(seconds=10))
            times.append(time.monotonic() - started[-1])
            reader.ack(batch)

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(50):
        while len(times) < number:
            time.sleep(0.001)
        started.append(time.monotonic())
        log.publish(an_event(a_key(), 1))
    thread.join()
    assert sorted(times)[25] < 0.02
