"""A backup of a data folder that is being worked in, and the folder that comes out of it."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.core.errors import Misconfigured
from services.core.keys import Bucket
from services.runtime.operations import instance_folder
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups import restore
from services.runtime.operations.backups.backup import Tally, back_up, remove_all_but
from services.runtime.operations.backups.folder import BackupFault
from tests.ports.event_log.readers import TOPIC, follow_until
from tests.unit.runtime.archive import KEY, TOLD, Archive, restored

ROOT = Path(__file__).parents[3]
DYING = """
import os, sys
from pathlib import Path
from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.runtime.operations.backups import backup
from services.runtime.operations.backups import restore
act, source, target, files = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
tell = lambda tally: os._exit(9) if tally.files == files else None
if act == "restore":
    restore.restore(source, target, tell=tell)
backup.back_up(source, target, open_log=Snapshot, tell=tell)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """With three receipts in it."""
    archive = Archive(tmp_path)
    archive.write("a", "b", "c")
    yield archive
    archive.log.close()


def _dies_over(act: str, source: Path, target: Path, *, files: int) -> None:
    """A process of its own that ends in the middle, as by SIGKILL."""
    command = [sys.executable, "-c", DYING, act, str(source), str(target), str(files)]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 9


def test_a_restored_folder_holds_everything(archive: Archive, tmp_path: Path) -> None:
    """Blobs, events and secrets with their modes; what is derived or passing is left out."""
    archive.blobs.create(Bucket.RECORDS, "main/attempts/ocr/e1/1", b"")
    (archive.data / "ledger.sqlite").write_bytes(b"derived")
    (archive.data / "tmp").mkdir()
    backup, tally = archive.back_up()
    data = tmp_path / "again"
    assert restored(backup, data) == {"a", "b", "c"}
    assert sorted(path.name for path in data.iterdir()) == ["blobs", "format.json", "log.sqlite", "session.secret"]
    assert (data / "session.secret").stat().st_mode & 0o777 == 0o600
    assert not list(data.rglob("attempts"))
    log = SqliteEventLog(data / "log.sqlite")
    follower = log.follow([TOPIC])
    assert len(follow_until(follower, {TOLD}, 3)) == 3
    follower.close()
    log.close()
    assert tally.files == 6
    assert restore.verify(backup, tell=lambda _: None).files == tally.files


def test_what_comes_while_it_runs_is_left_out_whole(archive: Archive, tmp_path: Path) -> None:
    """All of it is later than the moment of the backup, so no consequence is taken without its cause."""

    def arrive(tally: Tally) -> None:
        if tally.files == 2:
            time.sleep(0.02)  # a clock tick of the file system
            archive.write("0", "z")

    backup, _ = archive.back_up(arrive)
    assert restored(backup, tmp_path / "again") == {"a", "b", "c"}


def test_everything_acknowledged_before_the_start_is_in_it(archive: Archive, tmp_path: Path) -> None:
    """Four listeners write without a pause while five backups are made."""
    known: list[str] = []
    over = threading.Event()

    def listener(number: int) -> None:
        count = 0
        while not over.is_set():
            name = f"{number}-{count}"
            archive.write(name)
            known.append(name)
            count += 1

    intakes = [threading.Thread(target=listener, args=(number,)) for number in range(4)]
    for thread in intakes:
        thread.start()
    promised = []
    for _ in range(5):
        time.sleep(0.05)
        before = set(known)
        promised.append((before, archive.back_up()[0]))
    over.set()
    for thread in intakes:
        thread.join()
    for number, (before, backup) in enumerate(promised):
        assert before <= restored(backup, tmp_path / f"again-{number}")


def test_a_second_backup_links_what_the_first_one_has(archive: Archive) -> None:
    """Only new bytes are copied; a key that was deleted and made anew is not taken for the old one."""
    first, _ = archive.back_up()
    archive.write("d")
    archive.blobs.delete(Bucket.RECORDS, KEY.format("a"))
    time.sleep(0.02)
    archive.blobs.create(Bucket.RECORDS, KEY.format("a"), b"A")
    second, _ = archive.back_up()

    def inode(backup: Path, name: str) -> int:
        return (backup / backup_folder.CONTENT / "blobs/records" / KEY.format(name)).stat().st_ino

    assert [inode(first, name) == inode(second, name) for name in "abc"] == [False, True, True]
    assert restore.verify(second, tell=lambda _: None).files == 7


def test_old_backups_go_and_the_others_stay_whole(archive: Archive, tmp_path: Path) -> None:
    """Links keep what a younger backup shares with a removed one."""
    made = [archive.back_up()[0] for _ in range(3)]
    assert remove_all_but(archive.folder, 1) == made[:2]
    assert backup_folder.whole(archive.folder) == made[2:]
    assert restored(restore.newest_of(archive.folder), tmp_path / "again") == {"a", "b", "c"}


@pytest.mark.parametrize("files", [1, 3, 5])
def test_an_interrupted_backup_is_never_taken_for_whole(archive: Archive, files: int, tmp_path: Path) -> None:
    """Killed at any file it leaves an unfinished folder that no restore takes, and that the next backup removes."""
    first, _ = archive.back_up()
    _dies_over("backup", archive.data, archive.folder, files=files)
    (left,) = archive.folder.glob("*.unfinished")
    assert restore.newest_of(archive.folder) == first
    with pytest.raises(BackupFault, match="interrupted"):
        restore.restore(restore.newest_of(left), tmp_path / "again", tell=lambda _: None)
    archive.back_up()
    assert not left.exists()


def test_a_flipped_byte_is_found(archive: Archive, tmp_path: Path) -> None:
    """In a blob, in the manifest, in the note: a sentence, and an empty folder."""
    backup, _ = archive.back_up()
    for path in (backup / backup_folder.CONTENT / "blobs/records" / KEY.format("b"), backup / backup_folder.MANIFEST):
        whole, mode = path.read_bytes(), path.stat().st_mode
        path.chmod(0o600)
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        for act in (restore.verify, lambda b, tell: restore.restore(b, tmp_path / "again", tell=tell)):
            with pytest.raises(BackupFault, match="damaged"):
                act(backup, tell=lambda _: None)
        path.write_bytes(whole)
        path.chmod(mode)
        assert not list((tmp_path / "again").glob("*"))
    assert restore.verify(backup, tell=lambda _: None).files == 6
    (backup / backup_folder.NOTE).write_text("{}")
    with pytest.raises(BackupFault, match="damaged"):
        restore.verify(backup, tell=lambda _: None)


def test_a_missing_file_is_found(archive: Archive, tmp_path: Path) -> None:
    """A blob that somebody removed from the backup is named."""
    backup, _ = archive.back_up()
    (backup / backup_folder.CONTENT / "blobs/records" / KEY.format("b")).unlink()
    with pytest.raises(BackupFault, match="1 files"):
        restore.verify(backup, tell=lambda _: None)
    with pytest.raises(BackupFault, match=r"b\.json is not what was written"):
        restore.restore(backup, tmp_path / "again", tell=lambda _: None)


def test_a_manifest_cannot_lead_out_of_the_folder(archive: Archive, tmp_path: Path) -> None:
    """Also one that is sealed well: a backup may have passed through other hands."""
    backup, _ = archive.back_up()
    line = backup_folder.line_of(
        backup_folder.Kept("../../outside", 6, 0, backup_folder.sum_of(str(archive.data / "session.secret"))[1])
    )
    (backup / backup_folder.MANIFEST).write_bytes(line)
    note = backup_folder.read_note(backup)
    seal = backup_folder.sum_of(str(backup / backup_folder.MANIFEST))[1]
    forged = backup_folder.Note(**{f: getattr(note, f) for f in note.__struct_fields__} | {"manifest_sha256": seal})
    backup_folder.write_note(backup, forged)
    with pytest.raises(BackupFault, match="outside"):
        restore.restore(backup, tmp_path / "again", tell=lambda _: None)


def test_what_is_refused(archive: Archive, tmp_path: Path) -> None:
    """A folder that is not empty, a newer format of backup or data, nothing to save, a place inside the data."""
    backup, _ = archive.back_up()
    with pytest.raises(BackupFault, match="not empty"):
        restore.restore(backup, archive.data, tell=lambda _: None)
    with pytest.raises(BackupFault, match="no whole backup"):
        restore.newest_of(tmp_path / "elsewhere")
    with pytest.raises(BackupFault, match="no data folder"):
        back_up(tmp_path / "elsewhere", archive.folder, open_log=Snapshot, tell=lambda _: None)
    with pytest.raises(BackupFault, match="another disk"):
        back_up(archive.data, archive.data / "backups", open_log=Snapshot, tell=lambda _: None)
    (archive.data / "format.json").write_text('{"version": 99}')
    with pytest.raises(Misconfigured, match="format 99"):
        archive.back_up()
    (archive.data / "format.json").unlink()
    with pytest.raises(Misconfigured, match=r"no format\.json"):
        archive.back_up()
    assert backup_folder.whole(archive.folder) == [backup]
    (backup / backup_folder.CONTENT / "format.json").write_text('{"version": 99}')
    with pytest.raises(Misconfigured, match="format 99"):
        restore.restore(backup, tmp_path / "again", tell=lambda _: None)
    note = (backup / backup_folder.NOTE).read_text()
    (backup / backup_folder.NOTE).write_text(note.replace('"format":1', '"format":2'))
    with pytest.raises(BackupFault, match="newer"):
        restore.verify(backup, tell=lambda _: None)


def test_an_interrupted_restore_is_not_started_on(archive: Archive, tmp_path: Path) -> None:
    """The mark stays behind when the process dies; a start says what to do."""
    backup, _ = archive.back_up()
    _dies_over("restore", backup, tmp_path / "again", files=3)
    with pytest.raises(Misconfigured, match="interrupted"):
        instance_folder.claim(tmp_path / "again")
    shutil.rmtree(tmp_path / "again")
    assert restored(backup, tmp_path / "again") == {"a", "b", "c"}


def test_one_backup_at_a_time(archive: Archive) -> None:
    """A second one is refused with a sentence while the first one runs."""
    faults: list[BackupFault] = []

    def second(tally: Tally) -> None:
        if tally.files == 1:
            with pytest.raises(BackupFault, match="Another backup") as caught:
                archive.back_up()
            faults.append(caught.value)

    archive.back_up(second)
    assert len(faults) == 1
