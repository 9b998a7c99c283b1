"""The rules of the plan, matched on stems and on parts of compounds, not on single forms of words."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from services.core.language.runs import Runs
from services.core.language.stems import stem
from services.core.plan.file_plan import FilePlan, PlanPosition, Rule, folded_words

_PART_AT_LEAST = 6
"""Letters of a rule's word that is looked for inside longer ones."""
_PART_COUNTS = 0.6
"""A part of a compound says less than the word: a Bauantragsteller writes of much besides his Bauantrag."""

_SPELT_OUT = re.compile(r"([aou])e")

Match = tuple[PlanPosition, Rule, float]
"""A rule that fits, and how well: 1 for its words, less where one is only part of a compound."""


class _Said(NamedTuple):
    """The stems of rules that a run of letters says."""

    whole: tuple[str, ...]
    parts: tuple[str, ...]
    """As the beginning or the end of a longer word."""


class RuleBook:
    """The rules of one plan, by the stem of their longest word."""

    def __init__(self, plan: FilePlan) -> None:
        self._by_stem: dict[str, list[tuple[PlanPosition, Rule, tuple[str, ...]]]] = {}
        for position in plan.positions:
            for rule in position.rules:
                phrases = tuple(" ".join(_stems(words)) for words in rule.words)
                if phrases and all(phrases):
                    longest = max(" ".join(phrases).split(), key=len)
                    self._by_stem.setdefault(longest, []).append((position, rule, phrases))
        kept = (phrase for rules in self._by_stem.values() for _, _, phrases in rules for phrase in phrases)
        self._words = frozenset(chain.from_iterable(map(str.split, kept)))
        self._lengths = sorted({len(stem) for stem in self._by_stem if len(stem) >= _PART_AT_LEAST})
        self._said = Runs(self._said_by)

    def matches(self, text: str, runs: Sequence[str] = ()) -> Iterator[Match]:
        """The rules all of whose words stand in the text; `runs` are its letters between blanks, where they are known.

        Each of them is enough once.
        """
        if not self._by_stem:
            return
        # Most words of a letter are none of any rule.
        said = list(filter(None, self._said.of(runs or text.split())))
        whole = {word for one in said for word in one.whole}
        letter = _Letter(text, whole, {part for one in said for part in one.parts} - whole)
        for there in sorted(self._by_stem.keys() & (whole | letter.parts)):
            for position, rule, phrases in self._by_stem[there]:
                fits = letter.fits(phrases)
                if fits:
                    yield position, rule, fits

    def _said_by(self, run: str) -> _Said | None:
        """What the words of a run say of the rules, None where it is nothing."""
        stems = _stems_of(run)
        whole = tuple(word for word in stems if word in self._words)
        parts = tuple(part for word in stems if len(word) > _PART_AT_LEAST for part in self._parts_of(word))
        return _Said(whole, parts) if whole or parts else None

    def _parts_of(self, word: str) -> tuple[str, ...]:
        """The stems of rules that a longer word begins or ends with."""
        lengths = (length for length in self._lengths if length < len(word))
        return tuple(part for n in lengths for part in (word[:n], word[-n:]) if part in self._by_stem)


class _Letter:
    """What a letter says of the rules; its words in their order are looked at where a phrase needs it."""

    def __init__(self, text: str, whole: set[str], parts: set[str]) -> None:
        self._text, self._whole, self.parts = text, whole, parts

    def fits(self, phrases: tuple[str, ...]) -> float:
        fits = 1.0
        for phrase in phrases:
            if self._says(phrase):
                continue
            if phrase not in self.parts:
                return 0.0
            fits = _PART_COUNTS
        return fits

    def _says(self, phrase: str) -> bool:
        if phrase in self._whole:
            return True
        return " " in phrase and self._whole.issuperset(phrase.split()) and f" {phrase} " in self._joined

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(_stems(self._text))} "


def _stems(text: str) -> list[str]:
    return list(chain.from_iterable(_STEMS.of(text.split())))


def _stems_of(run: str) -> list[str]:
    """The stems of the words of a run, umlauts as their vowels however spelt: Loch, Löcher, Loecher are one."""
    return [stem(_SPELT_OUT.sub(r"\1", word)) for word in folded_words(run)]


_STEMS = Runs(_stems_of)
