"""Facets: how many of the found documents have each value; marks of their own, made here for both engines."""

from collections import defaultdict
from collections.abc import Iterable

from services.adapters.search_index.questions.question import lines_of
from services.core.language import german
from services.core.ports.entries import Entry, FacetCount, FacetName, Facets, Viewer

FIELD = "facets"
"""The field that the engines count; it finds nothing."""
DISTINCT_AT_MOST = 20_000
"""Values of all facets together that are counted in one answer: what a large plan has."""
SHOWN_AT_MOST = 200
"""Values of one facet in an answer, the most frequent ones."""

_NAMES: dict[str, FacetName] = {"o": "offices", "n": "positions", "s": "states", "p": "problems"}


def facets_of(entry: Entry) -> list[str]:
    """The values of an entry, each once; a tombstone has none."""
    if entry.erased:
        return []
    lines = [line for position in entry.positions for line in lines_of(position)]
    lists = [("o", entry.offices), ("n", lines), ("s", [entry.state]), ("p", entry.problems)]
    found = (german.clean(f"{letter}:{value}") for letter, values in lists for value in values)
    return list(dict.fromkeys(found))


def facets_told(counted: Iterable[tuple[str, int]], viewer: Viewer) -> Facets:
    """The engine's counts by facet, the most frequent first; nobody learns which other offices got the same."""
    facets: dict[FacetName, list[FacetCount]] = defaultdict(list)
    for mark, count in counted:
        letter, _, value = mark.partition(":")
        if letter == "o" and not viewer.may_see((value,)):
            continue
        facets[_NAMES[letter]].append(FacetCount(value, count))
    ordered = {name: sorted(values, key=lambda one: (-one.count, one.value)) for name, values in facets.items()}
    return {name: tuple(values[:SHOWN_AT_MOST]) for name, values in ordered.items()}
