"""A data folder out of a backup, each file compared with the manifest on its way; index and ledger fill themselves."""

import os
import shutil
from pathlib import Path

from services.runtime.operations import instance_folder
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups.backup import Tally, Tell
from services.runtime.operations.backups.folder import BackupFault, Kept

_MOST_NAMED = 3


def newest_of(path: Path) -> Path:
    """The backup at the path, or the newest whole one in the folder there."""
    if (path / backup_folder.NOTE).is_file() or path.name.endswith(backup_folder.UNFINISHED):
        return path
    found = backup_folder.whole(path) if path.is_dir() else []
    if not found:
        raise BackupFault(f"{path} holds no whole backup.")
    return found[-1]


def restore(backup: Path, data: Path, *, tell: Tell) -> Tally:
    """Fill an empty data folder; BackupFault says why not, and then nothing stays of it.

    1. Look at the seal, the format and the service on the disk before anything is written.
    2. Mark the folder as unfinished, so that nobody starts on half of it.
    3. Copy and compare; make it durable; take the mark away.
    """
    note = backup_folder.read_note(backup)
    kept = backup_folder.lines(backup, note)
    instance_folder.check_format(backup / backup_folder.CONTENT)
    _refuse(data, note.bytes)
    instance_folder.begin_restore(data)
    try:
        tally = Tally()
        for line in kept:
            _copy(backup, data, line)
            _count(tally, line, tell)
        _complete(backup, note, tally)
        backup_folder.sync(data)
    except OSError as error:
        _empty(data)
        raise BackupFault(f"{data}: {error.strerror}; nothing was restored.") from error
    except BaseException:
        _empty(data)
        raise
    instance_folder.end_restore(data)
    return tally


def verify(backup: Path, *, tell: Tell) -> Tally:
    """Compare every file of a backup with its manifest, writing nothing; BackupFault names what is not as it was."""
    note = backup_folder.read_note(backup)
    tally, damaged = Tally(), []
    for line in backup_folder.lines(backup, note):
        if not _is_as_written(backup, line):
            damaged.append(line.path)
        _count(tally, line, tell)
    if damaged:
        named = ", ".join(damaged[:_MOST_NAMED])
        raise BackupFault(f"{backup} is damaged: {len(damaged)} files are not what was written ({named}).")
    _complete(backup, note, tally)
    return tally


def _refuse(data: Path, size_bytes: int) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(data.iterdir()):
            raise BackupFault(f"{data} is not empty; a backup is restored into an empty folder only.")
        free = shutil.disk_usage(data).free
    except OSError as error:
        raise BackupFault(f"{data}: {error.strerror}.") from error
    if free < size_bytes:
        raise BackupFault(f"{data}: {size_bytes >> 20} MiB are needed, {free >> 20} MiB are free.")


def _copy(backup: Path, data: Path, line: Kept) -> None:
    target = data / line.path
    source = f"{backup}/{backup_folder.CONTENT}/{line.path}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        mode = Path(source).lstat().st_mode & 0o700
        found = backup_folder.copy(source, str(target), mode=mode)
    except FileNotFoundError:
        found = (0, "")
    if found != (line.bytes, line.sha256):
        raise BackupFault(f"{backup} is damaged: {line.path} is not what was written; nothing was restored.")


def _is_as_written(backup: Path, line: Kept) -> bool:
    try:
        return backup_folder.sum_of(f"{backup}/{backup_folder.CONTENT}/{line.path}") == (line.bytes, line.sha256)
    except OSError:
        return False


def _complete(backup: Path, note: backup_folder.Note, tally: Tally) -> None:
    if (tally.files, tally.bytes) != (note.files, note.bytes):
        raise BackupFault(f"{backup} is damaged: the manifest does not name what the note says.")


def _count(tally: Tally, line: Kept, tell: Tell) -> None:
    tally.files += 1
    tally.bytes += line.bytes
    tell(tally)


def _empty(data: Path) -> None:
    """It was empty before; the mark goes last, so that no half of it ever looks like a data folder."""
    for path in sorted(data.iterdir(), key=lambda path: path.name == instance_folder.RESTORING):
        shutil.rmtree(path) if path.is_dir() else os.unlink(path)  # noqa: PTH108 - one expression for both
