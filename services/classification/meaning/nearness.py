"""How near a letter lies to each position: to the example that is most like it, and to the middle of all of them."""

from collections.abc import Mapping

import numpy as np

from services.classification.fusion import Scores
from services.runtime.meaning.encoder import Points, of_length_one


class Nearness:
    """The points of every position of one plan."""

    def __init__(self, points: Mapping[str, Points]) -> None:
        """`points` has one position or more, and at least one point for each."""
        self.codes = tuple(points)
        self._all: Points = np.concatenate(list(points.values()))
        self._begins = np.cumsum([0, *(len(mine) for mine in points.values())])[:-1]
        self._middles = of_length_one(np.array([mine.mean(axis=0) for mine in points.values()], np.float32))

    def says(self, letter: Points) -> Scores:
        """For each of `codes`, how much nearer than to the others the segments of a letter lie.

        Standard deviations above the mean of all positions, of the nearest example and of the middle together: how far
        points lie apart depends on the letter's tone and length, how they lie to each other on its matter.
        """
        nearest = np.maximum.reduceat(letter @ self._all.T, self._begins, axis=1)
        return _apart(nearest.mean(axis=0)) + _apart((letter @ self._middles.T).mean(axis=0))


def _apart(likenesses: Points) -> Scores:
    spread = likenesses.std()
    apart: Scores = ((likenesses - likenesses.mean()) / (spread or 1.0)).astype(np.float64)
    return apart
