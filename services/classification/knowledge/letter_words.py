"""The words of one letter as numbers of the likeness that it is weighed by: one look at each, then a few arrays."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.classification.knowledge.words import features_as_written
from services.core.language.runs import Runs

_HALF = np.uint64(32)
_STRANGE = 2**31
"""From here on stand features that the likeness does not know, numbered by a checksum: of two thousand that differ, two
share a number in one letter of a thousand, and count as one that is said twice."""
_WRITTEN = re.compile(r"[^\W\d_]{2,}")
"""One letter less than a word has: folded, an ß has two."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Letter:
    """The features of one text."""

    count: int
    """How many different features it has, also those that nobody knows."""
    rows: Rows
    """Its features that are known, each once, in the order of the rows."""
    weights: NDArray[np.float64]
    """Of these; of length one together with those that are not known."""
    runs: tuple[str, ...]
    """What stands between blanks, each once, in its order."""
    _numbers: Rows
    _run_of: NDArray[np.uint32]
    """For each number the first run that has it."""
    _row: Mapping[str, int]

    def spellings(self, wanted: Iterable[str]) -> dict[str, str]:
        """The wanted features that the letter has, each with the first word that has it, as it stands there."""
        features = list(wanted)
        numbers = np.array([_number(feature, self._row) for feature in features], np.intp)
        places = self._numbers.searchsorted(numbers)
        places[places == len(self._numbers)] = 0
        here = np.flatnonzero(self._numbers[places] == numbers) if len(self._numbers) else places[:0]
        found: dict[str, str] = {}
        for one, run in zip(here.tolist(), self._run_of[places[here]].tolist(), strict=True):
            words = _WRITTEN.findall(self.runs[run])
            found[features[one]] = _first(words, features[one]) if len(words) > 1 else words[0]
        return found


class Letters:
    """Looks at letters by the features of one likeness, which are numbered by row."""

    def __init__(self, row: Mapping[str, int], rarity: NDArray[np.float64], rarest: float) -> None:
        """`rarest` is the rarity of what has no row."""
        self._row, self._rarity, self._rarest = row, rarity, rarest
        self._packed_runs = Runs(self._packed)

    def letter(self, text: str) -> Letter:
        """The features of a text, weighed by how rare they are and how often they stand there."""
        counted = Counter(text.split())
        runs = tuple(counted)
        packed = list(self._packed_runs.of(runs))
        lengths = np.fromiter(map(len, packed), np.intp, len(packed)) // 8
        places = np.repeat(np.arange(len(packed), dtype=np.uint64), lengths)
        # Sorted by number and place, each number has its runs together, and in front the first run that has it.
        pairs = np.sort(np.frombuffer(b"".join(packed), np.uint64) | places)
        every, run_of = (pairs >> _HALF).astype(np.intp), pairs.astype(np.uint32)
        first = np.ones(len(every), np.bool_)
        np.not_equal(every[1:], every[:-1], out=first[1:])
        begins = np.flatnonzero(first)
        times = np.fromiter(counted.values(), np.float64, len(runs))[run_of]
        numbers, damped = every[begins], 1 + np.log(np.add.reduceat(times, begins) if len(begins) else times)
        known = int(numbers.searchsorted(_STRANGE))
        weights, others = self._rarity[numbers[:known]] * damped[:known], self._rarest * damped[known:]
        length = math.sqrt(weights @ weights + others @ others) or 1.0
        return Letter(len(numbers), numbers[:known], weights / length, runs, numbers, run_of[begins], self._row)

    def _packed(self, run: str) -> bytes:
        """The numbers of a run's features, each in an upper half: the lower half is for its place in the letter."""
        features = (feature for word in _WRITTEN.findall(run) for feature in features_as_written(word))
        return (np.array([_number(feature, self._row) for feature in features], np.uint64) << _HALF).tobytes()


def _first(words: list[str], feature: str) -> str:
    return next((word for word in words if feature in features_as_written(word)), words[0])


def _number(feature: str, row: Mapping[str, int]) -> int:
    number = row.get(feature)
    return zlib.crc32(feature.encode("utf-8", "surrogatepass")) | _STRANGE if number is None else number
