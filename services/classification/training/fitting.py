"""How far a model is to be trusted: weighed against the likeness on texts that neither has seen."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.classification.fusion import Scores, Weights, of_frequency, of_words
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model, Text, trained
from services.classification.knowledge.model_in_force import Figures

SCALES = (0.25, 0.4, 0.6, 0.8, 1.0, 1.25)
TRUSTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
_NEVER = 1e-9


class Fit(Struct, frozen=True, kw_only=True):
    """A model's trust, and what it makes of held-out texts beside none."""

    trust: float
    scale: float
    without: Figures
    with_model: Figures


Counted = Mapping[str, int]
"""How often each word stands in a text."""


class Split(NamedTuple):
    """One way of holding texts out."""

    words: Mapping[str, Sequence[Counted]]
    """By position what the likeness knows."""
    known: Mapping[str, Sequence[Counted]]
    """What the model is trained by: the same, and what clerks decided."""
    often: Mapping[str, int]
    """How many decisions each position had."""
    held: Sequence[tuple[str, Counted]]
    """What is asked."""


def fit(splits: Sequence[Split], weights: Weights) -> Fit:
    """The trust and scale that tell held-out texts best, by words and how often each position is known.

    Every split counts alike, however large: one town that sends most of the texts must not speak for the others.
    """
    without: list[Figures] = []
    found: dict[tuple[float, float], list[Figures]] = {one: [] for one in product(SCALES, TRUSTS)}
    for split in (one for one in splits if one.held and one.known):
        words, said, prior, right = _scores(split, weights, Likeness.of_counted(split.words))
        without.append(figures(words + prior, right))
        for (scale, trust), mine in found.items():
            mine.append(figures(scale * words + trust * said + prior, right))
    together = {one: _mean(mine) for one, mine in found.items()}
    best = min(together, key=lambda one: (together[one].loss, one))
    return Fit(scale=best[0], trust=best[1], without=_mean(without), with_model=together[best])


def _scores(split: Split, weights: Weights, likeness: Likeness) -> tuple[Scores, Scores, Scores, NDArray[np.intp]]:
    """Of likeness and model a row for each held-out text, what frequency adds, and the places that are right."""
    codes = likeness.codes
    model = Model(trained(weighed_of(split.known, likeness)))
    asked = [likeness.weigh(words) for _, words in split.held]
    words = [of_words(likeness.likenesses(weighed), len(weighed), weights, len(codes)) for weighed in asked]
    prior = [of_frequency(split.often.get(code, 0)) for code in codes]
    place_of = {code: place for place, code in enumerate(codes)}
    right = np.array([place_of.get(code, -1) for code, _ in split.held], np.intp)
    return np.array(words), np.array([model.says(one, codes) for one in asked]), np.array(prior), right


def measured(model: Model, split: Split, weights: Weights) -> Figures:
    """What another model, with its own trust, makes of the same held-out texts."""
    likeness = Likeness.of_counted(split.words)
    words, _, prior, right = _scores(split, weights, likeness)
    said = [model.says(likeness.weigh(counted), likeness.codes) for _, counted in split.held]
    return figures(model.scale * words + np.array(said) + prior, right)


def _mean(several: Sequence[Figures]) -> Figures:
    count = max(len(several), 1)
    return Figures(
        texts=sum(one.texts for one in several),
        first=round(sum(one.first for one in several) / count, 4),
        three=round(sum(one.three for one in several) / count, 4),
        loss=round(sum(one.loss for one in several) / count, 4),
    )


def figures(scores: NDArray[np.float64], right: NDArray[np.intp]) -> Figures:
    """Of scores, a row for each text; `right` is the place of its position, -1 for one that is not known."""
    if not len(right):
        return Figures(texts=0, first=0.0, three=0.0, loss=0.0)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    own = np.where(right >= 0, probabilities[np.arange(len(right)), right], 0.0)
    return Figures(
        texts=len(right),
        first=round(float((order[:, 0] == right).mean()), 4),
        three=round(float((order == right[:, None]).any(axis=1).mean()), 4),
        loss=round(float(-np.log(np.maximum(own, _NEVER)).mean()), 4),
    )


def weighed_of(known: Mapping[str, Sequence[Counted]], likeness: Likeness) -> list[Text]:
    """The texts as a model is trained by."""
    return [(code, likeness.weigh(words)) for code, mine in known.items() for words in mine]
