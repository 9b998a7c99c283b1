"""Entries, queries and viewers for the suite: valid ones with a few fields changed, and letters of our own in bulk."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.core.ports.entries import TOMBSTONE_VERSION, Entry, Field, Hits, Query, Term, Viewer
from services.core.ports.search_index import SearchIndex

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CLERK = Viewer(account="a-berg", tenant="main", offices=frozenset({"bauamt"}))
STRANGER = Viewer(account="a-feld", tenant="main", offices=frozenset({"kasse"}))
MAIL_ROOM = Viewer(account="a-post", tenant="main", all_offices=True)

_WHO = ("Frau Brückner", "Herr Öztürk", "Familie Weiß", "die Gärtnerei Grün", "der Turnverein", "Firma Möller")
_DOES = ("beantragt", "widerspricht", "bittet um", "zahlt", "meldet", "übersendet", "kündigt", "erklärt")
_WHAT = ("die Genehmigung", "den Bescheid", "eine Stundung", "das Gutachten", "die Unterlagen", "den Anschluss")
_WHERE = (
    "in der Hauptstraße",
    "am Rathausplatz",
    "im Gewerbegebiet",
    "auf dem Friedhof",
    "an der Mühle",
    "im Stadtwald",
)
_WHY = (
    "wegen der Baustelle",
    "aufgrund des Wetters",
    "nach dem Umzug",
    "ohne Begründung",
    "trotz Mahnung",
    "für den Verein",
)


def an_entry(number: int = 1, **changes: Any) -> Entry:
    """A living document of the building office."""
    facts: dict[str, Any] = {
        "tenant": "main",
        "document": f"d{number:026d}",
        "version": 1,
        "state": "filed",
        "channel": "mail",
        "complete": True,
        "offices": ("bauamt",),
        "received_at": START + timedelta(minutes=number),
    }
    return Entry(**facts | changes)


def a_tombstone(number: int = 1) -> Entry:
    """What is left of an erased document."""
    return Entry(tenant="main", document=f"d{number:026d}", version=TOMBSTONE_VERSION, erased=True)


def a_query(*words: str, field: Field = "any", **changes: Any) -> Query:
    """All of these words, each in the field."""
    return Query(groups=tuple((Term(text=word, field=field),) for word in words), **changes)


def asking(*terms: Term, **changes: Any) -> Query:
    """All of these terms."""
    return Query(groups=tuple((term,) for term in terms), **changes)


def committed(index: SearchIndex, *entries: Entry) -> SearchIndex:
    """The index, after these entries were written and committed."""
    index.write(entries)
    index.commit()
    return index


def numbers(hits: Hits) -> list[int]:
    """Which documents were found, in order."""
    return [int(hit.document[1:]) for hit in hits.items]


def found(index: SearchIndex, *words: str, field: Field = "any", viewer: Viewer = CLERK) -> list[int]:
    """The documents with all of these words, smallest number first."""
    return sorted(numbers(index.search(a_query(*words, field=field), viewer)))


def letters(count: int, *, words: int = 60, seed: int = 7) -> Iterator[Entry]:
    """Synthetic letters, the same ones for the same seed."""
    chance = random.Random(seed)
    for number in range(1, count + 1):
        sentences: list[str] = []
        while sum(map(len, sentences)) < words * 7:
            parts = (chance.choice(part) for part in (_WHO, _DOES, _WHAT, _WHERE, _WHY))
            sentences.append(f"{' '.join(parts)} {chance.randint(1, 9999)}.")
        yield an_entry(number, title=f"Schreiben {number}", body=" ".join(sentences), sender="post@beispiel.test")
