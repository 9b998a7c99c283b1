"""Weights of positions that stand word by word: a letter asks only for its own words, all at one time.

A plan of a thousand positions costs hardly more than one of a hundred: most words are said by few positions and stand
as lists; what many positions say stands as a line with a weight for each of them, and lines are added up as they are.
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
Numbers = NDArray[np.intp]

_MANY = 10
"""A word that at least one position in so many says is a line: adding a weight of a line up, zero or not, takes a
twentieth of the time that finding its place from a list takes."""
_MOST_OF_LINES = 32 * 1024 * 1024
"""Bytes of all lines of a table, so that a plan of 20,000 positions fills no memory; further words stay lists."""
_AT_A_TIME = 32
"""Lines that are added up together: those of a thousand positions fit into what a processor has close at hand, and what
single precision rounds stays small. Not by `@`, which would wake threads for them."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What words say that few positions say: one share after another, word by word."""

    rows: Numbers
    ends: Numbers
    """How many shares there are up to each of these words, its own among them."""
    places: NDArray[Place]
    shares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lines:
    """What words say that many positions say: a line of the table for each, with what the word weighs in the letter."""

    rows: Numbers
    numbers: Numbers
    """Of the lines, word by word."""
    weights: NDArray[np.float64]
    table: NDArray[Weight]

    def sums(self) -> NDArray[np.float64]:
        """What they say together for each place."""
        said, weights = np.zeros(self.table.shape[1]), self.weights.astype(Weight)
        for at in range(0, len(weights), _AT_A_TIME):
            here = slice(at, at + _AT_A_TIME)
            said += np.einsum("i,ij->j", weights[here], self.table[self.numbers[here]])
        return said

    def at(self, place: int) -> NDArray[np.float64]:
        """What each of them says for one place."""
        if place >= self.table.shape[1]:
            return np.zeros(len(self.numbers))
        said: NDArray[np.float64] = self.table[self.numbers, place] * self.weights
        return said


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of one letter say."""

    known: int
    """How many of them say anything."""
    weight: float
    """Of all its words that the table has, together."""
    lists: Lists
    lines: Lines
    names: Sequence[str]
    """Every word of the table, by row."""

    def sums(self, count: int) -> NDArray[np.float64]:
        """What they say together for each of so many places."""
        said = np.bincount(self.lists.places, self.lists.shares, minlength=count).astype(np.float64, copy=False)
        if len(self.lines.numbers):
            said[: self.lines.table.shape[1]] += self.lines.sums()
        return said

    def telling(self, places: Sequence[int], most: int) -> list[list[str]]:
        """For each of these places the words that say most for it, the heaviest first: one look at all shares."""
        wanted = np.zeros(max([int(self.lists.places.max(initial=0)), *places]) + 1, np.bool_)
        wanted[list(places)] = True
        here = np.flatnonzero(wanted[self.lists.places])
        said_for = self.lists.places[here]
        return [self._heaviest(here[said_for == place], place, most) for place in places]

    def _heaviest(self, here: Numbers, place: int, most: int) -> list[str]:
        shares = np.concatenate((self.lists.shares[here], self.lines.at(place)))
        listed = self.lists.rows[np.searchsorted(self.lists.ends, here, "right")]
        rows = np.concatenate((listed, self.lines.rows))
        if len(rows) > most:  # of equal ones all are kept, for their names decide
            kept = shares >= np.partition(shares, -most)[-most]
            rows, shares = rows[kept], shares[kept]
        told = zip(shares.tolist(), rows.tolist(), strict=True)
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
        self._line, self._lines = self._laid_out()

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

    def ask_rows(self, rows: Numbers, weights: NDArray[np.float64]) -> Asked:
        """The same of words that are known by their rows."""
        numbers = self._line[rows]
        by_line = numbers >= 0
        listed = ~by_line
        lists = self._listed(rows[listed], weights[listed])
        lines = Lines(rows[by_line], numbers[by_line], weights[by_line], self._lines)
        known = int(np.count_nonzero(np.diff(lists.ends, prepend=0))) + len(lines.rows)
        return Asked(known, float(weights.sum()), lists, lines, self.names)

    def _listed(self, rows: Numbers, weights: NDArray[np.float64]) -> Lists:
        at, lengths = self._found_at(rows)
        shares = (self._weights[at] * np.repeat(weights, lengths)).astype(np.float64, copy=False)
        return Lists(rows, np.cumsum(lengths), self._places[at], shares)

    def _found_at(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Where the weights of these words stand, word by word, and how many each has."""
        starts = self._starts[rows]
        lengths = self._starts[rows + 1] - starts
        before = np.cumsum(lengths) - lengths
        return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths), lengths

    def _laid_out(self) -> tuple[Numbers, NDArray[Weight]]:
        """For each row the number of its line, -1 for a list; and the lines, the words of the first rows in front."""
        width = self.highest + 1
        counts = np.diff(self._starts)
        rows = np.flatnonzero(counts * _MANY >= max(width, 1))[: _MOST_OF_LINES // (4 * max(width, 1))]
        line = np.full(len(counts), -1, np.intp)
        line[rows] = np.arange(len(rows))
        at, lengths = self._found_at(rows)
        lines = np.zeros((len(rows), width), Weight)
        lines[np.repeat(np.arange(len(rows)), lengths), self._places[at]] = self._weights[at]
        return line, lines
