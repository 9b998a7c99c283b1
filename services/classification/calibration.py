"""How sure the words of a letter are: their scores, stretched until they promise what letters held back have kept.

Words, model and meaning rest on the same texts, and how far they repeat each other no formula knows. So whether the
position that they put first was right is learned from decided letters of senders that the model had not seen (Platt's
logistic calibration, by how far it leads and by who agrees). All scores of a letter are then stretched or flattened by
one factor, so that the first has this probability: their order stays what it was (decisions 0047 and 0089).
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_ODDS = 8.0
"""Logarithm beyond which odds tell no more."""
VERSION = 2
"""Of the signs: the first measured the odds against all others together."""
_FLATTEST, _STEEPEST = 0.05, 20.0
"""Factors: within, every letter that says anything reaches the probability that is asked for, or as good as."""
_STEPS = 40
_NEAR = 1e-9
PARTS = 3
"""Words, model and meaning."""
SIGNS = 2 + PARTS
HOME = (0.0, 1.0, 0.0, 0.0, 0.0)
"""Weights of which nobody learned anything: the first against the second alone, whoever agrees."""


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
        """The factor for the scores of one letter by which its first position has the probability that is promised.

        By Newton's method from below: the logarithm of the sum is convex, so that no step goes too far, and few looks
        at all positions are enough.
        """
        wanted = float(np.log(self.promise(signs_of(scores, parts))))
        below = scores - scores.max(initial=0.0)
        factor = _FLATTEST
        for _ in range(_STEPS):
            powers = np.exp(below * factor)
            total = float(powers.sum())
            missing, slope = np.log(total) + wanted, float(powers @ below) / total
            if slope > -_NEAR:  # nobody stands behind the first that a larger factor would move away
                return _STEEPEST if missing > 0 else factor
            before, factor = factor, float(min(max(factor - missing / slope, _FLATTEST), _STEEPEST))
            if abs(factor - before) <= _NEAR * factor:
                break
        return factor


def signs_of(scores: Scores, parts: Sequence[Scores | None]) -> NDArray[np.float64]:
    """What is known of a letter's first position before anybody says whether it is right.

    How far it leads the second, and for each of words, model and meaning whether it would put it first by itself: half
    a point for or against, none where it is silent. `parts` are what each says, in the order of the scores. How much
    all others have together says how many positions there are and how even the letter's tone is, not who is right.
    """
    first = int(scores.argmax())
    leads = scores[first] - np.delete(scores, first).max() if len(scores) > 1 else _ODDS
    agreed = np.zeros(PARTS)
    for at, part in enumerate(parts):
        if part is not None and part.max(initial=0.0) > part.min(initial=0.0):
            agreed[at] = 0.5 if int(part.argmax()) == first else -0.5
    return np.array([1.0, min(leads, _ODDS), *agreed])
