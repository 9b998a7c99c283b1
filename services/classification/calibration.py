"""How sure the words of a letter are: their scores, stretched until they promise what letters held back have kept.

Words, model and meaning rest on the same texts, and how far they repeat each other no formula knows. So whether the
position that they put first was right is learned from decided letters of senders that the model had not seen (Platt's
logistic calibration, by the odds and by who agrees). All scores of a letter are then stretched or flattened by one
factor, so that the first has this probability: their order stays what it was (decision 0047).
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_ODDS = 8.0
"""Logarithm beyond which odds tell no more."""
_FLATTEST, _STEEPEST = 0.05, 20.0
"""Factors: within, every letter that says anything reaches the probability that is asked for, or as good as."""
_HALVINGS = 24
PARTS = 3
"""Words, model and meaning."""
SIGNS = 2 + PARTS
AS_IT_IS = (0.0, 1.0, 0.0, 0.0, 0.0)
"""Weights by which a probability stays what it was."""


class Calibration(Struct, frozen=True, array_like=True):
    """What the signs of a letter say; made by `training.calibrating`."""

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """ValueError for weights that belong to other signs."""
        if len(self.weights) != SIGNS or not all(np.isfinite(self.weights)):
            raise ValueError("weights of other signs")

    def promise(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """How sure the first position is, for a row of signs each."""
        says = np.clip(signs @ np.array(self.weights), -_ODDS, _ODDS)
        promised: NDArray[np.float64] = 1 / (1 + np.exp(-says))
        return promised

    def stretched(self, scores: Scores, parts: Sequence[Scores | None]) -> float:
        """The factor for the scores of one letter by which its first position has the probability that is promised."""
        wanted = float(self.promise(signs_of(scores, parts)))
        below = scores - scores.max(initial=0.0)
        low, high = np.log(_FLATTEST), np.log(_STEEPEST)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if 1 / np.exp(below * np.exp(middle)).sum() < wanted:
                low = middle
            else:
                high = middle
        return float(np.exp((low + high) / 2))


def signs_of(scores: Scores, parts: Sequence[Scores | None]) -> NDArray[np.float64]:
    """What is known of a letter's first position before anybody says whether it is right.

    Its odds against all others, and for each of words, model and meaning whether it would put it first by itself: half
    a point for or against, none where it is silent. `parts` are what each says, in the order of the scores.
    """
    first = int(scores.argmax())
    others = np.delete(scores, first)
    odds = scores[first] - _log_sum(others) if len(others) else _ODDS
    agreed = np.zeros(PARTS)
    for at, part in enumerate(parts):
        if part is not None and part.max(initial=0.0) > part.min(initial=0.0):
            agreed[at] = 0.5 if int(part.argmax()) == first else -0.5
    return np.array([1.0, np.clip(odds, -_ODDS, _ODDS), *agreed])


def _log_sum(scores: Scores) -> float:
    highest = scores.max()
    return float(highest + np.log(np.exp(scores - highest).sum()))
