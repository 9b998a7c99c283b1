"""Which lessons say which words: the heaviest of each by word, and all of them as numbers, to be weighed anew.

Words are numbered once for all lessons. What lies in sorted arrays was taken in together, as a process begins; what is
learned afterwards stands beside it, word by word.
"""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count, repeat
from typing import NamedTuple, Self, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

WORDS = 120
"""Heaviest words of a letter by which it is found."""
_COMMON = 400
"""Lessons that may share a word: of a more common one only the newest are compared."""
_SORTED_AT = 500
"""Lessons that stand beside the sorted arrays at most: sorting five thousand takes as long as looking at fifty letters,
and each word of a letter that stands beside them costs more than one within."""
_NOTHING = (array("I"), array("f"))
_MOST_TIMES = 2**16 - 1

Rarities = Callable[[Collection[str]], NDArray[np.float64]]
"""How rare each of these words is."""
_Number = TypeVar("_Number", bound=np.generic)
_Numbers = NDArray[np.uint32]
_Weights = NDArray[np.float32]


class _Said(NamedTuple):
    """The words of one lesson, in the order in which its letter has them, and its heaviest ones."""

    numbers: _Numbers
    times: NDArray[np.uint16]
    heavy: _Numbers
    weights: _Weights
    """Of the heaviest, of length one together."""


class Parts(Struct, frozen=True, array_like=True):
    """An index as it is kept: lessons follow each other in the order of their slots."""

    names: list[str]
    lengths: bytes
    numbers: bytes
    times: bytes
    heavy_lengths: bytes
    heavy: bytes
    weights: bytes


class LessonIndex:
    """The words of lessons, each in a slot of its own; slots are counted up and not used again until `compacted`."""

    def __init__(self, rarities: Rarities) -> None:
        self._rarities = rarities
        self._names: list[str] = []
        self._number: dict[str, int] = {}
        self._said: dict[int, _Said] = {}
        self._starts: NDArray[np.intp] = np.zeros(1, np.intp)
        self._slots: _Numbers = np.zeros(0, np.uint32)
        self._weights: _Weights = np.zeros(0, np.float32)
        self._later: dict[int, tuple[array[int], array[float]]] = {}
        """By the number of a word: what was learned since the arrays were sorted."""
        self._unsorted = 0
        """Lessons that were learned since."""
        self.slots = 0
        """How many were ever given away."""

    @classmethod
    def of(cls, parts: Parts, rarities: Rarities) -> Self:
        """The index that was kept, its lessons in slots from 0 on; ValueError where the parts do not fit together."""
        made = cls(rarities)
        made._names, made._number = parts.names, {name: number for number, name in enumerate(parts.names)}
        ends, heavy_ends = _ends(parts.lengths), _ends(parts.heavy_lengths)
        numbers, times = np.frombuffer(parts.numbers, np.uint32), np.frombuffer(parts.times, np.uint16)
        heavy, weights = np.frombuffer(parts.heavy, np.uint32), np.frombuffer(parts.weights, np.float32)
        highest = max(int(numbers.max(initial=0)), int(heavy.max(initial=0)))
        fits = len(ends) == len(heavy_ends) and ends[-1] == len(numbers) == len(times)
        if (
            not fits
            or not heavy_ends[-1] == len(heavy) == len(weights)
            or (len(numbers) and highest >= len(made._names))
        ):
            raise ValueError
        made.slots = len(ends) - 1
        for slot in range(made.slots):
            here, strong = slice(*ends[slot : slot + 2]), slice(*heavy_ends[slot : slot + 2])
            made._said[slot] = _Said(numbers[here], times[here], heavy[strong], weights[strong])
        made._sort()
        return made

    def parts(self, slots: Sequence[int]) -> Parts:
        """What `of` makes the same index of, with these slots in this order, and no words but theirs."""
        said = [self._said[slot] for slot in slots]
        numbers = _joined([one.numbers for one in said], np.uint32)
        used = np.zeros(len(self._names), np.bool_)
        used[numbers] = True
        renumbered = (np.cumsum(used) - 1).astype(np.uint32)
        return Parts(
            names=[self._names[number] for number in np.flatnonzero(used).tolist()],
            lengths=np.array([len(one.numbers) for one in said], np.uint32).tobytes(),
            numbers=renumbered[numbers].tobytes(),
            times=_joined([one.times for one in said], np.uint16).tobytes(),
            heavy_lengths=np.array([len(one.heavy) for one in said], np.uint32).tobytes(),
            heavy=renumbered[_joined([one.heavy for one in said], np.uint32)].tobytes(),
            weights=_joined([one.weights for one in said], np.float32).tobytes(),
        )

    def add(self, words: Mapping[str, int]) -> int:
        """Take a lesson's words in; returns its slot."""
        slot, self.slots = self.slots, self.slots + 1
        known = self._number
        new = [word for word in words if word not in known]
        known.update(zip(new, count(len(known))))
        self._names += new
        numbers = np.fromiter(map(known.__getitem__, words), np.uint32, len(words))
        times = np.minimum(np.fromiter(words.values(), np.int64, len(words)), _MOST_TIMES).astype(np.uint16)
        said = self._said[slot] = self._weighed(numbers, times, self._rarities(words.keys()))
        for number, weight in zip(said.heavy.tolist(), said.weights.tolist(), strict=True):
            slots, weights = self._later.setdefault(number, (array("I"), array("f")))
            slots.append(slot)
            weights.append(weight)
        self._unsorted += 1
        if self._unsorted >= _SORTED_AT:
            self._sort()
        return slot

    def drop(self, slot: int) -> None:
        """Let go of a lesson's words; its slot may still be named where words are compared, until `compacted`."""
        self._said.pop(slot, None)

    def words(self, slot: int) -> dict[str, int]:
        """The words of a lesson and how often each stands there, in the order of its letter."""
        said, names = self._said[slot], self._names
        return {names[number]: times for number, times in zip(said.numbers.tolist(), said.times.tolist(), strict=True)}

    def likenesses(self, weighed: Mapping[str, float]) -> NDArray[np.float64]:
        """How like a letter is to each lesson, by slot."""
        every = np.fromiter(map(self._number.get, weighed, repeat(-1)), np.intp, len(weighed))
        here = every >= 0
        numbers, own = every[here], np.fromiter(weighed.values(), np.float64, len(weighed))[here]
        later = [self._later.get(number, _NOTHING) for number in numbers.tolist()] if self._later else []
        learned = np.fromiter((len(slots) for slots, _ in later), np.intp, len(later)) if later else 0
        slots, shares = self._sorted(numbers, own, learned)
        if later:
            newest = [(one[0][-_COMMON:], one[1][-_COMMON:]) for one in later]
            slots = np.concatenate((slots, *(np.frombuffer(one, np.uint32) for one, _ in newest)))
            lengths = np.minimum(learned, _COMMON)
            weights = np.concatenate([np.frombuffer(one, np.float32) for _, one in newest])
            shares = np.concatenate((shares, weights * np.repeat(own, lengths)))
        return np.bincount(slots, shares).astype(np.float64) if len(slots) else np.zeros(0)

    def _sorted(
        self, numbers: NDArray[np.intp], own: NDArray[np.float64], learned: NDArray[np.intp] | int
    ) -> tuple[_Numbers, NDArray[np.float64]]:
        """The newest lessons with each of these words, `learned` later ones left out, and what they add."""
        last = len(self._starts) - 1
        ends = self._starts[np.minimum(numbers + 1, last)]
        lengths = np.minimum(ends - self._starts[np.minimum(numbers, last)], np.maximum(_COMMON - learned, 0))
        before = np.cumsum(lengths)
        total = int(before[-1]) if len(numbers) else 0
        at = np.arange(total) + np.repeat(ends - before, lengths)
        return self._slots[at], self._weights[at] * np.repeat(own, lengths)

    def weigh_anew(self) -> None:
        """Choose the heaviest words by the rarities that hold now."""
        if not self._said:
            return
        rarities = self._rarities(self._names)
        for slot, said in self._said.items():
            self._said[slot] = self._weighed(said.numbers, said.times, rarities[said.numbers])
        self._sort()

    def _weighed(self, numbers: _Numbers, times: NDArray[np.uint16], rarities: NDArray[np.float64]) -> _Said:
        """With the heaviest words; of those that weigh the same the first by name."""
        weights = rarities * (1 + np.log(np.maximum(times, 1)))
        kept = np.arange(len(numbers))
        if len(numbers) > WORDS:
            least = np.partition(weights, -WORDS)[-WORDS]
            sure, tied = np.flatnonzero(weights > least), np.flatnonzero(weights == least)
            by_name = sorted(tied.tolist(), key=lambda at: self._names[numbers[at]])
            kept = np.array([*sure.tolist(), *by_name[: WORDS - len(sure)]], np.intp)
        length = float(np.sqrt(weights[kept] @ weights[kept])) or 1.0
        return _Said(numbers, times, numbers[kept], (weights[kept] / length).astype(np.float32))

    def _sort(self) -> None:
        """Lay out by word what is there, in the order of the slots."""
        said = sorted(self._said.items())
        heavy = _joined([one.heavy for _, one in said], np.uint32)
        order = np.argsort(heavy, kind="stable")
        self._starts = np.searchsorted(heavy[order], np.arange(len(self._names) + 1))
        slots = np.repeat(np.array([slot for slot, _ in said], np.uint32), [len(one.heavy) for _, one in said])
        self._slots, self._weights = slots[order], _joined([one.weights for _, one in said], np.float32)[order]
        self._later, self._unsorted = {}, 0


def _joined(arrays: Sequence[NDArray[_Number]], kind: type[_Number]) -> NDArray[_Number]:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _ends(lengths: bytes) -> list[int]:
    """Where the first begins and each one ends."""
    return [0, *np.cumsum(np.frombuffer(lengths, np.uint32), dtype=np.int64).tolist()]
