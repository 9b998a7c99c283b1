"""The letter beside the decision: its pages, and the text of each of its parts with the words that decided marked."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from markupsafe import Markup, escape
from msgspec import Struct

from services.core.model.record import Record
from services.core.model.record_files import Part

CHARACTERS = 12_000
"""Of each part; a letter is decided by its first pages, and the page has a link to the rest."""
PARTS = 30
MARKS = 200
"""Marked places of a part at most: a word that stands everywhere marks nothing."""


class Piece(Struct, frozen=True, kw_only=True):
    """One part as it is shown: its facts, and as much of its text as is read at the desk."""

    part: Part
    text: Markup
    more: bool


def pieces_of(found: Record, words: Sequence[str]) -> list[Piece]:
    """The parts that say something, could not be read, or can be had as a file."""
    parts = found.extraction.parts if found.extraction else ()
    telling = (part for part in parts if part.text or part.problem or part.part != "0")
    return [
        Piece(part=part, text=marked(part.text[:CHARACTERS], words), more=len(part.text) > CHARACTERS)
        for part in islice(telling, PARTS)
    ]


def marked(text: str, words: Sequence[str]) -> Markup:
    """The text with these words marked wherever one begins so, everything else escaped."""
    pieces, place = [], 0
    for start, end in islice(_places(text, words), MARKS):
        pieces += [escape(text[place:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        place = end
    return Markup("").join([*pieces, escape(text[place:])])


def _places(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    if words:
        anyone = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        for found in re.finditer(rf"(?<!\w)(?:{anyone})", text, re.IGNORECASE):
            yield found.span()
