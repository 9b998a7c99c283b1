"""The rules of the plan, matched on stems and on parts of compounds, not on single forms of words."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from services.core.language.runs import Runs
from services.core.language.stems import stem
from services.core.plan.file_plan import FilePlan, PlanPosition, Rule, folded_words

_PART_AT_LEAST = 6
"""Letters of a rule's word that is looked for inside longer ones."""
_PART_COUNTS = 0.6
"""A part of a compound says less than the word: a Bauantragsteller writes of much besides his Bauantrag."""
_WORDS_KEPT = 20_000

_SPELT_OUT = re.compile(r"([aou])e")

Match = tuple[PlanPosition, Rule, float]
"""A rule that fits, and how well: 1 for its words, less where one is only part of a compound."""


class RuleBook:
    """The rules of one plan, by the stem of their longest word."""

    def __init__(self, plan: FilePlan) -> None:
        self._by_stem: dict[str, list[tuple[PlanPosition, Rule, tuple[str, ...]]]] = {}
        for position in plan.positions:
            for rule in position.rules:
                phrases = tuple(_joined(words) for words in rule.words)
                if phrases and all(phrase.strip() for phrase in phrases):
                    longest = max(" ".join(phrases).split(), key=len)
                    self._by_stem.setdefault(longest, []).append((position, rule, phrases))
        self._lengths = sorted({len(stem) for stem in self._by_stem if len(stem) >= _PART_AT_LEAST})
        self._parts_of = lru_cache(_WORDS_KEPT)(self._looked_for)

    def matches(self, text: str) -> Iterator[Match]:
        """The rules all of whose words stand in the text."""
        if not self._by_stem:
            return
        said = _stems(text)
        joined = f" {' '.join(said)} "
        whole = set(said)
        parts = {part for word in whole if len(word) > _PART_AT_LEAST for part in self._parts_of(word)} - whole
        for there in sorted(self._by_stem.keys() & (whole | parts)):
            for position, rule, phrases in self._by_stem[there]:
                fits = _fit(phrases, joined, parts)
                if fits:
                    yield position, rule, fits

    def _looked_for(self, word: str) -> tuple[str, ...]:
        """The stems of rules that a longer word begins or ends with."""
        lengths = (length for length in self._lengths if length < len(word))
        return tuple(part for n in lengths for part in (word[:n], word[-n:]) if part in self._by_stem)


def _fit(phrases: tuple[str, ...], joined: str, parts: set[str]) -> float:
    fits = 1.0
    for phrase in phrases:
        if phrase in joined:
            continue
        if phrase.strip() not in parts:
            return 0.0
        fits = _PART_COUNTS
    return fits


def _joined(words: str) -> str:
    return f" {' '.join(_stems(words))} "


def _stems(text: str) -> list[str]:
    return list(chain.from_iterable(_STEMS.of(text.split())))


def _stems_of(run: str) -> list[str]:
    """The stems of the words of a run, umlauts as their vowels however spelt: Loch, Löcher, Loecher are one."""
    return [stem(_SPELT_OUT.sub(r"\1", word)) for word in folded_words(run)]


_STEMS = Runs(_stems_of)
