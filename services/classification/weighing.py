"""Everything that speaks for a position, found in one document and weighed together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import add
from typing import TypeVar

from services.classification.evidence import SENDERS_SIGN, Numbers, by_address, first_pages
from services.classification.fusion import (
    LIKELY,
    OFTEN_ENOUGH,
    PLAN_ALONE,
    STARTER,
    SURE,
    Found,
    Shares,
    Weights,
    fuse,
    places_of,
    probabilities_of,
)
from services.classification.knowledge.known import Known, sender_of
from services.classification.knowledge.letter_words import Letter
from services.classification.knowledge.likeness import KNOWN_AT_LEAST, Likeness
from services.classification.knowledge.model import Model
from services.classification.knowledge.rule_book import Match
from services.classification.knowledge.word_table import Asked
from services.classification.knowledge.words import features, of_letter, unquoted
from services.classification.remembered.lessons import NOWHERE, Neighbour, votes
from services.core.messages.events import Candidate
from services.core.model.record import Record
from services.core.model.record_files import Evidence, Extraction
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import FiledBy

PROPOSED = 5
EXPLAINED = 3
"""Candidates whose evidence is told."""
WORTH_NAMING = 0.01
"""A probability below which a position is not offered where nothing but words speaks for it."""
UNKNOWN_NUMBER = 0.9
"""How sure a number of ours is of its position while no file has it."""
_WORDS = 6
"""Words of the letter that are told for a position."""


_VAGUE: frozenset[FiledBy] = frozenset({"learned", "frequent"})
"""What speaks for nearly every position."""
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the evidence amounts to."""

    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    offices: Mapping[str, float]
    """The probability of each office."""
    set_aside: float = 0.0
    """How like the letter is to one that a clerk set aside as no record, where it is like no other more."""
    closed: bool = False
    """Whether a number, a rule or an address leads to a closed position."""
    confirmed: bool = False
    """Whether the first candidate is sure, and rests on more than what one account decided."""


@dataclass(slots=True)
class _Weighing:
    """One document, looked at with everything known."""

    found: Record
    extraction: Extraction
    plan: FilePlan
    known: Known
    numbers: Numbers
    likeness: Likeness
    """That of this moment: another plan may come into force meanwhile."""

    def weigh(self) -> Weighed:
        text = of_letter(self.extraction.title, first_pages(self.extraction))
        letter = self.likeness.letter(text)
        asked = self.likeness.ask(letter)
        trained = self.known.trained.model
        weighed = self._by_word(text)
        said = trained.ask(weighed) if trained else None
        like = asked.sums(len(self.likeness.codes)) if asked else None
        near = self._neighbours(weighed)
        matches = list(self.known.rules.matches(text, letter.runs))
        found = Found(
            codes=self.likeness.codes,
            like=like,
            known_words=letter.count,
            model=trained.says(weighed, self.likeness.codes, said) if trained and said else None,
            model_scale=trained.scale if trained else 1.0,
            neighbours={code: vote for code, (vote, _) in near.items() if code in self.plan.open_codes},
            habit=self._open(self.known.lessons.habit(sender_of(self.found)), add),
            often=self._often() if asked or said else {},
            odds=self._odds(matches),
            calibration=trained.by_words if trained and said else None,
        )
        weights = STARTER if self.known.with_examples else PLAN_ALONE
        probabilities, shares = fuse(found, weights)
        if like is not None and self._in_doubt(probabilities) and self._ask_meaning(found, trained if said else None):
            probabilities, shares = fuse(found, weights)
        best = _best(probabilities, shares)
        # A text that is too short to be like anything is told by the words of the model alone.
        known = self.likeness.codes if asked or not trained else trained.codes
        words = _telling_words(letter, asked or said, known, best[:EXPLAINED])
        told = _Told(found, _telling(shares, best), near, words, matches)
        return Weighed(
            candidates=tuple(_candidate(code, probabilities[code], told.kinds[code]) for code in best),
            evidence=tuple(one for code in best[:EXPLAINED] for one in told.of(code)),
            offices=self._offices(probabilities) if shares else {},
            set_aside=_set_aside(near),
            closed=self._closed(matches),
            confirmed=bool(best) and probabilities[best[0]] >= SURE and _confirmed(best[0], found, near, weights),
        )

    def _in_doubt(self, probabilities: Mapping[str, float]) -> bool:
        """Whether meaning may change what a clerk reads: not where the likeliest is sure, or likely by its number.

        A letter that names one number of ours which no file has waits for a clerk whatever else it says, with the
        position of the number in front; where its words say otherwise it is asked like any other.
        """
        highest = max(probabilities.values())
        if len(self.numbers.unknown) != 1 or not LIKELY <= highest < SURE:
            return highest < SURE
        likeliest = next(code for code, probability in probabilities.items() if probability == highest)
        return likeliest != self.numbers.unknown[0].code

    def _ask_meaning(self, found: Found, spoke: Model | None) -> bool:
        """Whether the meaning says anything: what, and how sure a letter is then, beside a model that spoke."""
        written = "\n".join(map(unquoted, first_pages(self.extraction)))
        found.meaning = self.known.meaning(self.extraction.title, written, self.likeness.codes)
        if found.meaning is None:
            return False
        found.calibration = spoke.by_meaning if spoke else None
        return True

    def _offices(self, probabilities: Mapping[str, float]) -> dict[str, float]:
        return self.known.offices(self.likeness.codes, self.plan.office_of).sums(probabilities)

    def _by_word(self, text: str) -> Mapping[str, float]:
        """The weights by the words themselves: models and lessons know no rows. Where there are none, nobody asks."""
        asked_for = self.known.trained.model or len(self.known.lessons)
        return self.likeness.weigh(features(text)) if asked_for else {}

    def _often(self) -> Mapping[str, int]:
        told = self.known.lessons.often()
        return self.known.frequencies.of(told, self.plan, lambda often: self._open(often, add))

    def _neighbours(self, weighed: Mapping[str, float]) -> dict[str, tuple[float, Neighbour]]:
        if not len(self.known.lessons) or len(weighed) < KNOWN_AT_LEAST:
            return {}
        nearest = self.known.lessons.nearest(weighed, self.found.receipts[0].received_at)
        others = (one for one in nearest if one.document != self.found.document)
        return votes(replace(one, position=self.plan.place_of(one.position)) for one in others)

    def _odds(self, matches: Sequence[Match]) -> dict[FiledBy, dict[str, float]]:
        ruled: dict[str, float] = {}
        for position, rule, fits in matches:
            ruled[position.code] = max(rule.confidence * fits, ruled.get(position.code, 0.0))
        numbers = {p.code: SENDERS_SIGN for p in self.numbers.senders.values()}
        numbers |= {p.code: UNKNOWN_NUMBER for p in (*self.numbers.unknown, *self.numbers.files.values())}
        address = by_address(self.found, self.extraction, self.plan)
        return {"rule": self._open(ruled), "number": self._open(numbers), "address": self._open(address)}

    def _closed(self, matches: Sequence[Match]) -> bool:
        ruled = {position.code for position, _, _ in matches}
        led = {*ruled, *by_address(self.found, self.extraction, self.plan), *(p.code for p in self.numbers.unknown)}
        return any(self.plan.by_code[code].closed for code in led)

    def _open(
        self, places: Mapping[str, _Number], together: Callable[[_Number, _Number], _Number] = max
    ) -> dict[str, _Number]:
        """Those of open positions, under the code by which the plan in force goes on with them."""
        here = gone_on(places, self.plan, together)
        is_open = self.plan.open_codes
        return here if here.keys() <= is_open else {code: number for code, number in here.items() if code in is_open}


def gone_on(
    places: Mapping[str, _Number], plan: FilePlan, together: Callable[[_Number, _Number], _Number]
) -> dict[str, _Number]:
    """What is known of positions, under their successors; `together` makes one of what several say that went on as one.

    Letters are counted together. Signs are not: two rules for the same are no surer than the surer of them.
    """
    if plan.successors.keys().isdisjoint(places):
        return {code: number for code, number in places.items() if number}
    here: dict[str, _Number] = {}
    for code, number in places.items():
        if number:
            place = plan.place_of(code)
            here[place] = together(here[place], number) if place in here else number
    return here


def weigh(found: Record, extraction: Extraction, *, plan: FilePlan, known: Known, numbers: Numbers) -> Weighed:
    """Everything but a certain number: words, rules, addresses, the sender, and what clerks decided before."""
    return _Weighing(found, extraction, plan, known, numbers, known.likeness).weigh()


def _telling_words(
    letter: Letter, asked: Asked | None, known: Sequence[str], codes: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The words of the letter that speak most for each position, as they stand there."""
    if asked is None:
        return {}
    known_places = places_of(tuple(known))
    places = {code: known_places[code] for code in codes if code in known_places}
    telling = dict(zip(places, asked.telling(tuple(places.values()), _WORDS), strict=True))
    spelling = letter.spellings({feature for mine in telling.values() for feature in mine})
    return {
        code: tuple(dict.fromkeys(spelling[feature] for feature in mine if feature in spelling))
        for code, mine in telling.items()
    }


def _best(probabilities: Mapping[str, float], shares: Shares) -> list[str]:
    order = sorted(shares, key=lambda code: (-probabilities[code], code))
    told = [code for code in order if probabilities[code] >= WORTH_NAMING or not _VAGUE.issuperset(shares[code])]
    return told[:PROPOSED]


def _candidate(code: str, probability: float, kinds: tuple[FiledBy, ...]) -> Candidate:
    return Candidate(position=code, confidence=round(min(probability, 1.0), 3), evidence=kinds[0], kinds=kinds)


def _telling(shares: Shares, codes: Sequence[str]) -> dict[str, tuple[FiledBy, ...]]:
    """The kinds of evidence for each of these positions, those first that tell it apart most from every other."""

    def apart(kind: FiledBy, share: float) -> float:
        first, second = shares.highest[kind]
        return share - (second if share == first else first)

    return {
        code: tuple(kind for kind, _ in sorted(shares[code].items(), key=lambda one: (-apart(*one), one[0])))
        for code in codes
    }


def _set_aside(near: Mapping[str, tuple[float, Neighbour]]) -> float:
    vote = near[NOWHERE][0] if NOWHERE in near else 0.0
    return vote if vote and vote == max(v for v, _ in near.values()) else 0.0


def _confirmed(code: str, found: Found, near: Mapping[str, tuple[float, Neighbour]], weights: Weights) -> bool:
    """Two accounts, or other evidence that makes it likely without what one account taught."""
    if code in near and near[code][0] > near[code][1].likeness:
        return True
    return probabilities_of(replace(found, neighbours={}, habit={}, often={}), weights)[code] >= LIKELY


@dataclass(frozen=True, slots=True)
class _Told:
    """Makes evidence of what was found."""

    found: Found
    kinds: Mapping[str, tuple[FiledBy, ...]]
    near: Mapping[str, tuple[float, Neighbour]]
    words: Mapping[str, tuple[str, ...]]
    matches: Sequence[Match]

    def of(self, code: str) -> Iterator[Evidence]:
        for kind in self.kinds[code]:
            yield self._one(code, kind)

    def _one(self, code: str, kind: FiledBy) -> Evidence:
        if kind == "learned":
            place = places_of(tuple(self.found.codes))[code]
            like = float(self.found.like[place]) if self.found.like is not None else 0.0
            return Evidence(kind=kind, position=code, strength=_bounded(like), words=self.words.get(code, ()))
        if kind == "neighbour":
            neighbour = self.near[code][1]
            strength = _bounded(neighbour.likeness)
            return Evidence(kind=kind, position=code, strength=strength, document=neighbour.document)
        sure = self._strength(kind, code)
        words = self._rule(code) if kind == "rule" else ()
        return Evidence(kind=kind, position=code, strength=_bounded(sure), words=words)

    def _rule(self, code: str) -> tuple[str, ...]:
        return next((rule.words for position, rule, _ in self.matches if position.code == code), ())

    def _strength(self, kind: FiledBy, code: str) -> float:
        if kind == "sender":
            return self.found.habit[code]
        if kind == "frequent":
            return self.found.often[code] / OFTEN_ENOUGH
        return self.found.odds[kind][code]


def _bounded(strength: float) -> float:
    return round(min(max(strength, 0.0), 1.0), 3)
