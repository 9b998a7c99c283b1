"""How much each decision counts in a training: less with age, and of one account no more than all else that is known.

A clerk who is wrong a thousand times, or means harm, would otherwise outweigh the examples and all colleagues. Letters
of one account at one position together count at most as much as the plan, the examples and the others do there, and
always as much as `OF_ACCOUNT` letters: the one clerk of a small town teaches all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from services.classification.training.reading import Taught

OF_ACCOUNT = 100.0
_HALF_LIFE = timedelta(days=365)


class Heard(NamedTuple):
    """What becomes of decisions."""

    weights: Sequence[float]
    """How much each counts, in their order."""
    bounded: Mapping[str, int]
    """Accounts of whose letters so many count less than their age alone would have it."""


def heard(taught: Sequence[Taught], known: Mapping[str, int]) -> Heard:
    """Weigh decisions, the newest last; `known` are the texts of each position besides decisions."""
    aged = [0.5 ** ((taught[-1].decided_at - one.decided_at) / _HALF_LIFE) for one in taught]
    together: dict[str, float] = defaultdict(float)
    of_account: dict[tuple[str, str], float] = defaultdict(float)
    for one, weight in zip(taught, aged, strict=True):
        together[one.position] += weight
        of_account[one.position, one.actor] += weight
    left = {}
    for (position, actor), mine in of_account.items():
        others = known.get(position, 0) + together[position] - mine
        left[position, actor] = min(max(OF_ACCOUNT, others) / mine, 1.0)
    factors = [left[one.position, one.actor] for one in taught]
    weights = [weight * factor for weight, factor in zip(aged, factors, strict=True)]
    return Heard(weights, Counter(one.actor for one, factor in zip(taught, factors, strict=True) if factor < 1.0))
