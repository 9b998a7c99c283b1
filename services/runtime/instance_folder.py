"""The data folder of one instance: its format, and the secrets that lie in it."""

import contextlib
import json
import os
from pathlib import Path

from services.core.errors import Misconfigured

FORMAT = 1
"""Version of the folder's layout; raised when an older program must not touch it."""


def claim(folder: Path) -> None:
    """Make the folder, or check that this program may use it; Misconfigured when it was written by a newer one."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "format.json"
    if not note.exists():
        _write(note, json.dumps({"version": FORMAT}), mode=0o644)
    try:
        version = int(json.loads(note.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"storage.folder: {note} does not tell a format") from error
    if version > FORMAT:
        raise Misconfigured(f"storage.folder: {folder} has format {version}; this program knows up to {FORMAT}")


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


def _write(file: Path, text: str, *, mode: int) -> None:
    # Whole or not at all, also for somebody who reads at this moment.
    temporary = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with contextlib.closing(os.fdopen(descriptor, "w", encoding="utf-8")) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
