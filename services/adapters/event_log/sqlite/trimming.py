"""What of the log may go: which messages nobody waits for any more, deleted in steps whose cost is bounded.

A clock that was set back leaves messages that seem to come from the future. They stay until that time has come, for a
backup reads from them up to when files were written (see `snapshot`), and they keep no older neighbour from going.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

STEP = 2_000
"""Messages that one transaction looks at; publishing goes on between two of them."""
_SHRINK_ABOVE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """What shall go of a topic: what was written before, as far as these groups and all that ever read it are done."""

    topic: str
    before_ms: int
    """Milliseconds since 1970."""
    now_ms: int
    awaited: Collection[str] = ()
    """Groups that have to read the topic, also where they never came."""
    start: int = 1
    """The place to look from."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What came of one step."""

    deleted: int = 0
    go_on: int | None = None
    """The place where the next step begins; None: there is nothing more to delete."""


def trim(connection: sqlite3.Connection, topic: int, cut: Cut, *, compacted: bool) -> Trimmed:
    """Look at up to `STEP` messages from the start of the cut on, oldest first, and delete those that may go.

    The newest message always stays, for places are counted from it; of a compacted topic the newest of each key. The
    first that is too young ends it, so that a long log which is kept costs one look and not a walk through all of it.
    """
    end = _end(connection, topic, cut, compacted=compacted)
    seen = connection.execute(
        "SELECT place, written_at FROM messages WHERE topic = ? AND place >= ? AND place < ? ORDER BY place LIMIT ?",
        (topic, cut.start, end, STEP),
    ).fetchall()
    young = next((place for place, written_at in seen if cut.before_ms <= written_at <= cut.now_ms), None)
    stop = young or (seen[-1][0] + 1 if seen else cut.start)
    newer = "AND later.key = messages.key" if compacted else ""
    deleted = connection.execute(
        f"""DELETE FROM messages
            WHERE topic = :topic AND place >= :start AND place < :stop AND written_at < :before
              AND EXISTS (SELECT 1 FROM messages AS later
                          WHERE later.topic = :topic AND later.place > messages.place {newer})""",  # noqa: S608 - no word of it comes from outside
        {"topic": topic, "start": cut.start, "stop": stop, "before": cut.before_ms},
    ).rowcount
    return Trimmed(deleted, stop if young is None and len(seen) == STEP else None)


def shrink(connection: sqlite3.Connection) -> None:
    """Give room back to the disk where most of the file is empty, as after the first trim of an old log.

    Nobody may be at it: it writes the file anew. Where the disk has no room for that it stays as it is.
    """
    size, pages, free = (int(_pragma(connection, name)) for name in ("page_size", "page_count", "freelist_count"))
    if size * free < _SHRINK_ABOVE_BYTES or free < pages // 2:
        return
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_FULL:
            raise


def _end(connection: sqlite3.Connection, topic: int, cut: Cut, *, compacted: bool) -> int:
    """The first place that somebody still waits for, the newest message at the latest."""
    marks = dict(connection.execute("SELECT reader_group, low FROM settled WHERE topic = ?", (topic,)))
    if not compacted and not marks.keys() >= set(cut.awaited):
        return 0
    newest = connection.execute("SELECT max(place) FROM messages WHERE topic = ?", (topic,)).fetchone()[0]
    return min([int(newest or 0), *map(int, marks.values())])


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
