"""Originals on their way into a backup: what is damaged is told, and an earlier backup's good copy is kept instead.

Without that the good copies would go with the oldest backups, one after another, while the damaged one is saved again
every night.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from services.core.keys import Bucket
from services.runtime.operations.backups import folder as backup_folder

_PREFIX = f"blobs/{Bucket.ORIGINALS}/"


class _Summed(Struct):
    """What a receipt, or the note of what was stored, says of the bytes."""

    sha256: str


_DECODER = msgspec.json.Decoder(_Summed)


@dataclass(frozen=True, slots=True)
class Originals:
    """What the records of a data folder say of its originals."""

    data: Path
    earlier: Path
    """The content of an earlier backup; it may not be there."""

    def is_one(self, path: str) -> bool:
        """Whether this is the path of an original."""
        return path.startswith(_PREFIX)

    def is_good(self, path: str, sha256: str) -> bool:
        """Whether these bytes may be this original; one that nobody accepted yet has no receipt and may be anything."""
        sums = self._sums(path)
        return not sums or sha256 in sums

    def is_whole(self, path: str) -> bool:
        """Whether the file in the data folder is what was stored; one that was erased meanwhile is no damage."""
        try:
            return self.is_good(path, backup_folder.sum_of(f"{self.data}/{path}")[1])
        except FileNotFoundError:
            return True
        except OSError:
            return False  # the disk fails over it

    def spare(self, path: str) -> tuple[int, str] | None:
        """Bytes and SHA-256 of the earlier backup's copy, where that is what was stored."""
        with contextlib.suppress(OSError):
            size, sha256 = backup_folder.sum_of(f"{self.earlier}/{path}")
            if sha256 in self._sums(path):
                return size, sha256
        return None

    def missing(self, moment_ns: int) -> Iterator[str]:
        """The originals that documents lack which were accepted until the moment and are not erased."""
        for documents in sorted((self.data / "blobs" / Bucket.RECORDS).glob("*/documents")):
            for folder in sorted(documents.iterdir()):
                path = f"{_PREFIX}{documents.parent.name}/{folder.name}"
                if not (self.data / path).exists() and self._is_accepted(folder, moment_ns):
                    yield path

    def _is_accepted(self, folder: Path, moment_ns: int) -> bool:
        if (folder / "erased").exists():
            return False
        with contextlib.suppress(FileNotFoundError):
            return any(receipt.stat().st_mtime_ns <= moment_ns for receipt in folder.glob("receipts/*.json"))
        return False

    def _sums(self, path: str) -> set[str]:
        tenant, _, document = path.removeprefix(_PREFIX).partition("/")
        folder = self.data / "blobs" / Bucket.RECORDS / tenant / "documents" / document
        found = set()
        for file in (*folder.glob("receipts/*.json"), *folder.glob("stored/*.json")):
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                found.add(_DECODER.decode(file.read_bytes()).sha256)
        return found
