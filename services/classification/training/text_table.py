"""All texts that a model is trained by, their words as numbers: a hundred thousand letters in a few hundred megabytes.

A dictionary of each letter's words takes twenty kilobytes, a number and a count five bytes a word. The texts of a
position lie one behind the other, so that a training looks at one position after another and never at all at one time.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from services.classification.knowledge.likeness import Likeness, damped

MOST_WORDS = 2_000_000
"""Words that are told apart; one that is met first when there are so many is not learned."""
_MOST_TIMES = 255
"""How often a text says a word at most: it is a byte, and damped anyway."""
_AT_ONCE = 2_000
"""Texts whose words are weighed at one time."""
_DAMPED = np.array([0.0, *(damped(times) for times in range(1, _MOST_TIMES + 1))])

Counted = Mapping[str, int]
"""How often each word stands in a text."""
Chosen = NDArray[np.bool_]
"""For each text of the table whether it is looked at."""


class _Shelf(NamedTuple):
    """The texts of one position."""

    words: "array[int]"
    times: "array[int]"
    lengths: "array[int]"
    rows: "array[int]"


class Summed(NamedTuple):
    """What the texts of one position say together."""

    words: NDArray[np.intp]
    weights: NDArray[np.float64]


class TextTable:
    """Texts by position; each has a row, counted from 0 in the order in which they were added."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._shelves: dict[str, _Shelf] = {}
        self._codes: list[str] = []
        self._place_of: dict[str, int] = {}
        self._place, self._start, self._length = array("H"), array("Q"), array("I")
        self.counts: NDArray[np.float64] | None = None
        """How much each text counts; None where all count alike."""

    @classmethod
    def of(cls, texts: Mapping[str, Iterable[Counted]]) -> Self:
        """A table of texts by their position."""
        made = cls()
        for code, mine in texts.items():
            for counted in mine:
                made.add(code, counted)
        return made

    def __len__(self) -> int:
        return len(self._place)

    @property
    def all(self) -> Chosen:
        """Every text."""
        return np.ones(len(self), np.bool_)

    @property
    def names(self) -> Sequence[str]:
        """The words, by number."""
        return list(self._number)

    @property
    def codes(self) -> Iterable[str]:
        """The positions that have a text."""
        return self._codes

    def add(self, code: str, counted: Counted) -> int:
        """Put a text at a position; its row."""
        if code not in self._shelves:
            self._shelves[code] = _Shelf(array("I"), array("B"), array("I"), array("I"))
            self._place_of[code] = len(self._codes)
            self._codes.append(code)
        shelf, row = self._shelves[code], len(self)
        start = len(shelf.words)
        for word, times in counted.items():
            number = self._number.get(word)
            if number is None:
                if len(self._number) >= MOST_WORDS:
                    continue
                number = self._number[word] = len(self._number)
            shelf.words.append(number)
            shelf.times.append(min(times, _MOST_TIMES))
        length = len(shelf.words) - start
        shelf.lengths.append(length)
        shelf.rows.append(row)
        self._place.append(self._place_of[code])
        self._start.append(start)
        self._length.append(length)
        return row

    def texts(self, rows: Iterable[int], names: Sequence[str]) -> Iterator[tuple[str, Counted]]:
        """Position and words of some texts, one after another; `names` are those of the table."""
        for row in rows:
            code = self._codes[self._place[row]]
            shelf, start = self._shelves[code], self._start[row]
            end = start + self._length[row]
            words = (names[number] for number in shelf.words[start:end])
            yield code, dict(zip(words, shelf.times[start:end], strict=True))

    def summed(self, code: str, chosen: Chosen, rarities: NDArray[np.float64]) -> Summed:
        """The words of a position's chosen texts, each text of length one, times how much it counts."""
        shelf = self._shelves[code]
        rows = np.frombuffer(shelf.rows, np.uint32)
        lengths = np.frombuffer(shelf.lengths, np.uint32).astype(np.intp)
        words, times = np.frombuffer(shelf.words, np.uint32), np.frombuffer(shelf.times, np.uint8)
        ends = np.cumsum(lengths)
        counts = chosen[rows].astype(np.float64)
        if self.counts is not None:
            counts = counts * self.counts[rows]
        sums = np.zeros(len(self._number))
        for first in range(0, len(rows), _AT_ONCE):
            here = slice(first, first + _AT_ONCE)
            part = slice(int(ends[first] - lengths[first]), int(ends[here][-1]))
            shares = rarities[words[part]] * _DAMPED[times[part]]
            text = np.repeat(np.arange(len(lengths[here])), lengths[here])
            sizes = np.sqrt(np.bincount(text, shares * shares, len(lengths[here])))
            factors = counts[here] / np.where(sizes > 0, sizes, 1.0)
            sums += np.bincount(words[part], shares * factors[text], len(sums))
        said = np.flatnonzero(sums)
        return Summed(said, sums[said])

    def rarities(self, likeness: Likeness) -> NDArray[np.float64]:
        """How rare each word is, by number, as the likeness counts it."""
        return likeness.rarities(self._number)
