"""Whether one way of telling letters is better than another, or only luckier with the letters at hand."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

_STANDARD_ERRORS = 2.0
"""What lies within is chance, as for drift on the page of quality."""
_LEAST = 0.01
"""Mean logarithmic loss below which a difference is none, however sure: probabilities a hundredth off."""


class Difference(NamedTuple):
    """Between two ways of telling the same letters, and how much of it may be chance; means of all letters."""

    loss: float
    """How much more the one loses than the other: below nothing where it is better."""
    loss_noise: float
    first: float
    """How many more of its first positions are right, as a share."""
    first_noise: float

    @classmethod
    def of(cls, losses: NDArray[np.float64], firsts: NDArray[np.float64], senders: Sequence[str]) -> Self:
        """Of the differences of each letter, and whose each is."""
        count = max(len(losses), 1)
        return cls(
            float(losses.sum()) / count,
            max(noise(losses, senders) / count, _LEAST),
            float(firsts.sum()) / count,
            noise(firsts, senders) / count,
        )

    @property
    def is_better(self) -> bool:
        """Whether the one loses less, beyond chance, and is not plainly right less often."""
        return self.loss < -self.loss_noise and self.first >= -self.first_noise

    @property
    def is_worse(self) -> bool:
        """Whether the one loses more or is right less often, beyond chance."""
        return self.loss > self.loss_noise or self.first < -self.first_noise


def is_taken(gain: Difference, in_force: Difference | None, *, asked_for: bool) -> bool:
    """Whether held-out texts say that a model may come into force (decision 0096).

    `gain` is its difference from none, `in_force` that from the model in force, where there is one to compare with. The
    first has to be better than none. Who asks for a training gets what is not worse, for it forgets what was erased. A
    night that nobody asked for changes answers only for better ones.
    """
    if in_force is None:
        return gain.is_better
    return not gain.is_worse and (not in_force.is_worse if asked_for else in_force.is_better)


def noise(differences: NDArray[np.float64], senders: Sequence[str]) -> float:
    """How far the sum of these differences, one for each letter, may be from nothing by chance alone.

    Letters of a sender are alike, so that each sender is drawn together; where a few senders happen to agree, each
    letter by itself says how much is chance at least. Infinite for fewer than two letters.
    """
    if len(differences) <= 1:
        return float("inf")
    places = np.unique(np.array(senders, np.str_), return_inverse=True)[1]
    together = np.bincount(places, differences).astype(np.float64)
    return _STANDARD_ERRORS * max(_standard_error(differences), _standard_error(together))


def _standard_error(drawn: NDArray[np.float64]) -> float:
    """Of the sum of what was drawn; nothing where it was drawn once."""
    count = len(drawn)
    return float(np.sqrt(drawn.var(ddof=1) * count)) if count > 1 else 0.0
