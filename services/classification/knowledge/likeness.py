"""How like a letter is to each position, by its words: those of the plan and of the letters known of the position.

A position is the sum of the words of its texts, weighed by how few positions share them (Rocchio's method with inverse
document frequencies).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import mul
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.classification.knowledge.letter_words import Letter, Letters
from services.classification.knowledge.word_table import Asked, Place, WordTable
from services.classification.knowledge.words import features

VERSION = 2
"""Of how letters are counted: what was counted otherwise is counted anew."""
KNOWN_AT_LEAST = 12
"""Known features below which nobody can say what a letter is like: two or three words."""

_MOST_FEATURES = 2_500
"""Heaviest words kept of each position: the rest is names and chance."""
_DAMPING = 0.7
"""Exponent for how often a position says a word: the tenth time tells less than the first."""
_SHARED = 0.25
"""Share of the positions that may say a word: one of more (`Antrag`, `bitte`) tells nothing and costs most."""


@lru_cache(maxsize=1_000)
def damped(times: int) -> float:
    """What a word counts that a letter says so often: letters say most of theirs equally seldom."""
    return 1 + math.log(times) if times > 1 else 1.0


def _enough(asked: Asked) -> Asked | None:
    return asked if asked.known >= KNOWN_AT_LEAST else None


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
        self._count({code: [features(text) for text in known] for code, known in texts.items()})

    @classmethod
    def of_counted(cls, texts: Mapping[str, Sequence[Mapping[str, int]]]) -> Self:
        """The same of texts whose features are counted."""
        made = cls({})
        made._count(texts)
        return made

    def _count(self, texts: Mapping[str, Sequence[Mapping[str, int]]]) -> None:
        self.codes = tuple(texts)
        counted = list(texts.values())
        spread: Counter[str] = Counter()
        for found in counted:
            for one in found:
                spread.update(one.keys())
        count = sum(map(len, counted))
        self._rarest = math.log(count + 1) + 1
        self.rarity = {feature: math.log((1 + count) / (1 + times)) + 1 for feature, times in spread.items()}
        self._table = self._filled([self._summed(found) for found in counted])
        self._letters = self._numbered()

    def counted(self) -> Counted:
        """What `of` makes the same likeness of."""
        lengths, places, weights = self._table.parts()
        return Counted(
            codes=self.codes,
            rarest=self._rarest,
            features=list(self.rarity),
            rarities=np.array(list(self.rarity.values())).tobytes(),
            lengths=lengths,
            places=places,
            weights=weights,
        )

    @classmethod
    def of(cls, counted: Counted) -> Self:
        """The likeness that was counted; ValueError for one that cannot be."""
        made = cls({})
        made.codes, made._rarest = counted.codes, counted.rarest
        rarities: list[float] = np.frombuffer(counted.rarities).tolist()
        made.rarity = dict(zip(counted.features, rarities, strict=True))
        lengths = np.frombuffer(counted.lengths, Place)
        made._table = WordTable(counted.features, lengths, counted.places, counted.weights)
        if made._table.highest >= max(len(made.codes), 1):
            raise ValueError
        made._letters = made._numbered()
        return made

    def weigh(self, found: Mapping[str, int]) -> dict[str, float]:
        """The features of a text with their weights, of length one together."""
        rarities = map(self.rarity.get, found, repeat(self._rarest))
        weights = list(map(mul, rarities, map(damped, found.values())))
        length = math.hypot(*weights) or 1.0
        return dict(zip(found, [weight / length for weight in weights], strict=True))

    def rarities(self, words: Collection[str]) -> NDArray[np.float64]:
        """How rare each of these words is, as `weigh` counts it."""
        return np.fromiter(map(self.rarity.get, words, repeat(self._rarest)), np.float64, len(words))

    def letter(self, text: str) -> Letter:
        """The words of a text with their weights, as `weigh` of its features has them."""
        return self._letters.letter(text)

    def ask(self, letter: Letter) -> Asked | None:
        """What the words of a letter say for the places of `codes`; None where they are too few to say anything."""
        return _enough(self._table.ask_rows(letter.rows, letter.weights))

    def likenesses(self, weighed: Mapping[str, float]) -> list[float] | None:
        """How like the text is to each of `codes`, from 0 to 1; None where it says too little to be like anything."""
        asked = _enough(self._table.ask(weighed))
        said: list[float] | None = None if asked is None else asked.sums(len(self.codes)).tolist()
        return said

    def _numbered(self) -> Letters:
        return Letters(self._table.row, np.fromiter(self.rarity.values(), np.float64, len(self.rarity)), self._rarest)

    def _filled(self, said: Sequence[Mapping[str, float]]) -> WordTable:
        most = max(_SHARED * len(said), 2)
        by_feature: dict[str, list[tuple[int, float]]] = {feature: [] for feature in self.rarity}
        for place, mine in enumerate(said):
            for feature, weight in self._heaviest(mine):
                by_feature[feature].append((place, weight))
        return WordTable.of({feature: found if len(found) <= most else [] for feature, found in by_feature.items()})

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
