"""The data folder of one instance: its format and how an older one is upgraded, and the secrets that lie in it."""

import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from services.core.errors import Misconfigured

FORMAT = 1
"""Version of the folder's layout; raised, with a step, when an older program must not touch it."""
Step = Callable[[Path], None]
STEPS: Mapping[int, Step] = {}
"""What leads from a version to the next, by the older one. A step may be broken off and is then begun again."""

OURS_ALONE = 0o700
"""The mode of the data folder, whatever the umask."""
RESTORING = "restore.unfinished"
_NOTE = "format.json"
_FILLED = ("log.sqlite", "ledger.sqlite", "blobs/originals/*", "blobs/records/*")
"""What is only there once a program has worked in the folder, and then its note was there before. An empty `blobs` may
be a disk that was mounted there."""
_LOCK = "log.sqlite.lock"
"""Held by every version of this program, as long as it runs on the folder (see adapters/event_log/sqlite)."""


def claim(folder: Path, *, steps: Mapping[int, Step] = STEPS, newest: int = FORMAT) -> None:
    """Make the folder, or upgrade it to what this program writes; Misconfigured where that cannot be."""
    folder.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
    _close(folder)
    if (folder / RESTORING).exists():
        raise Misconfigured(f"storage.folder: a restore into {folder} was interrupted; empty it and restore again")
    filled = any(any(folder.glob(name)) for name in _FILLED)  # looked at first: another process may begin just now
    if not (folder / _NOTE).exists():
        if filled:
            raise Misconfigured(_without_note(folder))
        _note(folder, newest)
    if check_format(folder, newest=newest) < newest:
        with _locked(folder):
            _upgrade(folder, steps, newest)


def is_open(folder: Path) -> bool:
    """Whether others than its owner and group could look into the folder."""
    return bool(stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO)


def _close(folder: Path) -> None:
    """Take from everybody else what a umask or an older version left them: all post lies here.

    Folders and files at the top are enough, nothing below them can be reached then. What belongs to somebody else, such
    as the root of a mounted disk, stays as its owner set it; `poststelle check` names such a folder.
    """
    for entry in (folder, *folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):  # what a process that runs here removes at this moment
            found = entry.lstat()
            mode = stat.S_IMODE(found.st_mode)
            is_plain = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
            if is_plain and found.st_uid == os.geteuid() and mode & ~OURS_ALONE:
                entry.chmod(mode & OURS_ALONE)


def check_format(folder: Path, *, newest: int = FORMAT) -> int:
    """The version of the folder's layout; Misconfigured when a newer program wrote it, or began to, or none tells."""
    note = folder / _NOTE
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        version, upgrading = int(found["version"]), int(found.get("upgrading_to", 0))
    except FileNotFoundError as error:
        raise Misconfigured(_without_note(folder)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"storage.folder: {note} does not tell a format") from error
    if max(version, upgrading) > newest:
        reached = max(version, upgrading)
        raise Misconfigured(f"storage.folder: {folder} has format {reached}; this program knows up to {newest}")
    return version


def _without_note(folder: Path) -> str:
    return (
        f"storage.folder: {folder} holds data but no {_NOTE}, so that nobody can tell which version wrote it; "
        f"copy {_NOTE} out of the folder's last backup (below content/), or name an empty folder"
    )


def begin_restore(folder: Path) -> None:
    """Mark the folder: nobody starts on half a restore."""
    _write(folder / RESTORING, "", mode=0o600)
    _sync(folder)


def end_restore(folder: Path) -> None:
    """It is whole."""
    (folder / RESTORING).unlink()
    _sync(folder)


def _upgrade(folder: Path, steps: Mapping[int, Step], newest: int) -> None:
    """Step by step; the note says before a step where it leads, so that no older program touches what it left."""
    for version in range(check_format(folder, newest=newest), newest):
        _note(folder, version, upgrading_to=version + 1)
        steps[version](folder)
        _note(folder, version + 1)


def _note(folder: Path, version: int, **more: int) -> None:
    _write(folder / _NOTE, json.dumps({"version": version} | more), mode=0o644)
    _sync(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Misconfigured(f"storage.folder: another Poststelle runs on {folder}; stop it to upgrade") from error
        yield


def write_secret(file: Path, text: str) -> None:
    """Write a secret that only this user may read."""
    _write(file, text, mode=0o600)


def read_secret(file: Path | None, *, setting: str) -> str:
    """The secret in a file; Misconfigured names the setting."""
    if file is None:
        raise Misconfigured(f"setting {setting}: no file given")
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Misconfigured(f"setting {setting}: {file} cannot be read") from error
    if not text:
        raise Misconfigured(f"setting {setting}: {file} is empty")
    return text


def installation_secret(file: Path | None, folder: Path) -> bytes:
    """The secret of this installation (`http.session_secret_file`): the operator's file, or one made in the folder."""
    kept = file or folder / "session.secret"
    if file is None and not kept.exists():
        write_secret(kept, secrets.token_hex(32))
    return read_secret(kept, setting="http.session_secret_file").encode()


def _write(file: Path, text: str, *, mode: int) -> None:
    # Whole or not at all, also for somebody who reads at this moment.
    temporary = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with contextlib.closing(os.fdopen(descriptor, "w", encoding="utf-8")) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
