"""Which words of a page are marked, and the marks as a picture that is laid over that of the page."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from string import Template

from services.core.ports.ocr_engine import WHOLE, PageWord

MARKS = 200
"""Marked places of a page at most: a word that stands everywhere marks nothing."""
INSIDE = 5
"""Letters from which words are found inside of others, too: a compound answers for its parts."""
MARGIN = 40
"""Ten-thousandths of the page by which a mark is larger than its word, so that no letter is cut."""
_TOKEN = re.compile(r"\w+")
_SVG = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="1000" viewBox="0 0 $whole $whole" '
    'preserveAspectRatio="none"><g fill="#ffd84d" fill-opacity="0.45" stroke="#7a4f00" stroke-width="12">'
    "$marks</g></svg>"
)


def drawn(words: Sequence[PageWord], wanted: Sequence[str], turn: int) -> str:
    """The marks of a page that is turned so many degrees clockwise, as an SVG of any size."""
    marks = (_turned(word, turn) for word in islice(marked(words, wanted), MARKS))
    return _SVG.substitute(whole=WHOLE, marks="".join(map(_rectangle, marks)))


def marked(words: Sequence[PageWord], wanted: Sequence[str]) -> Iterator[PageWord]:
    """The words that begin like a wanted one, or follow each other as the words of a wanted phrase do."""
    tokens = [(token, place) for place, word in enumerate(words) for token in _tokens(word.text)]
    places: set[int] = set()
    for phrase in {tuple(_tokens(text)) for text in wanted} - {()}:
        for start in range(len(tokens) - len(phrase) + 1):
            run = tokens[start : start + len(phrase)]
            if _answers([token for token, _ in run], phrase):
                places |= {place for _, place in run}
    yield from (words[place] for place in sorted(places))


def _answers(tokens: Sequence[str], phrase: Sequence[str]) -> bool:
    last, wanted = tokens[-1], phrase[-1]
    if tuple(tokens[:-1]) != tuple(phrase[:-1]):
        return False
    return last.startswith(wanted) or (len(phrase) == 1 and len(wanted) >= INSIDE and wanted in last)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())


def _turned(word: PageWord, turn: int) -> tuple[int, int, int, int]:
    """Where it stands once the page was turned clockwise."""
    left, top, width, height = word.left, word.top, word.width, word.height
    match turn:
        case 90:
            return WHOLE - top - height, left, height, width
        case 180:
            return WHOLE - left - width, WHOLE - top - height, width, height
        case 270:
            return top, WHOLE - left - width, height, width
        case _:
            return left, top, width, height


def _rectangle(box: tuple[int, int, int, int]) -> str:
    left, top, width, height = box
    return f'<rect x="{left - MARGIN}" y="{top - MARGIN}" width="{width + 2 * MARGIN}" height="{height + 2 * MARGIN}"/>'
