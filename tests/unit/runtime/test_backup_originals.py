"""A backup compares originals with what was stored, tells of damage, and keeps an earlier good copy."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.core.keys import Bucket
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups import restore
from services.runtime.operations.backups.backup import back_up
from tests.unit.runtime.archive import Archive

PATH = "blobs/originals/main/{}"
CONTENT = b"Ein Brief, der bleibt."
Harm = Callable[[Path], None]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """With three documents in it."""
    archive = Archive(tmp_path)
    for name in ("d1", "d2", "d3"):
        accept(archive, name)
    yield archive
    archive.log.close()


def accept(archive: Archive, name: str) -> None:
    """An original and its receipt, as an intake stores them."""
    content = CONTENT + name.encode()
    archive.blobs.create(Bucket.ORIGINALS, f"main/{name}", content)
    receipt = json.dumps({"schema": "receipt:1", "sha256": hashlib.sha256(content).hexdigest()}).encode()
    archive.blobs.create(Bucket.RECORDS, f"main/documents/{name}/receipts/PE-1.json", receipt)


def rot(file: Path) -> None:
    """One bit; size and time stay as they were."""
    before = file.stat()
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def scribble(file: Path) -> None:
    """Somebody writes into it: its time is another."""
    file.chmod(0o600)
    file.write_bytes(b"etwas anderes")
    os.utime(file, ns=(1, 1))


def remove(file: Path) -> None:
    """It is gone."""
    file.unlink()


HARMS = (rot, scribble, remove)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_damage_is_told_and_the_good_copy_is_kept(archive: Archive, harm: Harm, tmp_path: Path) -> None:
    """The backup after next still has it, and a restore brings it back."""
    _, first = archive.back_up()
    assert (first.damaged, first.spared) == ([], 0)
    harm(archive.data / PATH.format("d2"))
    archive.back_up()
    backup, tally = archive.back_up()
    assert (tally.damaged, tally.spared) == ([PATH.format("d2")], 1)
    assert restore.verify(backup, tell=lambda _: None).files == first.files
    restore.restore(backup, tmp_path / "again", tell=lambda _: None)
    assert (tmp_path / "again" / PATH.format("d2")).read_bytes() == CONTENT + b"d2"


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_damage_without_a_good_copy_is_told(archive: Archive, harm: Harm) -> None:
    """In the first backup: what is there is saved as it is, for want of better."""
    harm(archive.data / PATH.format("d2"))
    backup, tally = archive.back_up()
    assert (tally.damaged, tally.spared) == ([PATH.format("d2")], 0)
    assert (backup / backup_folder.CONTENT / PATH.format("d2")).exists() == (harm is not remove)
    assert restore.verify(backup, tell=lambda _: None).files == tally.files


def test_a_quick_backup_does_not_read_what_it_links(archive: Archive) -> None:
    """A rotten bit in a file whose size and time are the same is left to the scrub; the good copy stays."""
    archive.back_up()
    rot(archive.data / PATH.format("d2"))
    backup, tally = back_up(archive.data, archive.folder, open_log=Snapshot, tell=lambda _: None, compare=False)
    assert tally.damaged == []
    assert (backup / backup_folder.CONTENT / PATH.format("d2")).read_bytes() == CONTENT + b"d2"


def test_what_is_no_damage(archive: Archive) -> None:
    """An erased document has no original, one that nobody accepted yet has no receipt, one that came later waits."""
    archive.blobs.create(Bucket.RECORDS, "main/documents/d1/erased/1.json", b"{}")
    archive.blobs.delete(Bucket.ORIGINALS, "main/d1")
    archive.blobs.create(Bucket.ORIGINALS, "main/d8", b"under way")
    archive.blobs.create(Bucket.RECORDS, "main/documents/d9/receipts/PE-9.json", b'{"sha256": "0"}')
    later = archive.data / "blobs/records/main/documents/d9/receipts/PE-9.json"
    os.utime(later, (2**31, 2**31))
    assert archive.back_up()[1].damaged == []
