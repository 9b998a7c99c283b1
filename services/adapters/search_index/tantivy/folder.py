"""The folder of the index: a lock, generations side by side, and a pointer to the one that lives."""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

from services.core.errors import Misconfigured

_POINTER = "current"
_GENERATION = "generation-"
_UNFILLED = "unfilled"


class IndexFolder:
    """Belongs to one process as long as it is open; Misconfigured where another one has it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else reads what was written to us
        self.path = path
        self._lock = self._locked()

    def _locked(self) -> IO[bytes]:
        lock = (self.path / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Misconfigured("The index folder is in use by another running instance.") from None
        return lock

    def living(self, wanted_format: str) -> Path | None:
        """The living generation; None where there is none of this format."""
        try:
            name, written_format = (self.path / _POINTER).read_text().split()
        except (OSError, ValueError):
            return None
        living = self.path / name
        known = name.startswith(_GENERATION) and name == living.name and living.is_dir()
        return living if known and written_format == wanted_format else None

    def new(self) -> Path:
        """A fresh generation, not yet pointed to."""
        numbers = [int(path.name.removeprefix(_GENERATION)) for path in self._generations()]
        generation = self.path / f"{_GENERATION}{max(numbers, default=0) + 1}"
        generation.mkdir(mode=0o700)
        return generation

    def point_to(self, generation: Path, written_format: str) -> None:
        """Let this generation live, durably, from one moment to the next."""
        draft = self.path / f"{_POINTER}.new"
        with draft.open("w") as pointer:
            pointer.write(f"{generation.name} {written_format}\n")
            pointer.flush()
            os.fsync(pointer.fileno())
        draft.replace(self.path / _POINTER)
        sync(self.path)

    @property
    def unfilled(self) -> bool:
        """Whether the living generation began empty and no rebuild came to its end since, over all starts."""
        return (self.path / _UNFILLED).exists()

    def mark_unfilled(self) -> None:
        """Before the pointer: an empty generation never lives without this mark."""
        (self.path / _UNFILLED).touch()
        sync(self.path)

    def mark_filled(self) -> None:
        """Behind the pointer; a crash between costs one rebuild more."""
        (self.path / _UNFILLED).unlink(missing_ok=True)
        sync(self.path)

    def remove_all_but(self, *kept: Path | None) -> None:
        """Remove what an interrupted rebuild, an older format or a broken index left behind.

        Nothing is put aside: it is derived, and could hold what was erased since.
        """
        for generation in self._generations():
            if generation not in kept:
                remove(generation)

    def _generations(self) -> list[Path]:
        names = self.path.glob(f"{_GENERATION}*")
        return [path for path in names if path.name.removeprefix(_GENERATION).isdecimal()]

    def close(self) -> None:
        """Let another process have it."""
        self._lock.close()


def sync(folder: Path) -> None:
    """Let the names in a folder be durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(generation: Path) -> None:
    """Take a generation off the disk; what is still open stays readable to those who have it open."""
    with contextlib.suppress(FileNotFoundError):  # a merge that is ending may remove files meanwhile
        shutil.rmtree(generation)
