"""The tables of the log, every statement that touches them, and what SQLite's errors mean to us."""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.adapters.event_log.sqlite.trimming import shrink
from services.adapters.event_log.watermark import Watermark
from services.core.errors import Misconfigured, StoreFull, TryLater
from services.core.messages.envelope import Message

SCHEMA_VERSION = 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE topics (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL REFERENCES topics,
    place INTEGER NOT NULL,  -- counts 1, 2, 3 … within the topic
    written_at INTEGER NOT NULL,  -- milliseconds since 1970
    key TEXT NOT NULL,
    headers BLOB NOT NULL,  -- MessagePack: [[name, bytes], …]
    value BLOB NOT NULL
);
CREATE UNIQUE INDEX messages_by_place ON messages (topic, place);
CREATE TABLE settled (
    reader_group TEXT NOT NULL,
    topic INTEGER NOT NULL REFERENCES topics,
    low INTEGER NOT NULL,  -- all places below are settled
    ahead TEXT NOT NULL,  -- and these above: see watermark.py
    PRIMARY KEY (reader_group, topic)
) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""
_WAL_LIMIT_BYTES = 64 * 1024 * 1024
_BUSY_SECONDS = 5.0
"""Only somebody with a database shell can make us wait: no second process gets past the lock file."""

_HEADERS = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...])
_PACK = msgspec.msgpack.Encoder()

Row = tuple[str, bytes, bytes]
"""Key, headers, value as stored."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A message and its place in the topic."""

    place: int
    message: Message


@contextmanager
def translated() -> Iterator[None]:
    """SQLite's failures as ours: full is StoreFull, everything else the disk's or the file's is TryLater."""
    try:
        yield
    except sqlite3.Error as error:
        raise translation(error) from error


def translation(error: Exception) -> Exception:
    """What an error of the database is called in this mail room; others stay what they are."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StoreFull() if code == sqlite3.SQLITE_FULL else TryLater()


def claim(path: Path) -> BinaryIO:
    """Take the lock file beside the log, for as long as the stream is open; Misconfigured when somebody has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Misconfigured(f"The event log {path} is in use: another Poststelle runs on this data folder.") from error
    return lock


def prepare(path: Path) -> sqlite3.Connection:
    """Open the log for writing, made anew where there is none; Misconfigured when the file is none of ours."""
    try:
        connection = connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            connection.executescript(_SCHEMA)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
            raise translation(error) from error
        raise Misconfigured(f"The event log {path} cannot be opened: it is damaged, or no event log.") from error
    if version > SCHEMA_VERSION:
        connection.close()
        raise Misconfigured(f"The event log {path} was written by a newer Poststelle (version {version}).")
    with translated():
        shrink(connection)
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """One more connection; every statement outside BEGIN is its own transaction."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
    # FULL: each commit is on the disk before it returns, also when the power fails (NORMAL loses the last ones).
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
    return connection


def row(message: Message) -> Row:
    """The message as it is stored."""
    return (message.key, _PACK.encode(message.headers), message.value)


def topic_numbers(connection: sqlite3.Connection) -> dict[str, int]:
    """The topics that there are."""
    return dict(connection.execute("SELECT name, number FROM topics"))


def add_topic(connection: sqlite3.Connection, name: str) -> int:
    """A new topic; its number."""
    cursor = connection.execute("INSERT INTO topics (name) VALUES (?)", (name,))
    return int(cursor.lastrowid or 0)


def last_place(connection: sqlite3.Connection, topic: int) -> int:
    """The place of the newest message, 0 where there is none."""
    return int(connection.execute("SELECT max(place) FROM messages WHERE topic = ?", (topic,)).fetchone()[0] or 0)


def first_place(connection: sqlite3.Connection, topic: int) -> int:
    """The place of the oldest message, 1 where there is none."""
    return int(connection.execute("SELECT min(place) FROM messages WHERE topic = ?", (topic,)).fetchone()[0] or 1)


def append(connection: sqlite3.Connection, topic: int, rows: Sequence[Row], *, last: int, now_ms: int) -> int:
    """Write behind the last place; the new last place."""
    connection.executemany(
        "INSERT INTO messages (topic, place, written_at, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)",
        ((topic, place, now_ms, *content) for place, content in enumerate(rows, last + 1)),
    )
    return last + len(rows)


def load(connection: sqlite3.Connection, topic: int, name: str, *, start: int, limit: int) -> list[Placed]:
    """Messages from a place on, in order."""
    found = connection.execute(
        "SELECT place, key, headers, value FROM messages WHERE topic = ? AND place >= ? ORDER BY place LIMIT ?",
        (topic, start, limit),
    ).fetchall()  # all at once: an open cursor would keep the write-ahead log from being folded back
    return [
        Placed(place, Message(topic=name, key=key, headers=_HEADERS.decode(headers), value=value))
        for place, key, headers, value in found
    ]


def load_mark(connection: sqlite3.Connection, group: str, topic: int) -> Watermark | None:
    """What the group has acknowledged, None for a new group."""
    found = connection.execute(
        "SELECT low, ahead FROM settled WHERE reader_group = ? AND topic = ?", (group, topic)
    ).fetchone()
    return Watermark.decode(*found) if found else None


def unacked(connection: sqlite3.Connection, group: str, name: str) -> int:
    """Messages of a topic that the group has not acknowledged; none of a topic that was never written or read."""
    found = connection.execute("SELECT number FROM topics WHERE name = ?", (name,)).fetchone()
    if found is None:
        return 0
    mark = load_mark(connection, group, found[0]) or Watermark(first_place(connection, found[0]))
    return mark.open_up_to(last_place(connection, found[0]) + 1)


def save_mark(connection: sqlite3.Connection, group: str, topic: int, *, mark: Watermark) -> None:
    """Write down what the group has acknowledged. A column has no limit worth a repeat: all ranges are kept."""
    connection.execute(
        "INSERT OR REPLACE INTO settled (reader_group, topic, low, ahead) VALUES (?, ?, ?, ?)",
        (group, topic, mark.low, mark.encode(limit=2**30)),
    )
