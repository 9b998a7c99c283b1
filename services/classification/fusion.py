"""One probability for each position, from everything that speaks for it.

Each kind of evidence adds to the score of a position (its log-odds against the others); the scores of all open
positions become probabilities that add up to one, so that those of an office are their sum. The weights were fitted
on letters held back from the examples (`make evaluate ARGS=--fit`, decision 0033): what the numbers promise was
measured, not set. What no example can teach (addresses, numbers, senders) counts with the odds that its confidence
means among so many positions.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.classification.calibration import Calibration
from services.core.vocabulary import MAIN_OFFICE, Certainty, FiledBy

SURE, LIKELY = 0.95, 0.5
ODDS_AT_MOST = 0.999
"""Nothing that is weighed with other evidence is worth more, or it could never be outvoted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """How much each kind of evidence says; measured, see the module."""

    like: float
    """For the logarithm of likeness above `floor`."""
    floor: float
    length: float
    """What more words add to `like`: exponent of the number of features, against a usual letter's."""
    rule: float
    """For the odds of a rule's words: a word in a letter says less than the rule's author hoped."""
    meaning: float
    """For what the meaning says, where the letter was compared by it."""
    beside_meaning: float
    """What is left of the words then: they say some of the same."""


USUAL_WORDS = 300
STARTER = Weights(like=8.0, floor=0.02, length=0.5, rule=0.1, meaning=0.4, beside_meaning=0.75)
"""With letters known of the positions."""
PLAN_ALONE = Weights(like=4.25, floor=0.02, length=0.36, rule=0.2, meaning=0.4, beside_meaning=0.6)
"""With nothing but the words of the plan, as on the first day with a plan of one's own."""
DEVIATING = 100
"""Positions from which a deviation from the mean of all says what was measured among 323. Of fewer it says less, in
proportion: one of ten positions lies far from the mean of ten whatever the letter is about."""
RULE_ALONE = 0.6
"""In the place of `rule` where a letter says too little to be compared."""
NEIGHBOUR = 20.0
"""For the cube of a neighbour's vote: a letter half like another goes there ten times as likely, what only shares the
tone of its office hardly, and what says nearly the same goes where a clerk filed that, whatever its words are like.
Held-back examples treat of a matter each and cannot teach it: set by hand, and watched."""

SELDOM, OFTEN_ENOUGH = 0.5, 10
"""Post is uneven: where a letter went, more of its kind will come (a Dirichlet prior of half a letter a position). Ten
letters make a position twenty times as likely as one that never had any, and a thousand no more."""

Scores = NDArray[np.float64]
"""In the order of the codes."""


@dataclass(kw_only=True, slots=True)
class Found:
    """What was found for the positions of `codes`."""

    codes: Sequence[str]
    like: Sequence[float] | Scores | None = None
    known_words: int = 0
    model: Sequence[float] | Scores | None = None
    """What the trained model says for each, where there is one and the letter has words enough."""
    model_scale: float = 1.0
    """What is left of the likeness beside the model, which rests on the same words."""
    meaning: NDArray[np.float64] | None = None
    """What the meaning says for each, where the letter was compared by it."""
    neighbours: Mapping[str, float] = field(default_factory=dict)
    habit: Mapping[str, float] = field(default_factory=dict)
    often: Mapping[str, int] = field(default_factory=dict)
    """How many of the decisions that are remembered went to each position."""
    odds: dict[FiledBy, dict[str, float]] = field(default_factory=dict)
    """Of rules, addresses and numbers: how sure each is of a position, by itself."""
    calibration: Calibration | None = None
    """How sure words, model and meaning are together, where a training measured it."""


class Parts(NamedTuple):
    """What the text of a letter says for each position, in three ways."""

    words: Scores
    model: Scores | None
    meaning: Scores | None

    def together(self, model_scale: float, weights: Weights) -> Scores:
        """Their sum, as far as each is trusted beside the others."""
        said = self.words if self.model is None else self.words * model_scale + self.model
        if self.meaning is None:
            return said
        told = min(len(self.words) / DEVIATING, 1.0)
        return said * weights.beside_meaning + weights.meaning * told * self.meaning


MATTERING = 20
"""Positions whose evidence is looked at: the likeliest."""


class Shares(dict[str, dict[FiledBy, float]]):
    """What each kind of evidence adds to the score of a position, for those that matter."""

    highest: dict[FiledBy, tuple[float, float]]
    """Of each kind what it adds at most, and what it adds to the next one: among all positions that have evidence."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """What speaks for every position, before it is a probability; a large plan has a number for each."""

    scores: Scores
    words: Scores
    frequent: Scores
    often: NDArray[np.intp]
    """The places of the positions that letters went to before."""
    others: dict[str, dict[FiledBy, float]]
    """What only some positions have."""


def fuse(found: Found, weights: Weights) -> tuple[dict[str, float], Shares]:
    """The probability of every position, and what speaks for those that matter; all alike where nothing does."""
    scored = _scored(found, weights)
    return _probabilities(found, scored), _shares(found, scored)


def probabilities_of(found: Found, weights: Weights) -> dict[str, float]:
    """The probability of every position, where nobody asks what speaks for it."""
    return _probabilities(found, _scored(found, weights))


def _scored(found: Found, weights: Weights) -> _Scored:
    parts = Parts(
        words=of_words(found.like, found.known_words, weights, len(found.codes)),
        model=None if found.model is None else np.asarray(found.model, np.float64),
        meaning=found.meaning,
    )
    words, places = parts.together(found.model_scale, weights), places_of(tuple(found.codes))
    often = np.fromiter(map(places.__getitem__, found.often), np.intp, len(found.often))
    times = np.fromiter(found.often.values(), np.intp, len(often))
    stretched, frequent = 1.0, np.zeros(len(found.codes))
    frequent[often] = _OF_FREQUENCY[np.minimum(times, OFTEN_ENOUGH)]
    if found.calibration:
        stretched = found.calibration.stretched(words + frequent, parts)
        words, frequent = words * stretched, frequent * stretched
    scores, others = words.copy(), dict[str, dict[FiledBy, float]]()

    def add(told: Iterator[tuple[FiledBy, str, float]]) -> None:
        for kind, code, share in told:
            mine = others.setdefault(code, {})
            mine[kind] = mine.get(kind, 0.0) + share
            scores[places[code]] += share

    add(_by_clerks(found))
    scores += frequent
    add(_by_itself(found, weights))
    return _Scored(scores, words, frequent, often, others)


def _probabilities(found: Found, scored: _Scored) -> dict[str, float]:
    powers = np.exp(scored.scores - scored.scores.max(initial=0.0))
    return dict(zip(found.codes, (powers / (powers.sum() or 1.0)).tolist(), strict=True))


def _shares(found: Found, scored: _Scored) -> Shares:
    """Of the likeliest positions, and of those for which more speaks than words and frequency.

    What stands below the likeliest and is only like them in words, or frequent, is never told.
    """
    codes, places, often = found.codes, places_of(tuple(found.codes)), scored.often
    order = _highest(scored.scores)
    matter = dict.fromkeys([*scored.others, *(codes[place] for place in order)])
    if len(often) and order:  # of equal ones all that were decided before
        level = often[scored.scores[often] >= scored.scores[order[-1]]].tolist()
        matter |= dict.fromkeys(codes[place] for place in level)
    shares = Shares()
    for code in matter:
        mine, place = dict(scored.others.get(code, ())), places[code]
        if code in found.often:
            mine["frequent"] = float(scored.frequent[place])
        if scored.words[place] > 0:
            mine["learned"] = float(scored.words[place])
        if mine:
            shares[code] = mine
    shares.highest = _highest_shares(shares)
    has_evidence = np.zeros(len(codes), np.bool_)
    has_evidence[[places[code] for code in matter]] = has_evidence[often] = True
    learned = scored.words[has_evidence]
    shares.highest["learned"] = _two_highest(learned[learned > 0])
    shares.highest["frequent"] = _two_highest(scored.frequent[often])
    return shares


def _highest_shares(shares: Shares) -> dict[FiledBy, tuple[float, float]]:
    highest: dict[FiledBy, tuple[float, float]] = {}
    for mine in shares.values():
        for kind, share in mine.items():
            first, second = highest.get(kind, (0.0, 0.0))
            highest[kind] = (share, first) if share > first else (first, max(second, share))
    return highest


def _two_highest(shares: Scores) -> tuple[float, float]:
    if len(shares) <= 1:
        return (float(shares.max(initial=0.0)), 0.0)
    second, first = np.partition(shares, -2)[-2:].tolist()
    return first, second


_PLANS = 8
_PLACES: dict[int, tuple[tuple[str, ...], dict[str, int]]] = {}


def places_of(codes: tuple[str, ...]) -> dict[str, int]:
    """Where each code stands among all of them; found by which tuple it is, for a hash looks at each of a thousand."""
    known = _PLACES.get(id(codes))
    if known is None or known[0] is not codes:
        if len(_PLACES) >= _PLANS:
            _PLACES.clear()
        known = _PLACES[id(codes)] = (codes, {code: place for place, code in enumerate(codes)})
    return known[1]


def _highest(scores: Scores) -> list[int]:
    """The places of the highest scores, of equal ones the first; only those that may be among them are sorted."""
    least = np.partition(scores, -MATTERING)[-MATTERING] if len(scores) > MATTERING else -np.inf
    may_be = np.flatnonzero(scores >= least)
    order: list[int] = may_be[np.argsort(-scores[may_be], kind="stable")[:MATTERING]].tolist()
    return order


class Offices:
    """Which office has each position of one plan: the probability of an office is the sum of those of its positions."""

    def __init__(self, codes: Sequence[str], office_of: Mapping[str, str]) -> None:
        """`codes` in the order in which probabilities come; what has no office belongs to the mail room."""
        self.codes, self.office_of = codes, office_of
        offices = [office_of.get(code, MAIN_OFFICE) for code in codes]
        self._names = tuple(dict.fromkeys(offices))
        places = {name: place for place, name in enumerate(self._names)}
        self._place_of = np.array([places[office] for office in offices], np.intp)

    def sums(self, probabilities: Mapping[str, float]) -> dict[str, float]:
        """The probability of each office."""
        said = np.fromiter(probabilities.values(), np.float64, len(self.codes))
        return dict(zip(self._names, np.bincount(self._place_of, said).tolist(), strict=True))


def certainty(probability: float) -> Certainty:
    """What the desk says: sicher, wahrscheinlich, unsicher."""
    return "sure" if probability >= SURE else "likely" if probability >= LIKELY else "unsure"


def _by_clerks(found: Found) -> Iterator[tuple[FiledBy, str, float]]:
    others = max(len(found.codes) - 1, 1)
    for code, vote in found.neighbours.items():
        yield "neighbour", code, NEIGHBOUR * min(vote, 1.0) ** 3
    for code, often in found.habit.items():
        yield "sender", code, math.log1p(_HABIT * often * others)


def _by_itself(found: Found, weights: Weights) -> Iterator[tuple[FiledBy, str, float]]:
    rule = RULE_ALONE if found.like is None else weights.rule
    level = math.log(max(len(found.codes) - 1, 1))
    for kind, sure in found.odds.items():
        for code, confidence in sure.items():
            yield kind, code, max((_log_odds(confidence) + level) * (rule if kind == "rule" else 1.0), 0.0)


def of_frequency(times: int) -> float:
    """What it adds to a position's score that so many letters went there."""
    return math.log1p(min(times, OFTEN_ENOUGH) / SELDOM)


_OF_FREQUENCY = np.array([of_frequency(times) for times in range(OFTEN_ENOUGH + 1)])


def of_words(like: Sequence[float] | Scores | None, known_words: int, weights: Weights, count: int) -> Scores:
    """What the words say for each position, in the order of the codes; nothing where there are too few."""
    if like is None:
        return np.zeros(count)
    steep = weights.like * (max(known_words, 1) / USUAL_WORDS) ** weights.length
    return np.log1p(np.asarray(like, np.float64) / weights.floor) * np.float64(steep)


_HABIT = 0.05
"""One letter in so many goes where the sender's others went for that alone: set with care, examples have no senders."""


def _log_odds(confidence: float) -> float:
    kept = min(max(confidence, 1 - ODDS_AT_MOST), ODDS_AT_MOST)
    return math.log(kept / (1 - kept))
