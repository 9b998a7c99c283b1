"""A backup after the clock was set back, and one after the walk through the store changed its order."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog
from services.core.keys import Bucket
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups.backup import Tally
from tests.unit.runtime.archive import Archive, restored


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """With three receipts in it."""
    archive = Archive(tmp_path)
    archive.write("a", "b", "c")
    yield archive
    archive.log.close()


def test_a_clock_that_was_set_back_leaves_nothing_out(archive: Archive, tmp_path: Path) -> None:
    """The newest event tells that it is later than the clock says."""
    later = time.time_ns() + 3600 * 10**9
    for path in (archive.data / "blobs").rglob("*.json"):
        os.utime(path, ns=(later, later))
    archive.log.close()
    with sqlite3.connect(archive.data / "log.sqlite") as log:
        log.execute("UPDATE messages SET written_at = ?", (later // 10**6,))
    log.close()
    assert restored(archive.back_up()[0], tmp_path / "again") == {"a", "b", "c"}


def test_events_under_the_new_clock_do_not_hide_the_latest_moment(archive: Archive, tmp_path: Path) -> None:
    """After a clock was set back by an hour and one more event came, all that was written before is in the backup."""
    later = time.time_ns() + 3600 * 10**9
    for path in (archive.data / "blobs").rglob("*.json"):
        os.utime(path, ns=(later, later))
    archive.log.close()
    with contextlib.closing(sqlite3.connect(archive.data / "log.sqlite")) as log, log:
        log.execute("UPDATE messages SET written_at = ?", (later // 10**6,))
    archive.log = SqliteEventLog(archive.data / "log.sqlite")
    archive.write("d")
    assert restored(archive.back_up()[0], tmp_path / "again") == {"a", "b", "c", "d"}


def test_no_receipt_without_its_original_though_the_clock_was_set_back(archive: Archive, tmp_path: Path) -> None:
    """The moment lies ahead of the clock, so what comes while the backup runs is taken; its cause always with it."""
    later = time.time_ns() + 3600 * 10**9
    archive.log.close()
    with contextlib.closing(sqlite3.connect(archive.data / "log.sqlite")) as log, log:
        log.execute("UPDATE messages SET written_at = ?", (later // 10**6,))
    archive.log = SqliteEventLog(archive.data / "log.sqlite")
    archive.blobs.create(Bucket.ORIGINALS, "main/d0", b"original of d0")

    def arrive(tally: Tally) -> None:
        if tally.files == 4:  # the log, two small files and the first blob
            archive.blobs.create(Bucket.ORIGINALS, "main/d9", b"original of d9")
            archive.write("z")

    backup, _ = archive.back_up(arrive)
    receipts = restored(backup, tmp_path / "again")
    originals = (tmp_path / "again/blobs/originals/main").iterdir()
    assert "z" not in receipts or "d9" in {path.name for path in originals}


def test_an_earlier_backup_in_another_order_is_linked_to(archive: Archive) -> None:
    """A manifest as older versions wrote it, originals before records, saves copying both."""
    archive.blobs.create(Bucket.ORIGINALS, "main/d1", b"original")
    backup, first = archive.back_up()
    note = backup_folder.read_note(backup)
    kept = sorted(backup_folder.lines(backup, note), key=lambda line: line.path)
    (backup / backup_folder.MANIFEST).write_bytes(b"".join(map(backup_folder.line_of, kept)))
    seal = backup_folder.sum_of(str(backup / backup_folder.MANIFEST))[1]
    older = backup_folder.Note(**{f: getattr(note, f) for f in note.__struct_fields__} | {"manifest_sha256": seal})
    backup_folder.write_note(backup, older)
    _, second = archive.back_up()
    linked = second.bytes - second.new_bytes
    assert linked == sum(line.bytes for line in kept if line.path.startswith("blobs/"))
    assert first.files == second.files
