"""What of the log in one SQLite file goes, what stays, what it costs, and whether the disk gets its room back."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.adapters.event_log.sqlite.trimming import STEP, Cut, Trimmed, trim
from services.core.messages import topics
from tests.ports.event_log.readers import TOPIC, a_key, an_event, events_of, follow_until, gather, ids

TOMORROW = datetime.now(UTC) + timedelta(days=1)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
DAY_MS = 86_400_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log lies."""
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteEventLog]:
    """A fresh log."""
    log = SqliteEventLog(path)
    yield log
    log.close()


def written(path: Path, *, place: int, ago_ms: int) -> None:
    """Say when a message was written."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        now = int(time.time() * 1000)
        connection.execute("UPDATE messages SET written_at = ? WHERE place = ?", (now - ago_ms, place))


def filled(path: Path, count: int) -> None:
    """Copies of the one message that is there, written a year ago and acknowledged."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO messages (topic, place, written_at, key, headers, value) "
            "SELECT topic, i, written_at, key, headers, value FROM n, messages WHERE place = 1",
            (count,),
        )
        connection.execute("UPDATE messages SET written_at = written_at - 365 * 86400000")
        connection.execute("UPDATE settled SET low = ?", (count + 1,))


def test_trimming_spares_what_somebody_needs(log: SqliteEventLog) -> None:
    """Old and acknowledged by every group goes; unsettled stays, and what a service that never came works on."""
    key = a_key()
    sent = events_of(key, 10)
    log.publish(*sent, an_event(key, 1, topics.FILED))
    fast, slow = log.reader("ledger", [TOPIC]), log.reader("slow", [TOPIC])
    fast.ack(gather(fast, {key}, 10))
    slow.ack(gather(slow, {key}, 4))
    assert log.trim(datetime.now(UTC) - timedelta(days=1)) == 0
    assert log.trim(TOMORROW) == 4
    assert ids(gather(log.reader("new", [TOPIC]), {key}, 6)) == ids(sent[4:])
    assert len(gather(log.reader("new", [topics.FILED]), {key}, 1)) == 1


def test_trimming_everything_never_gives_a_place_twice(log: SqliteEventLog, path: Path) -> None:
    """After all is acknowledged and trimmed and the process was restarted, what comes next is still delivered."""
    key = a_key()
    log.publish(*events_of(key, 10))
    reader = log.reader("ledger", [TOPIC])
    reader.ack(gather(reader, {key}, 10))
    assert log.trim(TOMORROW) == 9
    log.close()
    again = SqliteEventLog(path)
    later = an_event(key, 11)
    again.publish(later)
    assert ids(gather(again.reader("ledger", [TOPIC]), {key}, 1)) == [later.id]
    again.close()


def test_a_compacted_topic_keeps_the_newest_of_each_key(log: SqliteEventLog) -> None:
    """Followers see the newest per key after trimming, and a new group acknowledges over the gaps for good."""
    topic, keys = topics.CONFIGURATION, [a_key() for _ in range(3)]
    sent = [an_event(key, number, topic) for number in (1, 2) for key in keys]
    sent.append(an_event(keys[0], 3, topic))
    log.publish(*sent)
    old = log.reader("old", [topic])
    old.ack(gather(old, keys, len(sent)))
    assert log.trim(TOMORROW) == 4
    kept = [sent[4], sent[5], sent[6]]
    assert [message.key for message in follow_until(log.follow([topic]), keys, 3)] == [event.key for event in kept]
    new = log.reader("new", [topic])
    got = gather(new, keys, 3)
    assert ids(got) == ids(kept)
    new.ack(got)
    marks = dict(log._writer._connection.execute("SELECT reader_group, low || ':' || ahead FROM settled"))
    assert marks == {"old": "8:", "new": "8:"}


def test_what_nobody_works_on_goes_by_age(log: SqliteEventLog) -> None:
    """Dead letters lie in the store and a procedure's inbox too: their topics have no reader to wait for."""
    told = [topics.dead_topic("ocr"), topics.inbox_of("bau")]
    key = a_key()
    for topic in told:
        log.publish(*(replace(event, topic=topic) for event in events_of(key, 3)))
    assert log.trim(YESTERDAY) == 0
    assert log.trim(TOMORROW) == 4
    assert [topics.working_on(topic) for topic in told] == [frozenset(), frozenset()]


def test_a_procedures_word_waits_for_its_reader(log: SqliteEventLog) -> None:
    """An outbox belongs to the procedures, also while they are not there."""
    outbox = topics.outbox_of("bau")
    log.publish(*(replace(event, topic=outbox) for event in events_of(a_key(), 3)))
    assert log.trim(TOMORROW) == 0
    assert topics.working_on(outbox) == {"procedures"}
    assert topics.working_on(topics.replay_topic("ocr")) == {"ocr"}


def test_messages_from_a_clock_ahead_stay_and_hold_nothing_up(log: SqliteEventLog, path: Path) -> None:
    """A backup needs the latest time that was ever written; what is old beside such a message goes."""
    key = a_key()
    log.publish(*events_of(key, 6))
    reader = log.reader("ledger", [TOPIC])
    reader.ack(gather(reader, {key}, 6))
    for place in (1, 2, 4, 5):
        written(path, place=place, ago_ms=3 * DAY_MS)
    written(path, place=3, ago_ms=-3 * DAY_MS)
    assert log.trim(YESTERDAY) == 4
    assert [delivery.token.place for delivery in gather(log.reader("new", [TOPIC]), {key}, 2)] == [3, 6]  # type: ignore[attr-defined]
    with contextlib.closing(Snapshot(path)) as snapshot:
        assert snapshot.moment_ns > time.time_ns() + 2 * DAY_MS * 10**6


def test_a_long_log_that_is_kept_costs_one_look(log: SqliteEventLog, path: Path) -> None:
    """Where the oldest message is too young, nothing behind it is looked at."""
    log.publish(an_event(a_key(), 1))
    log.reader("ledger", [TOPIC]).close()
    filled(path, 3 * STEP)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        now = int(time.time() * 1000)
        young = Cut(TOPIC, before_ms=now - 400 * DAY_MS, now_ms=now)
        assert trim(connection, 1, young, compacted=False) == Trimmed(0, None)
        old = Cut(TOPIC, before_ms=now, now_ms=now)
        assert trim(connection, 1, old, compacted=False) == Trimmed(STEP, STEP + 1)


def test_the_disk_gets_its_room_back(log: SqliteEventLog, path: Path, tmp_path: Path) -> None:
    """A log that was never trimmed for years is small after the next start, and in a backup at once."""
    log.publish(an_event(a_key(), 1))
    log.reader("ledger", [TOPIC]).close()
    filled(path, 40_000)
    assert log.trim(YESTERDAY) == 39_999
    with contextlib.closing(Snapshot(path)) as snapshot:
        snapshot.copy_to(tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").stat().st_size < 1_000_000
    log.close()
    assert path.stat().st_size > 10_000_000
    again = SqliteEventLog(path)
    again.close()
    assert path.stat().st_size < 1_000_000
