"""Pages inside the text of a part: a form feed stands between two, so that what OCR reads finds its place."""

import re
from collections.abc import Iterator, Sequence

from services.core.ports.ocr_engine import OcrPage

SPARSE = 16
"""Characters of a text layer below which a page is taken for a picture: a page number, a stamp of the scanner."""
COVERED = 1_500
"""Characters below which a page that may be mostly picture is asked for as well: a fax line, a stamp, the heading over
a scanned exhibit. A full page has more; the engine takes the layer where there is no such picture."""
RANGE = 20
"""Pages that one request asks for, at most."""
MAX_PAGES = 2_000
"""Pages of one part that OCR is asked for; what lies behind is reported as too_large."""
_SAID_SHARE = 0.8
_WORD = re.compile(r"\w+")
_BREAK = "\f"


def waiting(page_characters: Sequence[int], *, has_page_pictures: bool = False) -> list[tuple[int, int]]:
    """First and last page of each run of pages that have to be recognised, at most RANGE long."""
    enough = COVERED if has_page_pictures else SPARSE
    pictures = [number for number, count in enumerate(page_characters[:MAX_PAGES], 1) if count < enough]
    return list(_runs(pictures))


def laid_out(text: str, page_characters: Sequence[int]) -> str:
    """The text with one form feed between two pages; without page breaks all of it stands on the first full page."""
    count = len(page_characters)
    if text.count(_BREAK) == count - 1:
        return text
    pages = [""] * count
    first = next((place for place, found in enumerate(page_characters) if found >= SPARSE), 0)
    pages[first] = text.replace(_BREAK, "\n").strip()
    return _BREAK.join(pages)


def filled(text: str, found: Sequence[OcrPage], page_count: int) -> str:
    """The text with these pages put in, behind what lay on them as letters, such as form values.

    A page that was taken from its layer is compared with all of the text: the extractor may have read it too, and
    told no page.
    """
    whole = _words(text)
    pages = text.split(_BREAK)
    pages += [""] * (page_count - len(pages))
    for page in found:
        if page.number <= len(pages):
            layer = pages[page.number - 1].strip()
            said = whole if page.from_layer else _words(layer)
            pages[page.number - 1] = _joined(layer, page.text.replace(_BREAK, "\n").strip(), said)
    return _BREAK.join(pages)


def _joined(layer: str, found: str, said: set[str]) -> str:
    """Both texts of a page, each line once."""
    if layer and _words(layer) <= _words(found):
        return found
    news = "\n".join(line for line in found.split("\n") if not _is_said(line, said)).strip()
    return "\n".join(filter(None, (layer, news)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _is_said(line: str, said: set[str]) -> bool:
    words = _WORD.findall(line.lower())
    return bool(words) and sum(word in said for word in words) >= _SAID_SHARE * len(words)


def following(after: int, page_count: int) -> list[tuple[int, int]]:
    """The ranges behind a page, up to the last one."""
    return list(_runs(range(after + 1, min(page_count, MAX_PAGES) + 1)))


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for number in numbers:
        if first and number == last + 1 and number - first < RANGE:
            last = number
            continue
        if first:
            yield first, last
        first = last = number
    if first:
        yield first, last
