"""A folder on a share, held open: everything is asked of it by name within, and no link is ever followed.

What a share cannot do (hard links, syncing a folder) is done without; failures are OSError, the caller knows whose.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from services.scan_intake.hot_folder.stability import Stamp

_MAX_LENT = 64 * 1024
_CANNOT_LINK = {errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_MODE, _FILE_MODE = 0o770, 0o660
"""What we make is for those who use the share too; the data folder is not made here."""
CODES = {
    errno.ENOSPC: "share_full",
    errno.EDQUOT: "share_full",
    errno.EROFS: "share_read_only",
    errno.EACCES: "share_closed",
    errno.EPERM: "share_closed",
}
AWAY = "share_away"
"""Of any other failure."""


class NoFile(Exception):
    """Something else than a regular file has this name: a link, a pipe, a device."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder."""

    name: str
    kind: Literal["file", "folder", "other"]
    stamp: Stamp


class Folder:
    """An open folder; belongs to one thread."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    @contextlib.contextmanager
    def at(cls, path: Path) -> Iterator["Folder"]:
        """The folder at a path, which the operator chose and may be a link."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def inside(self, *names: str, make: bool = False) -> Iterator["Folder"]:
        """The folder below by these names, made where it is missing and wanted."""
        descriptor = os.dup(self.descriptor)
        try:
            for name in names:
                if make:
                    Folder(descriptor).make(name)
                below = os.open(name, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield Folder(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> Iterator[Entry]:
        """Everything in it, as far as it stays while we look."""
        with os.scandir(self.descriptor) as found:
            names = [entry.name for entry in found]
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                yield _entry(name, os.stat(name, dir_fd=self.descriptor, follow_symlinks=False))

    def has(self, name: str) -> bool:
        """Whether anything has this name."""
        try:
            os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Bytes of what has this name, which is not opened; FileNotFoundError where nothing has it."""
        return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False).st_size

    def open(self, name: str) -> BinaryIO:
        """A file for reading; NoFile where it is none. Opening also makes a share look at it anew."""
        try:
            descriptor = os.open(name, _FILE, dir_fd=self.descriptor)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
                raise NoFile from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NoFile
        return os.fdopen(descriptor, "rb", buffering=0)

    def read(self, name: str, limit: int) -> bytes:
        """The beginning of a file, up to the limit."""
        with self.open(name) as stream:
            content = b""
            while len(content) < limit and (piece := stream.read(limit - len(content))):
                content += piece
            return content

    def make(self, name: str) -> None:
        """A folder of this name, unless there is one."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, _FOLDER_MODE, dir_fd=self.descriptor)
            with self.inside(name) as made:
                _open_up(made.descriptor, _FOLDER_MODE)

    def probe(self) -> None:
        """Write and remove a passing file, hidden and so never a scan; OSError where the share does not let us."""
        passing = _passing()
        try:
            self.write_new(passing, b"probe")
        finally:
            self.remove(passing)

    def move(self, name: str, into: "Folder", new_name: str) -> bool:
        """Move and rename in one step; False where somebody else was first."""
        try:
            os.rename(name, new_name, src_dir_fd=self.descriptor, dst_dir_fd=into.descriptor)
        except FileNotFoundError:
            return False
        return True

    def write(self, name: str, content: bytes) -> None:
        """A file whole or not at all; replaces one of this name."""
        arriving = _passing()
        self.write_new(arriving, content)
        os.rename(arriving, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def lend(self, name: str, into: "Folder", new_name: str) -> bool:
        """Let a file of ours appear there too, whole; False where the name is taken.

        Shares without hard links get a copy, which a crash could leave short.
        """
        try:
            os.link(name, new_name, src_dir_fd=self.descriptor, dst_dir_fd=into.descriptor, follow_symlinks=False)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _CANNOT_LINK:
                raise
            return into.write_new(new_name, self.read(name, _MAX_LENT))
        return True

    def remove(self, name: str) -> None:
        """Remove a file of ours; gone already is fine."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.descriptor)

    def drop(self, name: str) -> None:
        """Remove a folder that is empty; one that is not stays."""
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=self.descriptor)

    def sync(self) -> None:
        """Let the names in it survive a power cut, where the share can do that."""
        with contextlib.suppress(OSError):
            os.fsync(self.descriptor)

    def write_new(self, name: str, content: bytes) -> bool:
        """A new file; False where the name is taken."""
        try:
            descriptor = os.open(name, _NEW, _FILE_MODE, dir_fd=self.descriptor)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "wb") as file:
            _open_up(descriptor, _FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return True


def code_of(error: OSError) -> str:
    """What is wrong with the share, in a word of the catalogue."""
    return CODES.get(error.errno or 0, AWAY)


def stamp_of(stream: BinaryIO) -> Stamp:
    """How the open file is now."""
    found = os.fstat(stream.fileno())
    return found.st_size, found.st_mtime_ns


def _passing() -> str:
    return f".{secrets.token_hex(8)}.tmp"


def _open_up(descriptor: int, mode: int) -> None:
    """Give back what the umask of a service took away; a share that has rights of its own keeps them.

    An inherited setgid bit stays. Where nothing is missing nothing is set: under systemd's RestrictSUIDSGID nobody
    may set a mode that holds that bit, so a unit for such a share has `UMask=0007`.
    """
    found = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if found & mode != mode:
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, found | mode)


def _entry(name: str, found: os.stat_result) -> Entry:
    kind: Literal["file", "folder", "other"] = "other"
    if stat.S_ISREG(found.st_mode):
        kind = "file"
    elif stat.S_ISDIR(found.st_mode):
        kind = "folder"
    return Entry(name, kind, (found.st_size, found.st_mtime_ns))
