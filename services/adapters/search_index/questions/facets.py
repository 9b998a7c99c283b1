"""Facets: how many of the found documents have each value; marks of their own, made here for both engines.

What an office alone knows of an arrival, its channel and its year, stands under the mark of that office. Of a viewer
with several offices a document may have the same value under two marks: those few values are counted by a question of
their own, so that each document counts once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from services.adapters.search_index.questions.conditions import Condition, Marked
from services.adapters.search_index.questions.occurrences import owned_channels, owned_years, viewer_marks
from services.adapters.search_index.questions.question import lines_of, senders_of
from services.core.language import german
from services.core.ports.entries import Entry, FacetCount, FacetName, Facets, Viewer

FIELD = "facets"
"""The field that the engines count; it finds nothing."""
SENDERS = "senders"
"""Who wrote, counted apart: there are as many as people, and they must not crowd out what a plan has."""
DISTINCT_AT_MOST = 20_000
"""Values of all facets together that are counted in one answer: what a large plan has."""
SHOWN_AT_MOST = 200
"""Values of one facet in an answer, the most frequent ones."""

_NAMES: dict[str, FacetName] = {
    "o": "offices",
    "n": "positions",
    "s": "states",
    "p": "problems",
    "g": "kinds",
    "c": "channels",
    "y": "years",
}
_OWNED = frozenset("cy")
Counting = Callable[[Sequence[Condition]], Sequence[int]]
"""How many of the found documents meet each of these as well."""


def facets_of(entry: Entry) -> list[str]:
    """The values of an entry, each once; a tombstone has none."""
    if entry.erased:
        return []
    lines = [line for position in entry.positions for line in lines_of(position)]
    lists = [("o", entry.offices), ("n", lines), ("s", [entry.state]), ("p", entry.problems)]
    lists += [("g", [entry.kind] if entry.kind else []), ("c", owned_channels(entry)), ("y", owned_years(entry))]
    found = (german.clean(f"{letter}:{value}") for letter, values in lists for value in values)
    return list(dict.fromkeys(found))


def facet_senders(entry: Entry) -> tuple[str, ...]:
    """Who wrote it, to be counted; a tombstone tells nobody."""
    return () if entry.erased else senders_of(entry)


def facets_told(
    counted: Iterable[tuple[str, int]], senders: Iterable[tuple[str, int]], viewer: Viewer, *, count: Counting
) -> Facets:
    """The engine's counts by facet, the most frequent first; nobody learns which other offices got the same."""
    facets: dict[FacetName, list[FacetCount]] = defaultdict(list)
    owned: dict[tuple[str, str], list[int]] = defaultdict(list)
    theirs = frozenset(viewer_marks(viewer))
    for mark, number in counted:
        letter, _, value = mark.partition(":")
        if letter in _OWNED:
            office, _, value = value.partition(":")
            owned[letter, value] += [number] if office in theirs else []
        elif letter != "o" or viewer.may_see((value,)):
            facets[_NAMES[letter]].append(FacetCount(value, number))
    for (letter, value), number in _once_each(owned, sorted(theirs), count):
        facets[_NAMES[letter]].append(FacetCount(value, number))
    facets["senders"] = [FacetCount(value, number) for value, number in senders]
    ordered = {name: sorted(values, key=lambda one: (-one.count, one.value)) for name, values in facets.items()}
    return {name: tuple(values[:SHOWN_AT_MOST]) for name, values in ordered.items() if values}


def _once_each(
    owned: dict[tuple[str, str], list[int]], theirs: Sequence[str], count: Counting
) -> Iterable[tuple[tuple[str, str], int]]:
    """How many documents have a value under any of the viewer's marks."""
    yield from ((key, numbers[0]) for key, numbers in owned.items() if len(numbers) == 1)
    several = [key for key, numbers in owned.items() if len(numbers) > 1]
    if several:
        asked = [Marked(tuple(f"{letter}:{mark}:{value}" for mark in theirs)) for letter, value in several]
        yield from zip(several, count(asked), strict=True)
