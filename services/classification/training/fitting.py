"""How far a model is to be trusted: weighed against the likeness on texts of senders that neither has seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple, Self, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.classification.calibration import VERSION, Calibration, signs_of
from services.classification.fusion import SURE, Parts, Scores, Weights, of_frequency, of_words
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model, Stored
from services.classification.knowledge.model_in_force import Figures
from services.classification.training.calibrating import Kept, calibrated
from services.classification.training.comparing import Difference
from services.classification.training.learning import trained
from services.classification.training.text_table import Chosen, TextTable

SCALES = (0.25, 0.4, 0.6, 0.8, 1.0, 1.25)
TRUSTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
_NEVER = 1e-9
_BINS = 10
_Asked = TypeVar("_Asked")


class Fit(Struct, frozen=True, kw_only=True):
    """A model's trust, and what it makes of held-out texts beside none."""

    trust: float
    scale: float
    by_words: Calibration | None = None
    """How sure words and model are together; None where a probability is best told as it is."""
    by_meaning: Calibration | None = None
    """The same of those that are compared by meaning."""
    without: Figures
    with_model: Figures
    gain: Difference
    """Of the model against none."""


class Split(NamedTuple):
    """One way of holding texts of a table out."""

    likeness: Likeness
    """Of what it knows of each position."""
    table: TextTable
    known: Chosen
    """What the model is trained by: what the likeness knows, and what clerks decided."""
    often: Mapping[str, int]
    """How many decisions each position had."""
    held: Sequence[int]
    """Rows that are asked."""
    senders: Sequence[str] = ()
    """Whose each of these is; none where each is of a sender of its own."""
    meanings: Sequence[Scores | None] = ()
    """What the meaning of each says for the positions of the likeness, in their order; none where nobody knows."""

    def asked(self) -> tuple[list[str], list[dict[str, float]]]:
        """Position and weighed words of each that is asked."""
        texts = list(self.table.texts(self.held, self.table.names))
        return [code for code, _ in texts], [self.likeness.weigh(counted) for _, counted in texts]


class Scored(NamedTuple):
    """What is said of the held-out texts of a split, a row for each."""

    words: Scores
    model: Scores
    """By a model that is trusted as it is."""
    prior: Scores
    """What frequency adds, of all."""
    right: NDArray[np.intp]
    """The places of the positions that are right; -1 for one that is not known."""
    senders: Sequence[str]
    meanings: Sequence[Scores | None]

    def scores(self, trust: float, scale: float) -> Scores:
        """Of words, model and frequency together."""
        return scale * self.words + trust * self.model + self.prior

    def without(self) -> "Judged":
        """What comes of them without a model."""
        return Judged.of(self.words + self.prior, self)


class Judged(NamedTuple):
    """What came of held-out texts, all together and each."""

    figures: Figures
    losses: NDArray[np.float64]
    first: NDArray[np.bool_]
    """Whether the first position is right."""
    senders: Sequence[str]

    @classmethod
    def of(cls, scores: Scores, asked: Scored) -> Self:
        """By the scores of each of the texts that were asked."""
        found = figures(scores, asked.right)
        first = scores.argmax(axis=1) == asked.right if len(asked.right) else np.zeros(0, np.bool_)
        return cls(found, _losses(scores, asked.right), first, asked.senders)


def difference(mine: Sequence[Judged], other: Sequence[Judged]) -> Difference:
    """How the same texts fare by two ways, those of all splits together."""
    pairs = list(zip(mine, other, strict=True))
    losses = np.concatenate([np.zeros(0), *(one.losses - against.losses for one, against in pairs)])
    firsts = np.concatenate([np.zeros(0), *(one.first * 1.0 - against.first for one, against in pairs)])
    return Difference.of(losses, firsts, [sender for one in mine for sender in one.senders])


def dealt(asked: Iterable[_Asked], count: int, belongs: Callable[[_Asked], str]) -> list[list[_Asked]]:
    """So many parts, and what belongs together in one: the largest first, into the emptiest."""
    together: dict[str, list[_Asked]] = {}
    for one in asked:
        together.setdefault(belongs(one), []).append(one)
    parts: list[list[_Asked]] = [[] for _ in range(count)]
    for _, mine in sorted(together.items(), key=lambda one: (-len(one[1]), one[0])):
        min(parts, key=len).extend(mine)
    return parts


def fit(splits: Sequence[Split], weights: Weights) -> Fit:
    """The trust and scale that tell held-out texts best, by words and how often each position is known, and how sure.

    Every split counts alike, however large: one town that sends most of the texts must not speak for the others.
    """
    asked = [scored(split, weights) for split in splits if len(split.held) and split.known.any()]
    without = [one.without() for one in asked]
    found: dict[tuple[float, float], list[Figures]] = {one: [] for one in product(SCALES, TRUSTS)}
    for (scale, trust), mine in found.items():
        mine += [figures(one.scores(trust, scale), one.right) for one in asked]
    together = {one: mean(mine) for one, mine in found.items()}
    scale, trust = best = min(together, key=lambda one: (together[one].loss, one))
    by_words = calibrated([_signs(one, trust, scale) for one in asked])
    by_meaning = calibrated([_signs_by_meaning(one, best, weights, by_words) for one in asked])
    told = [judged(one, trust, scale, by_words) for one in asked]
    return Fit(
        trust=trust,
        scale=scale,
        by_words=by_words,
        by_meaning=by_meaning,
        without=mean([one.figures for one in without]),
        with_model=mean([one.figures for one in told]),
        gain=difference(told, without),
    )


def scored(split: Split, weights: Weights) -> Scored:
    """Likeness and model asked about the held-out texts."""
    likeness, codes = split.likeness, split.likeness.codes
    model = Model(trained(split.table, split.known, likeness))
    right, asked = split.asked()
    words = [of_words(likeness.likenesses(weighed), len(weighed), weights, len(codes)) for weighed in asked]
    prior = [of_frequency(split.often.get(code, 0)) for code in codes]
    place_of = {code: place for place, code in enumerate(codes)}
    return Scored(
        words=np.array(words),
        model=np.array([model.says(one, codes) for one in asked]),
        prior=np.array(prior),
        right=np.array([place_of.get(code, -1) for code in right], np.intp),
        senders=split.senders or [str(row) for row in split.held],
        meanings=split.meanings or [None] * len(asked),
    )


def judged(asked: Scored, trust: float, scale: float, by_words: Calibration | None) -> Judged:
    """What comes of the held-out texts, with probabilities as they are told."""
    scores = asked.scores(trust, scale)
    if by_words:
        each = zip(scores, asked.words, trust * asked.model, strict=True)
        factors = [by_words.stretched(mine, (words, model)) for mine, words, model in each]
        scores = scores * np.array(factors)[:, None]
    return Judged.of(scores, asked)


def measured(model: Model, split: Split, asked: Scored) -> Judged:
    """What another model, with its own trust, makes of the same held-out texts, of which `asked` was said."""
    said = [model.says(weighed, split.likeness.codes) for weighed in split.asked()[1]]
    return judged(asked._replace(model=np.array(said)), 1.0, model.scale, model.by_words)


def trusted(model: Stored, found: Fit) -> Stored:
    """The model with its trust, and how sure it is."""
    by_words, by_meaning = (one.weights if one else () for one in (found.by_words, found.by_meaning))
    return msgspec.structs.replace(
        model, trust=found.trust, scale=found.scale, by_words=by_words, by_meaning=by_meaning, signs=VERSION
    )


def _signs(asked: Scored, trust: float, scale: float) -> Kept:
    scores, model = asked.scores(trust, scale), trust * asked.model
    rows = [signs_of(mine, (words, said)) for mine, words, said in zip(scores, asked.words, model, strict=True)]
    return Kept.of(rows, scores.argmax(axis=1) == asked.right, asked.senders, list(map(_promised, scores)))


def _signs_by_meaning(
    asked: Scored, trusted_by: tuple[float, float], weights: Weights, by_words: Calibration | None
) -> Kept:
    """Of those that words and model leave in doubt, for only they are compared by meaning."""
    rows: list[Scores] = []
    right: list[bool] = []
    senders: list[str] = []
    as_it_is: list[float] = []
    scale, trust = trusted_by
    plain = asked.scores(trust, scale)
    for at, meaning in enumerate(asked.meanings):
        parts = Parts(asked.words[at], trust * asked.model[at], meaning)
        if meaning is None or _is_sure(plain[at], parts, by_words):
            continue
        scores = parts.together(scale, weights) + asked.prior
        rows.append(signs_of(scores, parts))
        right.append(bool(scores.argmax() == asked.right[at]))
        senders.append(asked.senders[at])
        as_it_is.append(_promised(scores))
    return Kept.of(rows, right, senders, as_it_is)


def _is_sure(scores: Scores, parts: Parts, by_words: Calibration | None) -> bool:
    if by_words:
        promised = by_words.promise(signs_of(scores, parts[:2]))
        return float(promised) >= SURE
    return _promised(scores) >= SURE


def _promised(scores: Scores) -> float:
    """The probability of the first position as it is."""
    return float(1 / np.exp(scores - scores.max()).sum())


def mean(several: Sequence[Figures]) -> Figures:
    """Of figures that count alike."""
    count = max(len(several), 1)
    return Figures(
        texts=sum(one.texts for one in several),
        first=round(sum(one.first for one in several) / count, 4),
        three=round(sum(one.three for one in several) / count, 4),
        loss=round(sum(one.loss for one in several) / count, 4),
        calibration_error=round(sum(one.calibration_error or 0.0 for one in several) / count, 4),
    )


def figures(scores: NDArray[np.float64], right: NDArray[np.intp]) -> Figures:
    """Of scores, a row for each text; `right` is the place of its position, -1 for one that is not known."""
    if not len(right):
        return Figures(texts=0, first=0.0, three=0.0, loss=0.0)
    probabilities = _probabilities(scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    return Figures(
        texts=len(right),
        first=round(float((order[:, 0] == right).mean()), 4),
        three=round(float((order == right[:, None]).any(axis=1).mean()), 4),
        loss=round(float(_losses(scores, right).mean()), 4),
        calibration_error=round(_calibration_error(probabilities.max(axis=1), order[:, 0] == right), 4),
    )


def _probabilities(scores: Scores) -> Scores:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    told: Scores = powers / powers.sum(axis=1, keepdims=True)
    return told


def _losses(scores: Scores, right: NDArray[np.intp]) -> NDArray[np.float64]:
    """Of each text the logarithmic loss: the surprise at its position."""
    if not len(right):
        return np.zeros(0)
    own = np.where(right >= 0, _probabilities(scores)[np.arange(len(right)), right], 0.0)
    losses: NDArray[np.float64] = -np.log(np.maximum(own, _NEVER))
    return losses


def _calibration_error(promised: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: in ten equal bins, weighed by how many fall into each."""
    bins = np.minimum((promised * _BINS).astype(int), _BINS - 1)
    off = np.abs(np.bincount(bins, promised, _BINS) - np.bincount(bins, right, _BINS)).sum()
    return float(off / len(right))
