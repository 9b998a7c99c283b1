"""Pieces of a text around the words that were sought, with the places of those words in characters."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.adapters.search_index.questions import german
from services.adapters.search_index.questions.question import Written
from services.core.ports.entries import Snippet

LENGTH = 160
_BEFORE = 40
_PIECE = 200
_OVERLAP = 120
_FINDS_AT_MOST = 200

_WORD = re.compile(r"[^\W_]+")
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")


@dataclass(frozen=True, slots=True)
class _Find:
    """The sought words number `which`, found from `start` to `end`, each word at its place."""

    which: int
    start: int
    end: int
    places: tuple[tuple[int, int], ...]

    def moved(self, by: int) -> "_Find":
        places = tuple((start + by, end + by) for start, end in self.places)
        return _Find(self.which, self.start + by, self.end + by, places)


def snippet(field: str, text: str, sought: Sequence[Written], *, stem: Callable[[str], str]) -> Snippet | None:
    """The piece with the most different finds among the first ones; None where nothing of it stands in this field."""
    wanted = [written for written in sought if written.field == field]
    if not wanted or not text:
        return None
    finds = _finds(text, wanted, stem=stem)
    return _cut(field, text, finds) if finds else None


def _finds(text: str, sought: Sequence[Written], *, stem: Callable[[str], str]) -> list[_Find]:
    """The finds of the first pieces that have any: stemming is dear, so a cheap look decides what is worth it."""
    starts = re.compile("|".join(sorted(_starts(sought))))
    likely = re.compile(rf"(?<![^\W_])(?:{starts.pattern})")
    finds: list[_Find] = []
    missing = set(range(len(sought)))
    for start, end in _pieces(text):
        piece = german.fold(text[start : end + _OVERLAP])
        if not likely.search(german.bare(piece)):
            continue
        found = _finds_in(text[start : end + _OVERLAP], piece, sought, starts=starts, stem=stem)
        finds += [find.moved(start) for find in found if find.start < end - start]
        missing -= {find.which for find in finds}
        if not missing or len(finds) >= _FINDS_AT_MOST:
            break
    return finds


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cut at a blank, if one is near."""
    start = 0
    while start < len(text):
        blank = text.find(" ", start + _PIECE, start + 2 * _PIECE)
        end = blank if blank >= 0 else start + 2 * _PIECE
        yield start, end
        start = end


def _starts(sought: Sequence[Written]) -> Iterator[str]:
    """What a folded word that may be meant begins with: the stemmer only takes endings off."""
    for written in sought:
        yield re.escape(written.words[0][1])
        yield from map(re.escape, written.stems)


def _finds_in(
    piece: str, folded: str, sought: Sequence[Written], *, starts: re.Pattern[str], stem: Callable[[str], str]
) -> Iterator[_Find]:
    places = [match.span() for match in _WORD.finditer(piece)]
    words: list[str] = _WORD.findall(folded)
    if len(words) != len(places):  # folding took a word apart
        words = [german.fold(piece[start:end]) for start, end in places]
    for place, word in enumerate(words):
        if not starts.match(german.bare(word)):
            continue
        for which, written in enumerate(sought):
            run = slice(place, place + len(written.words))
            if run.stop <= len(words) and _meant(written, words[run], stem=stem):
                yield _Find(which, places[place][0], places[run.stop - 1][1], tuple(places[run]))


def _meant(written: Written, folded: Sequence[str], *, stem: Callable[[str], str]) -> bool:
    whole = len(folded) - written.open_end
    if any(stem(folded[place]) != written.words[place][1] for place in range(whole)):
        return False
    if not written.open_end:
        return True
    return german.bare(folded[-1]).startswith(written.words[-1][1]) or stem(folded[-1]) in written.stems


def _cut(field: str, text: str, finds: Sequence[_Find]) -> Snippet:
    best = max(finds, key=lambda find: (len(_within(finds, find.start)), -find.start))
    start = max(0, best.start - _BEFORE)
    if start:  # begin with a whole word
        space = text.find(" ", start, best.start)
        start = space + 1 if space >= 0 else best.start
    end = start + LENGTH
    if end < len(text):
        space = text.rfind(" ", min(best.end, end), end)
        end = space if space >= 0 else end
    places = {place for find in finds for place in find.places if start <= place[0] < end}
    marks = tuple(sorted((first - start, min(last, end) - start) for first, last in places))
    return Snippet(field=field, text=text[start:end].translate(_CONTROL), marks=marks)


def _within(finds: Sequence[_Find], start: int) -> set[int]:
    return {find.which for find in finds if start <= find.start and find.end <= start + LENGTH - _BEFORE}
