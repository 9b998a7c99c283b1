"""A backup of the embedded stack's data folder while the mail room works in it, or while it is stopped.

Why it is consistent though nothing stands still: everything in the store is created once, and whatever was made from a
file was written later than the file. So all files written until one moment are a state in which nothing lacks its
cause. That moment lies behind a snapshot of the log, whose marks therefore never are ahead of the files: what was under
way is delivered again after a restore, and finds what it had done.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from services import __version__
from services.runtime.operations import backup_folder, instance_folder
from services.runtime.operations.backup_folder import BackupFault, Kept

LOG = "log.sqlite"
_PENDING = "decided"
_PASSING = {"attempts", "probes", _PENDING}
"""Folders of a tenant's records: marks of this process, and pointers that are taken beforehand."""
_OWN = (LOG, "ledger.sqlite")
_NO_SPARE = (".lock", ".new")


class LogSnapshot(Protocol):
    """The log as it was at a moment."""

    moment_ns: int

    def copy_to(self, target: Path) -> None:
        """Write it into a new file."""

    def close(self) -> None:
        """Let go of it."""


OpenLog = Callable[[Path], LogSnapshot]


@dataclass(slots=True)
class Tally:
    """How far a backup or a restore is."""

    files: int = 0
    bytes: int = 0
    new_bytes: int = 0
    """Of them copied, not linked to an earlier backup."""


Tell = Callable[[Tally], None]


def back_up(data: Path, folder: Path, *, open_log: OpenLog, tell: Tell) -> tuple[Path, Tally]:
    """Make a backup in the folder and return its path; BackupFault says why there is none.

    Misconfigured where a newer program has written the data: whoever restored the backup would be refused.

    1. Look at the log: it fixes the moment. Pointers to decisions that wait for their effect come first, they pass.
    2. Copy the log and the small files, then all blobs written until that moment; what an earlier backup has, link.
    3. Seal, make durable, and only then give it its name: what was interrupted never looks whole.
    """
    _refuse(data, folder)
    with _locked(folder):
        now = datetime.now(UTC)
        name = f"{now:%Y-%m-%dT%H-%M-%S-}{now.microsecond // 1000:03d}Z"
        draft = folder / f"{name}{backup_folder.UNFINISHED}"
        try:
            with contextlib.closing(open_log(data / LOG)) as log:
                tally = _fill(data, draft, log, earlier=_newest(folder), tell=tell)
            backup_folder.sync(draft)
            draft.rename(folder / name)
            backup_folder.sync(folder)
        except OSError as error:
            raise BackupFault(f"{folder}: {error.strerror}; nothing was kept of this backup.") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder / name, tally


def remove_all_but(folder: Path, count: int) -> list[Path]:
    """Remove the oldest whole backups beyond this number; which ones."""
    superfluous = backup_folder.whole(folder)[:-count]
    for backup in superfluous:
        shutil.rmtree(backup.rename(f"{backup}{backup_folder.UNFINISHED}"))  # interrupted, it does not look whole
    return superfluous


def _refuse(data: Path, folder: Path) -> None:
    if not (data / LOG).is_file():
        raise BackupFault(f"{data} is no data folder: nothing was ever started there.")
    if (data / instance_folder.RESTORING).exists():
        raise BackupFault(f"{data} holds an interrupted restore.")
    instance_folder.check_format(data)
    if folder.resolve().is_relative_to(data.resolve()):
        raise BackupFault(f"{folder} lies in the data folder; a backup belongs on another disk.")


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One backup at a time; what interrupted ones left goes."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("ab")
    except OSError as error:
        raise BackupFault(f"{folder}: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupFault(f"Another backup is being written to {folder}.") from error
        for left in folder.glob(f"*Z{backup_folder.UNFINISHED}"):
            shutil.rmtree(left)
        yield


def _newest(folder: Path) -> "_Earlier":
    """The newest whole backup, to link to; an empty one where there is none."""
    for backup in reversed(backup_folder.whole(folder)):
        with contextlib.suppress(BackupFault):
            return _Earlier(backup, backup_folder.lines(backup, backup_folder.read_note(backup)))
    return _Earlier(folder, iter(()))


def _fill(data: Path, draft: Path, log: LogSnapshot, *, earlier: "_Earlier", tell: Tell) -> Tally:
    draft.mkdir(mode=0o700)
    content = draft / backup_folder.CONTENT
    digest = hashlib.sha256()
    with (draft / backup_folder.MANIFEST).open("wb") as manifest:
        copying = _Copying(data, content, earlier=earlier, tell=tell, write=_both(manifest, digest.update))
        for path, found in _pending(data, log.moment_ns):
            copying.take(path, found)
        log.copy_to(content / LOG)
        copying.note(LOG)
        for path, found in _small(data):
            copying.take(path, found)
        for path, found in _walk(f"{data}/blobs", "blobs/"):
            if found.st_mtime_ns <= log.moment_ns:
                copying.take(path, found)
    tally = copying.tally
    note = backup_folder.Note(
        format=backup_folder.FORMAT,
        program=__version__,
        made_at=datetime.fromtimestamp(log.moment_ns / 1e9, UTC),
        files=tally.files,
        bytes=tally.bytes,
        manifest_sha256=digest.hexdigest(),
    )
    backup_folder.write_note(draft, note)
    return tally


def _both(manifest: BinaryIO, update: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def write(line: bytes) -> None:
        manifest.write(line)
        update(line)

    return write


@dataclass(slots=True)
class _Copying:
    """Takes files one by one into the content, and notes each in the manifest."""

    data: Path
    content: Path
    earlier: "_Earlier" = field(kw_only=True)
    tell: Tell = field(kw_only=True)
    write: Callable[[bytes], None] = field(kw_only=True)
    tally: Tally = field(default_factory=Tally)
    _folder: str = ""

    def __post_init__(self) -> None:
        self.content.mkdir(mode=0o700)

    def take(self, path: str, found: os.stat_result) -> None:
        """One file; what was deleted meanwhile is left out."""
        target = f"{self.content}/{path}"
        self._make_folder(path.rpartition("/")[0])
        known = self.earlier.same(path, found)
        if known and self.earlier.linked(path, target):
            self._count(known, new=False)
            return
        with contextlib.suppress(FileNotFoundError):
            size, sha256 = backup_folder.copy(f"{self.data}/{path}", target, mode=stat.S_IMODE(found.st_mode))
            self._count(Kept(path, size, found.st_mtime_ns, sha256))

    def note(self, path: str) -> None:
        """A file that somebody else put into the content."""
        size, sha256 = backup_folder.sum_of(f"{self.content}/{path}")
        self._count(Kept(path, size, 0, sha256))

    def _count(self, kept: Kept, *, new: bool = True) -> None:
        self.write(backup_folder.line_of(kept))
        self.tally.files += 1
        self.tally.bytes += kept.bytes
        self.tally.new_bytes += kept.bytes if new else 0
        self.tell(self.tally)

    def _make_folder(self, folder: str) -> None:
        if folder != self._folder:
            (self.content / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = folder


class _Earlier:
    """An earlier backup, read once beside a walk in the same order, so that neither is held in memory."""

    def __init__(self, backup: Path, found: Iterator[Kept]) -> None:
        self._content = backup / backup_folder.CONTENT
        self._lines = (kept for kept in found if _is_walked(kept.path))
        self._next: Kept | None = None

    def same(self, path: str, found: os.stat_result) -> Kept | None:
        """Its line of a file, where size and time are those of the one found: a key may be created anew."""
        if not _is_walked(path):
            return None
        place = path.split("/")
        while self._next is None or self._next.path.split("/") < place:
            self._next = next(self._lines, None)
            if self._next is None:
                return None
        kept = self._next
        same = kept.path == path and (kept.bytes, kept.mtime_ns) == (found.st_size, found.st_mtime_ns)
        return kept if same else None

    def linked(self, path: str, target: str) -> bool:
        """Give its file one more name; False where the disk cannot, or the file is gone."""
        try:
            os.link(self._content / path, target)
        except OSError:
            return False
        return True


def _pending(data: Path, moment_ns: int) -> Iterator[tuple[str, os.stat_result]]:
    for folder in sorted((data / "blobs" / "records").glob(f"*/{_PENDING}")):
        for path, found in _walk(str(folder), f"{folder.relative_to(data)}/"):
            if found.st_mtime_ns <= moment_ns:
                yield path, found


def _is_walked(path: str) -> bool:
    """Whether it belongs to the sorted walk through the store."""
    return path.startswith("blobs/") and path.split("/")[3:4] != [_PENDING]


def _small(data: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What lies beside store and log: format, secrets, the command line's key."""
    for path in sorted(data.iterdir()):
        if path.is_file() and not path.name.startswith(_OWN) and path.suffix not in _NO_SPARE:
            yield path.name, path.stat()


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below, sorted name by name; one folder's names are held in memory at a time."""
    for entry in _entries(folder):
        path = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if not _stays_behind(path):
                yield from _walk(entry.path, f"{path}/")
            continue
        with contextlib.suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                yield path, found


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _stays_behind(path: str) -> bool:
    parts = path.split("/")
    return path == "blobs/arriving" or (parts[1:2] == ["records"] and len(parts) == 4 and parts[3] in _PASSING)  # noqa: PLR2004 - blobs/records/<tenant>/<folder>
