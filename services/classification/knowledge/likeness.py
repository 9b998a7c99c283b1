"""How like a letter is to each position, by its words: those of the plan and of the letters known of the position.

A position is the sum of the words of its texts, weighed by how few positions share them (Rocchio's method with inverse
document frequencies). Weights stand word by word, so a letter asks only for its own words, and a plan of a thousand
positions costs hardly more than one of a hundred.
"""

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Literal, Self

from msgspec import Struct

from services.classification.knowledge.words import features

VERSION = 1
"""Of how letters are counted: what was counted otherwise is counted anew."""
KNOWN_AT_LEAST = 12
"""Known features below which nobody can say what a letter is like: two or three words."""
_COMPARED = 200
"""Rarest features of a letter that are compared: a hundred more change one order in four hundred, and cost as much."""

_MOST_FEATURES = 2_500
"""Heaviest words kept of each position: the rest is names and chance."""
_DAMPING = 0.7
"""Exponent for how often a position says a word: the tenth time tells less than the first."""
_SHARED = 0.25
"""Share of the positions that may say a word: one of more (`Antrag`, `bitte`) tells nothing and costs most."""
_PLACE: Literal["H"] = "H"
_WEIGHT: Literal["f"] = "f"
"""A plan has at most 20,000 positions."""


class Counted(Struct, frozen=True, array_like=True):
    """A likeness as it is kept on disk."""

    codes: tuple[str, ...]
    rarest: float
    features: list[str]
    rarities: bytes
    """As many floats; positions and weights follow each other, feature by feature."""
    lengths: bytes
    places: bytes
    weights: bytes


class Likeness:
    """The words of every position of one plan."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        """`texts` are those known of each position, by its code."""
        self.codes = tuple(texts)
        counted = [[features(text) for text in known] for known in texts.values()]
        spread: Counter[str] = Counter()
        for found in counted:
            for one in found:
                spread.update(one.keys())
        count = sum(map(len, counted))
        self._rarest = math.log(count + 1) + 1
        self.rarity = {feature: math.log((1 + count) / (1 + times)) + 1 for feature, times in spread.items()}
        self._weights: dict[str, tuple[array[int], array[float]]] = {}
        self._fill([self._summed(found) for found in counted])

    def counted(self) -> Counted:
        """What `of` makes the same likeness of."""
        nothing = (array(_PLACE), array(_WEIGHT))
        found = [self._weights.get(feature, nothing) for feature in self.rarity]
        return Counted(
            codes=self.codes,
            rarest=self._rarest,
            features=list(self.rarity),
            rarities=array("d", self.rarity.values()).tobytes(),
            lengths=array(_PLACE, (len(places) for places, _ in found)).tobytes(),
            places=b"".join(places.tobytes() for places, _ in found),
            weights=b"".join(weights.tobytes() for _, weights in found),
        )

    @classmethod
    def of(cls, counted: Counted) -> Self:
        """The likeness that was counted; ValueError for one that cannot be."""
        made = cls({})
        made.codes, made._rarest = counted.codes, counted.rarest
        made.rarity = dict(zip(counted.features, array("d", counted.rarities), strict=True))
        places, weights, at = array(_PLACE, counted.places), array(_WEIGHT, counted.weights), 0
        for feature, length in zip(counted.features, array(_PLACE, counted.lengths), strict=True):
            if length:
                made._weights[feature] = (places[at : at + length], weights[at : at + length])
            at += length
        if at != len(places) or at != len(weights) or max(places, default=0) >= max(len(made.codes), 1):
            raise ValueError
        return made

    def weigh(self, found: Mapping[str, int]) -> dict[str, float]:
        """The features of a text with their weights, of length one together."""
        weighed = {
            feature: (1 + math.log(times)) * self.rarity.get(feature, self._rarest) for feature, times in found.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
        return {feature: weight / length for feature, weight in weighed.items()}

    def likenesses(self, weighed: Mapping[str, float]) -> Sequence[float] | None:
        """How like the text is to each of `codes`, from 0 to 1; None where it says too little to be like anything."""
        known = [(weight, self._weights[feature]) for feature, weight in weighed.items() if feature in self._weights]
        if len(known) < KNOWN_AT_LEAST:
            return None
        like = [0.0] * len(self.codes)
        for own, (places, weights) in heapq.nlargest(_COMPARED, known, key=itemgetter(0)):
            for place, weight in zip(places, weights, strict=True):
                like[place] += own * weight
        return like

    def telling(self, weighed: Mapping[str, float], code: str, most: int) -> list[str]:
        """The features of the text that speak most for the position, the heaviest first."""
        place = self.codes.index(code)
        shares: dict[str, float] = {}
        for feature, own in weighed.items():
            places, weights = self._weights.get(feature, ((), ()))
            if place in places:
                shares[feature] = own * weights[places.index(place)]
        return sorted(shares, key=lambda feature: (-shares[feature], feature))[:most]

    def _fill(self, said: Sequence[Mapping[str, float]]) -> None:
        most = max(_SHARED * len(said), 2)
        by_feature: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, mine in enumerate(said):
            for feature, weight in self._heaviest(mine):
                by_feature[feature].append((place, weight))
        for feature, found in by_feature.items():
            if len(found) <= most:
                self._weights[feature] = (array(_PLACE, [p for p, _ in found]), array(_WEIGHT, [w for _, w in found]))

    def _summed(self, texts: Iterable[Mapping[str, int]]) -> Mapping[str, float]:
        mine: dict[str, float] = defaultdict(float)
        for text in texts:
            for feature, weight in self.weigh(text).items():
                mine[feature] += weight
        return mine

    def _heaviest(self, mine: Mapping[str, float]) -> list[tuple[str, float]]:
        """The weights of a position, of length one together, so that positions of many letters outweigh nobody."""
        weights = {feature: weight**_DAMPING for feature, weight in mine.items()}
        kept = sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:_MOST_FEATURES]
        length = math.sqrt(sum(weight * weight for _, weight in kept)) or 1.0
        return [(feature, weight / length) for feature, weight in kept]
