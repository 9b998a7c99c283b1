"""The store's files as a backup walks through them, in the same order each time, and an earlier backup beside them."""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.core.keys import Bucket
from services.runtime.operations.backups import folder as backup_folder
from services.runtime.operations.backups.folder import Kept

WALKED = (Bucket.RECORDS, Bucket.ORIGINALS, Bucket.DERIVED)
"""In this order: an original is stored before its receipt, and so is there when its turn comes."""
_PENDING = "decided"
_PASSING = {"attempts", "heartbeats", "probes", _PENDING}
"""Folders of a tenant's records: marks of this process, and pointers that are taken beforehand."""

Found = tuple[str, os.stat_result]


def pending(data: Path, moment_ns: int) -> Iterator[Found]:
    """The pointers to decisions that wait for their effect, which pass."""
    for folder in sorted((data / "blobs" / "records").glob(f"*/{_PENDING}")):
        for path, found in _walk(str(folder), f"{folder.relative_to(data)}/"):
            if found.st_mtime_ns <= moment_ns:
                yield path, found


def written(data: Path, moment_ns: int) -> Iterator[Found]:
    """All other blobs that were written until a moment (nanoseconds since 1970), bucket after bucket."""
    for bucket in WALKED:
        for path, found in _walk(f"{data}/blobs/{bucket}", f"blobs/{bucket}/"):
            if found.st_mtime_ns <= moment_ns:
                yield path, found


class Earlier:
    """An earlier backup, read beside a walk in the same order, once for each bucket, so that neither is in memory."""

    def __init__(self, backup: Path, found: Mapping[Bucket, Iterator[Kept]]) -> None:
        self.content = backup / backup_folder.CONTENT
        self._lines = {f"{bucket}": _walked_in(bucket, lines) for bucket, lines in found.items()}
        self._next: dict[str, Kept | None] = {}

    def same(self, path: str, found: os.stat_result) -> Kept | None:
        """Its line of a file, where size and time are those of the one found: a key may be created anew."""
        place = path.split("/")
        bucket = place[1] if len(place) > 1 else ""
        if bucket not in self._lines or not _is_walked(path, bucket):
            return None
        kept = self._next.get(bucket)
        while kept is None or kept.path.split("/") < place:
            kept = self._next[bucket] = next(self._lines[bucket], None)
            if kept is None:
                return None
        same = kept.path == path and (kept.bytes, kept.mtime_ns) == (found.st_size, found.st_mtime_ns)
        return kept if same else None

    def linked(self, path: str, target: str) -> bool:
        """Give its file one more name; False where the disk cannot, or the file is gone."""
        try:
            os.link(self.content / path, target)
        except OSError:
            return False
        return True


def _is_walked(path: str, bucket: str) -> bool:
    """Whether it belongs to the sorted walk through a bucket."""
    return path.startswith(f"blobs/{bucket}/") and path.split("/")[3:4] != [_PENDING]


def _walked_in(bucket: Bucket, lines: Iterator[Kept]) -> Iterator[Kept]:
    return (kept for kept in lines if _is_walked(kept.path, bucket))


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
