"""Pages inside the text of a part: a form feed stands between two, so that what OCR reads finds its place."""

from collections.abc import Iterator, Sequence

SPARSE = 16
"""Characters of a text layer below which a page is taken for a picture: a page number, a stamp of the scanner."""
RANGE = 20
"""Pages that one request asks for, at most."""
MAX_PAGES = 2_000
"""Pages of one part that OCR is asked for; what lies behind is reported as too_large."""
_BREAK = "\f"


def waiting(page_characters: Sequence[int]) -> list[tuple[int, int]]:
    """First and last page of each run of pages that have to be recognised, at most RANGE long."""
    pictures = [number for number, count in enumerate(page_characters[:MAX_PAGES], 1) if count < SPARSE]
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


def filled(text: str, recognised: dict[int, str], page_count: int) -> str:
    """The text with these pages (counted from 1) put in; an empty reading leaves what was there."""
    pages = text.split(_BREAK)
    pages += [""] * (page_count - len(pages))
    for number, found in recognised.items():
        if found.strip() and number <= len(pages):
            pages[number - 1] = found.replace(_BREAK, "\n").strip()
    return _BREAK.join(pages)


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
