"""What a backup looks like: `<folder>/<time>/` with the content of a data folder, its manifest, and a note on both.

`content/` is a data folder without what is derived. `manifest.jsonl` names each of its files with size and SHA-256, a
line each. `backup.json` comes last and seals the manifest; until it is there the folder's name ends in `.unfinished`.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

FORMAT = 1
NOTE, MANIFEST, CONTENT = "backup.json", "manifest.jsonl", "content"
UNFINISHED = ".unfinished"
PIECE_BYTES = 1024 * 1024
_MOST_LINE_BYTES = 4096
_ONE_BACKUP = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z"


class BackupFault(Exception):
    """One sentence for the operator: why there is no backup, or why this one is not restored."""


class Note(Struct, frozen=True, kw_only=True):
    """The seal of a backup."""

    format: int
    program: str
    """Version of the program that made it."""
    made_at: datetime
    files: int
    bytes: int
    manifest_sha256: str


class Kept(Struct, frozen=True):
    """A line of the manifest: one file of the content."""

    path: str
    bytes: int
    mtime_ns: int
    """When the original was written, nanoseconds since 1970: tells a later backup that it is the same."""
    sha256: str


_LINE, _SEAL, _ENCODER = msgspec.json.Decoder(Kept), msgspec.json.Decoder(Note), msgspec.json.Encoder()


def line_of(kept: Kept) -> bytes:
    """The line as it is written."""
    return _ENCODER.encode(kept) + b"\n"


def write_note(backup: Path, note: Note) -> None:
    """Seal the manifest."""
    (backup / NOTE).write_bytes(_ENCODER.encode(note) + b"\n")


def read_note(backup: Path) -> Note:
    """The seal; BackupFault where the folder is no whole backup that this program understands."""
    if backup.name.endswith(UNFINISHED):
        raise BackupFault(f"{backup} was interrupted and is not whole; take an earlier one.")
    try:
        note = _SEAL.decode((backup / NOTE).read_bytes())
    except OSError as error:
        raise BackupFault(f"{backup} is no backup: {NOTE} cannot be read.") from error
    except msgspec.DecodeError as error:
        raise BackupFault(f"{backup} is damaged: {NOTE} is not what was written; take an earlier one.") from error
    if note.format > FORMAT:
        raise BackupFault(f"{backup} was made by a newer Poststelle ({note.program}); install that one first.")
    return note


def lines(backup: Path, note: Note) -> Iterator[Kept]:
    """Everything that the backup holds; BackupFault at once where the manifest is not as sealed."""
    manifest = backup / MANIFEST
    try:
        sealed = sum_of(str(manifest))[1] == note.manifest_sha256
    except OSError:
        sealed = False
    if not sealed:
        raise BackupFault(f"{backup} is damaged: {MANIFEST} is not what was written; take an earlier one.")
    return _lines(manifest)


def whole(folder: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(path for path in folder.glob(_ONE_BACKUP) if (path / NOTE).is_file())


def copy(source: str, target: str, *, mode: int = 0o400) -> tuple[int, str]:
    """Copy a file to a new name in pieces; its bytes and their SHA-256."""
    size, digest = 0, hashlib.sha256()
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            while piece := os.read(reading, PIECE_BYTES):
                digest.update(piece)
                size += _write_all(writing, piece)
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    return size, digest.hexdigest()


def sum_of(path: str) -> tuple[int, str]:
    """Bytes and SHA-256 of a file."""
    with open(path, "rb", opener=_not_a_link) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest


def sync(folder: Path) -> None:
    """Make everything below durable, then the names in the folder: one call for all, each file alone takes too long."""
    os.sync()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(manifest: Path) -> Iterator[Kept]:
    with manifest.open("rb") as stream:
        while line := stream.readline(_MOST_LINE_BYTES):
            yield _within(_LINE.decode(line))


def _within(kept: Kept) -> Kept:
    """A manifest may come from anywhere: no line leads out of the folder."""
    if {"", ".", ".."}.intersection(kept.path.split("/")) or "\0" in kept.path:
        raise BackupFault("The manifest is damaged: it names a file outside of the data folder.")
    return kept


def _write_all(descriptor: int, piece: bytes) -> int:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(piece)


def _not_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
