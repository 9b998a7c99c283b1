"""A backup of the embedded stack's data folder while the mail room works in it, or while it is stopped.

Why it is consistent though nothing stands still: everything in the store is created once, and whatever was made from a
file was written later than the file. So all files written until one moment are a state in which nothing lacks its
cause. That moment lies behind a snapshot of the log, whose marks therefore never are ahead of the files: what was under
way is delivered again after a restore, and finds what it had done.

Where the clock was set back, the moment is the latest time of any event and lies ahead of the clock: then files that
come while the backup runs are taken too. So records are walked before originals: no receipt comes without its original.
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
from services.runtime.operations import instance_folder
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups.folder import BackupFault, Kept
from services.runtime.operations.backups.originals import Originals
from services.runtime.operations.backups.walk import WALKED, Earlier, pending, written

LOG = "log.sqlite"
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
    damaged: list[str] = field(default_factory=list)
    """Originals that are missing or not what was stored, by their paths in the data folder."""
    spared: int = 0
    """Those of them whose good copy an earlier backup had, and this one has too."""


Tell = Callable[[Tally], None]


def back_up(data: Path, folder: Path, *, open_log: OpenLog, tell: Tell, compare: bool = True) -> tuple[Path, Tally]:
    """Make a backup in the folder and return its path; BackupFault says why there is none.

    Originals are compared with what was stored, with `compare` also those that an earlier backup has.

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
                tally = _fill(data, draft, log, earlier=_newest(folder), how=_How(tell, compare))
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


def _newest(folder: Path) -> Earlier:
    """The newest whole backup, to link to; an empty one where there is none."""
    for backup in reversed(backup_folder.whole(folder)):
        with contextlib.suppress(BackupFault):
            note = backup_folder.read_note(backup)
            return Earlier(backup, {place: backup_folder.lines(backup, note) for place in WALKED})
    return Earlier(folder, {})


@dataclass(frozen=True, slots=True)
class _How:
    """Who listens, and whether originals that an earlier backup has are read again."""

    tell: Tell
    compare: bool


def _fill(data: Path, draft: Path, log: LogSnapshot, *, earlier: Earlier, how: _How) -> Tally:
    draft.mkdir(mode=0o700)
    content = draft / backup_folder.CONTENT
    digest = hashlib.sha256()
    with (draft / backup_folder.MANIFEST).open("wb") as manifest:
        copying = _Copying(data, content, earlier=earlier, how=how, write=_both(manifest, digest.update))
        for path, found in pending(data, log.moment_ns):
            copying.take(path, found)
        log.copy_to(content / LOG)
        copying.note(LOG)
        for path, found in _small(data):
            copying.take(path, found)
        for path, found in written(data, log.moment_ns):
            copying.take(path, found)
        for path in copying.originals.missing(log.moment_ns):
            copying.spare(path)
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
    earlier: Earlier = field(kw_only=True)
    how: _How = field(kw_only=True)
    write: Callable[[bytes], None] = field(kw_only=True)
    tally: Tally = field(default_factory=Tally)
    originals: Originals = field(init=False)
    _folder: str = ""

    def __post_init__(self) -> None:
        self.content.mkdir(mode=0o700)
        self.originals = Originals(self.data, self.earlier.content)

    def take(self, path: str, found: os.stat_result) -> None:
        """One file; what was deleted meanwhile is left out."""
        target = f"{self.content}/{path}"
        self._make_folder(path.rpartition("/")[0])
        known = self.earlier.same(path, found)
        checked = self.originals.is_one(path)
        if known and self.earlier.linked(path, target):
            self._count(known, new=False)
            if checked and self.how.compare and not self.originals.is_whole(path):
                self._tell_damage(path, spared=self.originals.is_good(path, known.sha256))
            return
        with contextlib.suppress(FileNotFoundError):
            size, sha256 = backup_folder.copy(f"{self.data}/{path}", target, mode=stat.S_IMODE(found.st_mode))
            if checked and not self.originals.is_good(path, sha256):
                Path(target).unlink()
                if self.spare(path):
                    return
                backup_folder.copy(f"{self.data}/{path}", target, mode=stat.S_IMODE(found.st_mode))
            self._count(Kept(path, size, found.st_mtime_ns, sha256))

    def spare(self, path: str) -> bool:
        """Tell that an original is damaged, and keep an earlier backup's copy in its place; whether there is one."""
        good = self.originals.spare(path)
        self._make_folder(path.rpartition("/")[0])
        kept = good is not None and self.earlier.linked(path, f"{self.content}/{path}")
        self._tell_damage(path, spared=kept)
        if good and kept:
            self._count(Kept(path, good[0], 0, good[1]), new=False)
        return kept

    def _tell_damage(self, path: str, *, spared: bool) -> None:
        self.tally.damaged.append(path)
        self.tally.spared += spared

    def note(self, path: str) -> None:
        """A file that somebody else put into the content."""
        size, sha256 = backup_folder.sum_of(f"{self.content}/{path}")
        self._count(Kept(path, size, 0, sha256))

    def _count(self, kept: Kept, *, new: bool = True) -> None:
        self.write(backup_folder.line_of(kept))
        self.tally.files += 1
        self.tally.bytes += kept.bytes
        self.tally.new_bytes += kept.bytes if new else 0
        self.how.tell(self.tally)

    def _make_folder(self, folder: str) -> None:
        if folder != self._folder:
            (self.content / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = folder


def _small(data: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What lies beside store and log: format, secrets, the command line's key."""
    for path in sorted(data.iterdir()):
        if path.is_file() and not path.name.startswith(_OWN) and path.suffix not in _NO_SPARE:
            yield path.name, path.stat()
