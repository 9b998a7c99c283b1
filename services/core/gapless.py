"""Rows of numbers that exist without a gap, 1, 2, 3 …: entries of a file, files of a year, lines of an inbox."""

from collections.abc import Callable

ROWS_KNOWN = 10_000
"""So many ends are remembered, a hundred bytes each; then all are forgotten, and each searched once anew."""


def last_of_gapless(exists: Callable[[int], bool], known: int = 0) -> int:
    """The highest number that exists, 0 for none; asks about log n times, or two where `known` is the end."""
    below, step = (known if known and exists(known) else 0), 1
    while exists(below + step):
        below, step = below + step, 2 * step
    above = below + step
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (middle, above) if exists(middle) else (below, middle)
    return below


class Rows:
    """Where rows were seen to end: the next look at one begins there. Any thread may ask.

    What is remembered spares looks and decides nothing: an end that moved on is found all the same, and one that is not
    there any more, as after a restore of the store, is searched from the start.
    """

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}

    def last(self, row: str, exists: Callable[[int], bool]) -> int:
        """See `last_of_gapless`; `row` tells this row from all others."""
        end = last_of_gapless(exists, self._ends.get(row, 0))
        if len(self._ends) >= ROWS_KNOWN:
            self._ends.clear()
        self._ends[row] = end
        return end
