"""Words of a text that a question means in a looser way: by a stem, by a part, or nearly by their letters."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from services.adapters.search_index.questions.conditions import Alike, Near, Sought
from services.core.language.forms import forms_of

_BEGINNING = 4
"""Letters of a stem that a word alike has somewhere in it."""

_REMEMBERED = 10_000
"""Pairs of words whose distance is known: letters say the same words again and again."""

_WORDS_REMEMBERED = 20_000
"""Words whose stems are known."""
_NONE: frozenset[int] = frozenset()


class AlikeWords:
    """What is sought alike for each group, turned around: from a word to the groups that mean it."""

    def __init__(self, sought: Sequence[Sequence[Sought]]) -> None:
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._near: list[tuple[int, Near, frozenset[str]]] = []
        alike = [(which, one) for which, group in enumerate(sought) for one in group if isinstance(one, Alike)]
        for which, one in alike:
            self._near += [(which, near, frozenset(near.word)) for near in one.near]
            for stem in one.stems:
                self._stems[stem].add(which)
        self.numbers = {which for groups in self._stems.values() for which in groups}
        """The groups that mean anything alike."""
        self.letters = sorted({stem[:_BEGINNING] for stem in self._stems})
        """Of these a text has one somewhere that has a word alike."""

    def __bool__(self) -> bool:
        return bool(self._stems)

    @property
    def looks_at_letters(self) -> bool:
        """Whether words count that are nearly the sought ones: no beginning tells where they stand."""
        return bool(self._near)

    def letters_of(self, words: Collection[str]) -> list[str]:
        """The same for a text with these words, of which some may be nearly the sought ones."""
        return [*self.letters, *(word for word in words if any(True for _ in self._near_to(word)))]

    def meant(self, word: str) -> frozenset[int]:
        """The groups that mean this folded word."""
        stems = _stems_of(word)
        if self._stems.keys().isdisjoint(stems) and not self._near:
            return _NONE
        meant = {which for stem in stems for which in self._stems.get(stem, ())}
        return frozenset(meant.union(self._near_to(word)))

    def _near_to(self, word: str) -> Iterator[int]:
        for which, near, letters in self._near:
            close = abs(len(word) - len(near.word)) <= near.distance
            # Each letter that the other word lacks costs a step at least; most words of a text have too many of them.
            close = close and len(set(word) - letters) <= near.distance
            if close and distance(word, near.word) <= near.distance:
                yield which


@lru_cache(maxsize=_WORDS_REMEMBERED)
def _stems_of(word: str) -> frozenset[str]:
    forms = forms_of(word)
    return frozenset((*forms.stems, *forms.parts, *forms.joined))


@lru_cache(maxsize=_REMEMBERED)
def distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour until one word is the other (Damerau)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cheapest = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cheapest = min(cheapest, before[column - 2] + 1)
            line.append(cheapest)
        before, above = above, line
    return above[-1]
