"""The points of example letters, kept: making those of the 3,444 that are shipped takes a minute of CPU.

A table holds a point for each text, eight bits a number, under the hash of the text. One is shipped beside the letters
(`python -m deploy.meanings` makes it, a test compares); another, in the cache folder, holds what a plan adds.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from services.runtime.meaning.encoder import SIZE, VERSION, Points, encoded, of_length_one, segments

SHIPPED = "meanings.npy"
KEPT = f"meanings-{VERSION}.npy"
MOST = 20_000
"""Points of a table that are read: 10 MB; a larger one is not ours."""
_ROW = np.dtype([("text", "S16"), ("point", np.int8, (SIZE,))])
_STEPS = 127
_BATCH = 64


class Table:
    """Points by the text that they belong to."""

    def __init__(self, points: Mapping[bytes, np.ndarray]) -> None:
        self.points = dict(points)

    @classmethod
    def read(cls, file: Path) -> "Table":
        """The table in a file; an empty one where there is none, or none of ours."""
        with suppress(OSError, ValueError, EOFError):
            if file.stat().st_size <= MOST * _ROW.itemsize + 1024:
                rows = np.load(file, allow_pickle=False)
                if rows.dtype == _ROW:
                    return cls({bytes(row["text"]): row["point"] for row in rows})
        return cls({})

    def write(self, file: Path) -> None:
        """Whole or not at all: another process may be at it."""
        rows = np.array([(name, self.points[name]) for name in sorted(self.points)], _ROW)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as writing:
                np.save(writing, rows, allow_pickle=False)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def points_of(texts: Mapping[str, Iterable[str]], *, shipped: Path, cache: Path) -> dict[str, Points]:
    """The points of the texts known of each position; what no table has is made, and kept in the cache folder.

    `shipped` is the folder of the example letters. Unusable where a point must be made and cannot.
    """
    names = {code: [_name(text) for text in mine] for code, mine in texts.items()}
    wanted = named(text for mine in texts.values() for text in mine)
    ready = _shipped(shipped / SHIPPED).points
    known = ready if wanted.keys() <= ready.keys() else ready | Table.read(cache / KEPT).points
    missing = {name: text for name, text in wanted.items() if name not in known}
    if missing:
        known = known | made_of(missing)
        with suppress(OSError):  # a cache and nothing more
            Table({name: known[name] for name in wanted.keys() - ready.keys()}).write(cache / KEPT)
    return {code: of_length_one(np.array([known[name] for name in mine], np.float32)) for code, mine in names.items()}


def made_of(texts: Mapping[bytes, str]) -> dict[bytes, np.ndarray]:
    """The point of each text, the middle of its segments, as it is kept."""
    made: dict[bytes, np.ndarray] = {}
    items = list(texts.items())
    for at in range(0, len(items), _BATCH):
        cut = [segments(*_parted(text)) for _, text in items[at : at + _BATCH]]
        points = iter(encoded([segment for mine in cut for segment in mine]))
        for (name, _), mine in zip(items[at : at + _BATCH], cut, strict=True):
            middle = np.mean([next(points) for _ in mine], axis=0)
            made[name] = np.round(middle / np.abs(middle).max() * _STEPS).astype(np.int8)
    return made


def named(texts: Iterable[str]) -> dict[bytes, str]:
    """Texts under the names that tables keep their points by."""
    return {_name(text): text for text in texts}


@lru_cache(maxsize=1)
def _shipped(file: Path) -> Table:
    return Table.read(file)


def _name(text: str) -> bytes:
    return hashlib.sha256(text.encode()).hexdigest()[:16].encode()


def _parted(text: str) -> tuple[str, str]:
    title, _, rest = text.partition("\n")
    return title, rest
