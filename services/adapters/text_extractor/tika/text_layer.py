"""The text layer of a PDF as Tika gives it: where it is no text at all, and where a line of it is torn to letters."""

import re
import string
from itertools import groupby

TORN_LETTERS, TORN_LINE = 100, 3
"""So many letters, and fewer than so many in a line on average: no language is written like that."""
SWAPPED_LETTERS = 10
"""Fewer may be Chinese."""
MARGIN_PIECES, MARGIN_PIECE = 10, 2
"""So many pieces in a row, shorter than this on average: units, answers and other short words are longer or fewer."""

_SWAPPED = re.compile(f"[{''.join(chr(ord(letter) << 8) for letter in string.ascii_letters)}]")


def is_none(text: str) -> bool:
    """Whether it is as good as no layer, so that its pages have to be recognised instead."""
    return _is_torn(text) or _is_swapped(text)


def mended(text: str) -> str:
    """The text, with what runs up the margin in one line again, each on its own: nobody finds a word in its letters.

    Tika could turn each page for every angle on it (`detectAngles`), but then a town map takes half a minute, and a
    scan that lies a little askew loses the order of its lines.
    """
    lines = text.split("\n")
    if sum(0 < len(line.strip()) <= TORN_LINE for line in lines) < MARGIN_PIECES:
        return text.strip()  # as nearly every text is: there is nothing to join
    runs = groupby(lines, key=lambda line: len(line.strip()) <= TORN_LINE)
    return "\n".join(_joined(list(lines)) if is_short else "\n".join(lines) for is_short, lines in runs).strip()


def _is_torn(text: str) -> bool:
    """Whether it came out in single letters, as that of pages which were printed sideways does.

    Columns of figures are no such thing.
    """
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    characters = sum(map(len, lines))
    if characters >= 2 * TORN_LINE * len(lines):
        return False  # its lines are too long, whatever stands in them: spares the count of the letters
    letters = _letters(text)
    return letters >= TORN_LETTERS and letters * 2 > characters and letters < TORN_LINE * len(lines)


def _is_swapped(text: str) -> bool:
    """Whether the fonts say `䴀` (4D00) where `M` (004D) stands: Photoshop for the Mac wrote the bytes the wrong way.

    Turned back, it would still lack `ß` and `Ü`: theirs are halves of surrogate pairs, which the reader drops.
    """
    swapped = len(_SWAPPED.findall(text))
    return swapped >= SWAPPED_LETTERS and swapped * 2 > _letters(text)


def _joined(lines: list[str]) -> str:
    """Short lines as they are, or the one line that they were; its spaces stand at the ends of its pieces."""
    pieces = [line.strip() for line in lines if line.strip()]
    length = sum(map(len, pieces))
    is_margin = length < MARGIN_PIECE * len(pieces) and _letters("".join(pieces)) * 2 > length
    return f"\n{''.join(lines).strip()}\n" if is_margin and len(pieces) >= MARGIN_PIECES else "\n".join(lines)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
