"""A text is looked at by its runs of letters between blanks: what is made of each is kept, for letters repeat them."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

KEPT, LONGEST_KEPT = 20_000, 60
"""Runs of which something is kept, and the letters of the longest: a hostile text shall not fill the memory."""

_Made = TypeVar("_Made")


class Runs(Generic[_Made]):
    """Remembers what a function makes of a run; for functions that never look across a blank."""

    def __init__(self, make: Callable[[str], _Made]) -> None:
        self._make = make
        self._kept = lru_cache(KEPT)(make)

    def of(self, runs: Sequence[str]) -> Iterator[_Made]:
        """What is made of each of these, in their order; whoever gets it must not change it."""
        if max(map(len, runs), default=0) <= LONGEST_KEPT:
            return map(self._kept, runs)
        return ((self._kept if len(run) <= LONGEST_KEPT else self._make)(run) for run in runs)
