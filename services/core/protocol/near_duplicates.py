"""Which documents are the same letter once more: by mail and by post, or scanned a second time. One definition for all.

They are told as a link with its reason and change nothing: whether two letters are one is for a person to say.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple

from services.core.language import sketch
from services.core.language.letters import without_close
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.protocol.pointers.threads import message_key

LEAST_SHARE = 0.5
"""Of the word pairs of the shorter text. Two readings of one page, of which every tenth word is wrong, share 0.65."""
LARGEST_RATIO = 2.0
"""Of the longer to the shorter text, in word pairs: a letter is not like each folder of papers that it lies in."""
MOST_NUMBERS = 1
"""So many numbers may be others on both sides. Letters that are made by the hundred share their words, not these."""
MOST_COMPARED = 400
"""Numbers of one text: each is held against those of the other."""
LONGEST_PART = 0.8
"""Share of the whole text from which on its longest part is no text of its own."""
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)
_NUMBER = re.compile(r"\d(?:[\d.,/:-]*\d)?")
_DIGITS = 3
"""Fewer are days, pages, paragraphs and what a scanner takes for a number."""


class Resemblance(NamedTuple):
    """How two texts are alike."""

    share: float
    """Of the word pairs of the shorter one those that the other has, from 0 to 1."""
    numbers: int
    """How many numbers, dates and amounts both have."""
    other_numbers: int
    """How many of them are others on both sides."""


def sketch_of(extraction: Extraction) -> bytes:
    """The sketches by which an index finds near-duplicates, one behind the other; empty where it says too little."""
    return b"".join(map(sketch.sketch_of, _texts(_written(extraction))))


def resemblance(ours: Record, theirs: Record) -> Resemblance | None:
    """How two documents are the same letter; None where they are not, or where it is known why they are alike.

    Judged by what stands above the close: short letters of one writer share name, address and telephone number.
    """
    if ours.extraction is None or theirs.extraction is None or _belong_together(ours, theirs):
        return None
    is_read = any(part.recognised for found in (ours, theirs) for part in (found.extraction or ours.extraction).parts)
    mine, foreign = (map(without_close, _written(found)) for found in (ours.extraction, theirs.extraction))
    pairs = list(product(_texts(mine), _texts(foreign)))
    shared = [(share, one, other) for one, other in pairs if (share := _share(one, other)) >= LEAST_SHARE]
    if not shared:
        return None
    share, one, other = max(shared)
    first, second = _numbers(one), _numbers(other)
    others = min(_without(first, second, near=is_read), _without(second, first, near=is_read))
    return Resemblance(share, len(first & second), others) if others <= MOST_NUMBERS else None


def _written(extraction: Extraction) -> Iterator[str]:
    """The text of each part, without what a mail quotes."""
    for part in extraction.parts:
        if part.text:
            yield _unquoted(part.text) if part.role == "body" else part.text


def _texts(written: Iterable[str]) -> tuple[str, ...]:
    """All that it says, and its longest part where that is much less: a letter that hangs on a mail of some words."""
    texts = list(written)
    whole, longest = "\n".join(texts), max(texts, key=len, default="")
    return (whole,) if len(longest) >= LONGEST_PART * len(whole) else (whole, longest)


def _unquoted(text: str) -> str:
    return _QUOTED.sub("", text) if ">" in text else text  # where nothing is quoted, nobody looks at every line


def _belong_together(ours: Record, theirs: Record) -> bool:
    """One is a batch and the other lay in it, or one answers the other and quotes it."""
    batches = [{one.part_of.document for one in found.receipts if one.part_of} for found in (ours, theirs)]
    if ours.document in batches[1] or theirs.document in batches[0]:
        return True
    return _answers(ours, theirs) or _answers(theirs, ours)


def _answers(later: Record, earlier: Record) -> bool:
    answer = later.extraction.mail if later.extraction else None
    asked = earlier.extraction.mail if earlier.extraction else None
    if answer is None or asked is None or not asked.message_id:
        return False
    return message_key(asked.message_id) in map(message_key, (*answer.in_reply_to, *answer.references))


def _share(one: str, other: str) -> float:
    first, second = sketch.pairs_of(one), sketch.pairs_of(other)
    fewer, more = sorted((len(first), len(second)))
    if fewer < sketch.FEWEST_PAIRS or more > LARGEST_RATIO * fewer:
        return 0.0
    return len(first & second) / fewer


def _numbers(text: str) -> frozenset[str]:
    return frozenset(islice(_digits(text[: sketch.READ_CHARACTERS]), MOST_COMPARED))


def _digits(text: str) -> Iterator[str]:
    for found in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", found)
        if len(digits) >= _DIGITS:
            yield digits


def _without(ours: frozenset[str], theirs: frozenset[str], *, near: bool) -> int:
    """How many of our numbers they lack; where a machine read one, also with one digit misread it is the same."""
    lacking = ours - theirs
    return sum(1 for number in lacking if not (near and any(_is_near(number, other) for other in theirs - ours)))


def _is_near(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 1
