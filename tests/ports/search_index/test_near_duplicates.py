"""What is like a text is found by the bands of its sketch, with the rights of whoever asks."""

import random
from datetime import timedelta

from services.core.language.sketch import BYTES, bands_of, likeness, sketch_of
from services.core.ports.entries import Entry, Filters, Query, Sort, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import (
    CLERK,
    MAIL_ROOM,
    START,
    STRANGER,
    a_tombstone,
    an_entry,
    committed,
    numbers,
)

_SYLLABLES = (
    "be",
    "scheid",
    "ver",
    "an",
    "trag",
    "stra",
    "ße",
    "ge",
    "bühr",
    "haus",
    "rat",
    "amt",
    "ord",
    "nung",
    "klä",
)


def a_text(seed: int, words: int = 120) -> str:
    """A letter in words that nobody knows, another one for each seed."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(words))


TEXT, OTHER = a_text(1), a_text(2)


def read_again(text: str, share: float, seed: int = 1) -> str:
    """The text as a machine reads it from paper: of so many words a letter is wrong."""
    chance = random.Random(seed)
    return " ".join(word if chance.random() > share else f"{word[:-1]}x" for word in text.split())


def alike(index: SearchIndex, text: str, viewer: Viewer = CLERK, **narrow: object) -> list[int]:
    """The documents that share a band with a text."""
    sort: Sort = "newest"
    filters = Filters(bands=bands_of(sketch_of(text)), **narrow)  # type: ignore[arg-type]  # what a test narrows by
    return sorted(numbers(index.search(Query(filters=filters, sort=sort), viewer)))


def sketched(number: int, text: str, **changes: object) -> Entry:
    """An entry with the sketch of a text."""
    return an_entry(number, body=text, sketch=sketch_of(text), **changes)


def test_a_second_reading_of_a_letter_is_found(index: SearchIndex) -> None:
    """By a text of which every twentieth word was read wrongly; letters of other words and without text are not."""
    committed(index, sketched(1, TEXT), sketched(2, read_again(TEXT, 0.05)), sketched(3, OTHER), an_entry(4, body=TEXT))
    assert alike(index, TEXT) == [1, 2]
    assert alike(index, read_again(TEXT, 0.05, seed=2)) == [1, 2]
    hits = index.search(Query(filters=Filters(bands=bands_of(sketch_of(TEXT))), sort="newest"), CLERK).items
    assert [len(hit.sketch) for hit in hits] == [BYTES, BYTES]
    assert [likeness(sketch_of(TEXT), hit.sketch) for hit in hits if hit.document == an_entry(1).document] == [1.0]


def test_either_of_two_sketches_finds_it(index: SearchIndex) -> None:
    """A letter that hangs on a mail is found by its own words."""
    both = sketch_of(f"{TEXT}\n{OTHER}") + sketch_of(OTHER)
    committed(index, an_entry(1, sketch=both))
    assert alike(index, OTHER) == alike(index, f"{TEXT}\n{OTHER}") == [1]


def test_nothing_alike_is_told_to_whoever_may_not_see_it(index: SearchIndex) -> None:
    """Offices and level of protection are part of the question, and so is whatever narrows it."""
    committed(index, sketched(1, TEXT), sketched(2, TEXT, offices=("kasse",)), sketched(3, TEXT, protection=3))
    assert (alike(index, TEXT), alike(index, TEXT, STRANGER)) == ([1], [2])
    assert alike(index, TEXT, MAIL_ROOM) == [1, 2]
    assert alike(index, TEXT, Viewer(account="a", tenant="main", offices=frozenset({"bauamt"}), protection=3)) == [1, 3]
    assert alike(index, TEXT, Viewer(account="a", tenant="nachbarort", all_offices=True)) == []
    assert alike(index, TEXT, MAIL_ROOM, not_documents=(an_entry(1).document,)) == [2]
    assert alike(index, TEXT, MAIL_ROOM, received_from=START + timedelta(minutes=2)) == [2]


def test_a_sketch_goes_with_its_document(index: SearchIndex) -> None:
    """What was erased, or says something else now, is like nothing any more."""
    committed(index, sketched(1, TEXT), sketched(2, TEXT))
    committed(index, a_tombstone(1), sketched(2, OTHER, version=2))
    assert alike(index, TEXT, MAIL_ROOM) == []


def test_a_list_of_hits_carries_no_sketches(index: SearchIndex) -> None:
    """They are bytes that no list shows."""
    committed(index, sketched(1, TEXT))
    assert [hit.sketch for hit in index.search(Query(), CLERK).items] == [b""]
