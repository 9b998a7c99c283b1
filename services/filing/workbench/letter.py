"""The letter beside the decision: its pages, and the text of each of its parts with the words that decided marked."""

from collections.abc import Sequence
from itertools import islice

from markupsafe import Markup
from msgspec import Struct

from services.core.model.record import Record
from services.core.model.record_files import Part
from services.runtime.desk.formatting import words_marked

CHARACTERS = 12_000
"""Of each part; a letter is decided by its first pages, and the page has a link to the rest."""
PARTS = 30


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
        Piece(part=part, text=words_marked(part.text[:CHARACTERS], words), more=len(part.text) > CHARACTERS)
        for part in islice(telling, PARTS)
    ]
