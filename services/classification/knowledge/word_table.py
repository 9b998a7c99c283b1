"""Weights of positions that stand word by word: a letter asks only for its own words, all at one time.

A plan of a thousand positions costs hardly more than one of a hundred, for most positions say few words of a letter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
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
    rows: NDArray[np.intp]
    """Those that the table has, in the order of the shares."""
    ends: NDArray[np.intp]
    """How many shares there are up to each of these words, its own among them."""
    places: NDArray[Place]
    shares: NDArray[np.float64]
    names: Sequence[str]
    """Every word of the table, by row."""

    @property
    def words(self) -> list[str]:
        """Those of the letter that the table has."""
        return [self.names[row] for row in self.rows.tolist()]

    def sums(self, count: int) -> NDArray[np.float64]:
        """What they say together for each of so many places."""
        return np.bincount(self.places, self.shares, minlength=count).astype(np.float64, copy=False)

    def telling(self, places: Sequence[int], most: int) -> list[list[str]]:
        """For each of these places the words that say most for it, the heaviest first: one look at all shares."""
        wanted = np.zeros(max([int(self.places.max(initial=0)), *places]) + 1, np.bool_)
        wanted[list(places)] = True
        here = np.flatnonzero(wanted[self.places])
        said_for = self.places[here]
        return [self._heaviest(here[said_for == place], most) for place in places]

    def _heaviest(self, here: NDArray[np.intp], most: int) -> list[str]:
        shares = self.shares[here]
        if len(here) > most:  # of equal ones all are kept, for their names decide
            kept = shares >= np.partition(shares, -most)[-most]
            here, shares = here[kept], shares[kept]
        rows = self.rows[np.searchsorted(self.ends, here, "right")].tolist()
        told = zip(shares.tolist(), rows, strict=True)
        heaviest = sorted((-share, self.names[row]) for share, row in told if share > 0)
        return [word for _, word in heaviest[:most]]


class WordTable:
    """Weights by word and place."""

    def __init__(self, words: Iterable[str], lengths: NDArray[Place], places: bytes, weights: bytes) -> None:
        """`lengths`: how many weights each word has. ValueError where the parts do not fit together."""
        self.names = list(words)
        """Of the words, by row."""
        self.row = {word: row for row, word in enumerate(self.names)}
        self._starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.intp)))
        self._places = np.frombuffer(places, Place)
        self._weights = np.frombuffer(weights, Weight)
        if len(self.row) != len(lengths) or not self._starts[-1] == len(self._places) == len(self._weights):
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
        every = np.fromiter(map(self.row.get, weighed, repeat(-1)), np.intp, len(weighed))
        here = every >= 0
        return self.ask_rows(every[here], np.fromiter(weighed.values(), np.float64, len(weighed))[here])

    def ask_rows(self, rows: NDArray[np.intp], weights: NDArray[np.float64]) -> Asked:
        """The same of words that are known by their rows."""
        starts = self._starts[rows]
        lengths = self._starts[rows + 1] - starts
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(rows) else 0
        at = np.arange(total) + np.repeat(starts - ends + lengths, lengths)
        shares = self._weights[at] * np.repeat(weights, lengths)
        return Asked(int(np.count_nonzero(lengths)), rows, ends, self._places[at], shares, self.names)
