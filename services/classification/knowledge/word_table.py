"""Weights of positions that stand word by word: a letter asks only for its own words, all at one time.

A plan of a thousand positions costs hardly more than one of a hundred, for most positions say few words of a letter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Self

import numpy as np
from numpy.typing import NDArray

Place = np.uint16
"""A plan has at most 20,000 positions."""
Weight = np.float32


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of one letter say, word by word."""

    known: int
    """How many of them say anything."""
    words: Sequence[str]
    of_word: NDArray[np.intp]
    """For each share the number of its word."""
    places: NDArray[Place]
    shares: NDArray[np.float64]

    def sums(self, count: int) -> list[float]:
        """What they say together for each of so many places."""
        said: list[float] = np.bincount(self.places, self.shares, minlength=count).tolist()
        return said

    def telling(self, place: int, most: int) -> list[str]:
        """The words that say most for a place, the heaviest first."""
        here = np.flatnonzero(self.places == place)
        found = zip(self.shares[here].tolist(), self.of_word[here].tolist(), strict=True)
        heaviest = sorted((-share, self.words[word]) for share, word in found if share > 0)
        return [word for _, word in heaviest[:most]]


class WordTable:
    """Weights by word and place."""

    def __init__(self, words: Iterable[str], lengths: NDArray[Place], places: bytes, weights: bytes) -> None:
        """`lengths`: how many weights each word has. ValueError where the parts do not fit together."""
        self._row = {word: row for row, word in enumerate(words)}
        self._starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.intp)))
        self._places = np.frombuffer(places, Place)
        self._weights = np.frombuffer(weights, Weight)
        if len(self._row) != len(lengths) or not self._starts[-1] == len(self._places) == len(self._weights):
            raise ValueError

    @classmethod
    def of(cls, found: Mapping[str, Sequence[tuple[int, float]]]) -> Self:
        """Place and weight, for every word."""
        places = np.array([place for mine in found.values() for place, _ in mine], Place)
        weights = np.array([weight for mine in found.values() for _, weight in mine], Weight)
        lengths = np.array([len(mine) for mine in found.values()], Place)
        return cls(found, lengths, places.tobytes(), weights.tobytes())

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """Lengths, places and weights as they are kept on disk."""
        lengths = np.diff(self._starts).astype(Place)
        return lengths.tobytes(), self._places.tobytes(), self._weights.tobytes()

    @property
    def highest(self) -> int:
        """The highest place that a word has a weight for; -1 where none has."""
        return int(self._places.max(initial=0)) if len(self._places) else -1

    def ask(self, weighed: Mapping[str, float]) -> Asked:
        """What the words of a letter say, each with its weight there."""
        every = np.fromiter(map(self._row.get, weighed, repeat(-1)), np.intp, len(weighed))
        here = every >= 0
        rows, mine = every[here], list(compress(weighed, here.tolist()))
        own = np.fromiter(weighed.values(), np.float64, len(weighed))[here]
        starts = self._starts[rows]
        lengths = self._starts[rows + 1] - starts
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if mine else 0
        of_word = np.repeat(np.arange(len(mine)), lengths)
        at = np.arange(total) + np.repeat(starts - ends + lengths, lengths)
        return Asked(int(np.count_nonzero(lengths)), mine, of_word, self._places[at], self._weights[at] * own[of_word])
