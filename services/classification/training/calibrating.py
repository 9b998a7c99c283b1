"""Learns from letters held back how sure their words were: taken unless it promises worse than what is there."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from services.classification.calibration import HOME, SIGNS, Calibration
from services.classification.training.comparing import noise

LEAST = 100
"""Letters held back below which nobody can say what a probability keeps."""
OF_ONE = 30
"""As many letters a sender counts at most: the thousand of one portal are hardly more news than thirty."""
_CAUTION = 30.0
"""How many letters' worth of doubt keeps the weights at home: what a few senders say moves them little."""
_STEPS = 30
_NEAR = 1e-9
_NEVER = 3e-4
"""As near to never and always as a calibration promises, too."""


class Kept(NamedTuple):
    """Letters that were held back together: what they promised, and what came of it."""

    signs: NDArray[np.float64]
    """A row for each letter."""
    right: NDArray[np.float64]
    """1 where the first position was right, else 0."""
    weights: NDArray[np.float64]
    as_it_is: NDArray[np.float64]
    """The probability that each promised by itself."""
    senders: NDArray[np.str_]

    @classmethod
    def of(
        cls,
        signs: Sequence[NDArray[np.float64]],
        right: Sequence[bool] | NDArray[np.bool_],
        senders: Sequence[str],
        as_it_is: Sequence[float],
    ) -> Self:
        """Weighed so that no sender counts more than `OF_ONE` letters."""
        letters = Counter(senders)
        weights = [min(1.0, OF_ONE / letters[sender]) for sender in senders]
        kept = np.clip(np.array(as_it_is, np.float64), _NEVER, 1 - _NEVER)
        rows = np.array(signs).reshape(-1, SIGNS)
        return cls(rows, np.array(right, np.float64), np.array(weights), kept, np.array(senders, np.str_))


def calibrated(parts: Sequence[Kept]) -> Calibration | None:
    """What letters of several parts say together; None where it keeps less than the probability as it is.

    Whoever belongs to one part (a sender, a publisher) is in no other. Each part is asked what the others learned: what
    plainly does not hold for senders never seen is not taken. One sender who differs from all others says nothing of
    those to come, so that a loss within the noise of the letters refuses nothing (decision 0095).
    """
    parts = [part for part in parts if len(part.signs)]
    if len(parts) <= 1 or sum(len(part.signs) for part in parts) < LEAST:
        return None
    worse = [
        _losses(_learned([*parts[:at], *parts[at + 1 :]]).promise(part.signs), part) - _losses(part.as_it_is, part)
        for at, part in enumerate(parts)
    ]
    differences = np.concatenate(worse)
    chance = noise(differences, np.concatenate([part.senders for part in parts]).tolist())
    return _learned(parts) if float(differences.sum()) <= chance else None


def _losses(promised: NDArray[np.float64], part: Kept) -> NDArray[np.float64]:
    """Of each letter."""
    losses: NDArray[np.float64] = -part.weights * np.log(np.where(part.right > 0, promised, 1 - promised))
    return losses


def _learned(parts: Sequence[Kept]) -> Calibration:
    """Logistic regression by Newton's method, drawn home.

    A step that leads uphill is halved: letters that all promise too much throw a whole one far beyond the valley.
    """
    kept = Kept(*(np.concatenate(several) for several in zip(*parts, strict=True)))
    home = np.array(HOME)
    weights, reached = home, _cost(home, kept)
    for _ in range(_STEPS):
        promised = 1 / (1 + np.exp(-kept.signs @ weights))
        slope = kept.signs.T @ (kept.weights * (kept.right - promised)) - _CAUTION * (weights - home)
        doubt = (kept.signs * (kept.weights * promised * (1 - promised))[:, None]).T @ kept.signs
        step = np.linalg.solve(doubt + _CAUTION * np.eye(SIGNS), slope)
        cost = _cost(weights + step, kept)
        while cost > reached and np.abs(step).max() >= _NEAR:
            step = step / 2
            cost = _cost(weights + step, kept)
        if np.abs(step).max() < _NEAR:
            break
        weights, reached = weights + step, cost
    return Calibration(tuple(round(float(one), 6) for one in weights))


def _cost(weights: NDArray[np.float64], kept: Kept) -> float:
    """What is made least: the surprise at what came, and how far the weights are from home."""
    says = kept.signs @ weights
    surprise = np.logaddexp(0.0, np.where(kept.right > 0, -says, says))
    return float((kept.weights * surprise).sum() + _CAUTION / 2 * ((weights - HOME) ** 2).sum())
