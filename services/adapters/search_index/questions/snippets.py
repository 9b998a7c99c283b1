"""Pieces of a text around the words that were sought, with the places of those words in characters."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.adapters.search_index.questions.alike import AlikeWords
from services.adapters.search_index.questions.conditions import Sought, Written
from services.core.language import german
from services.core.ports.entries import Snippet

LENGTH = 160
_BEFORE = 40
_PIECE = 200
_OVERLAP = 120
_FINDS_AT_MOST = 200

_WORD = re.compile(r"[^\W_]+")
_Numbered = tuple[int, Written]
"""What is sought for the group of this number."""
_Placed = list[tuple[str, tuple[int, int]]]
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")


@dataclass(frozen=True, slots=True)
class _Find:
    """Words of the group number `which`, found from `start` to `end`, each word at its place."""

    which: int
    start: int
    end: int
    places: tuple[tuple[int, int], ...]

    def moved(self, by: int) -> "_Find":
        places = tuple((start + by, end + by) for start, end in self.places)
        return _Find(self.which, self.start + by, self.end + by, places)


def snippet(field: str, text: str, sought: Sequence[Sequence[Sought]], *, stem: Callable[[str], str]) -> Snippet | None:
    """The piece with the most different finds among the first ones; None where nothing of it stands in this field."""
    written = [
        (which, one)
        for which, group in enumerate(sought)
        for one in group
        if isinstance(one, Written) and one.field == field
    ]
    alike = AlikeWords(sought)
    if not text or not (written or alike):
        return None
    finds = _finds(text, written, alike, stem=stem)
    return _cut(field, text, finds) if finds else None


def _finds(text: str, written: Sequence[_Numbered], alike: AlikeWords, *, stem: Callable[[str], str]) -> list[_Find]:
    """The finds of the first pieces that have any: stemming is dear, so a cheap look decides what is worth it."""
    begin = sorted(set(_starts(written)))
    beginnings = "|".join(map(re.escape, begin)) or "(?!)"
    starts = re.compile(beginnings)
    whole = german.bare(german.fold(text)) if alike.looks_at_letters else ""
    pieces = list(alike.pieces(set(_WORD.findall(whole))))
    likely = re.compile("|".join([rf"(?<![^\W_])(?:{beginnings})", *map(re.escape, pieces)]))
    letters = [one for one in (*begin, *pieces) if one in whole or not whole]
    finds: list[_Find] = []
    missing = {which for which, _ in written} | alike.numbers
    for start, end in _pieces(text):
        piece = german.fold(text[start : end + _OVERLAP])
        bare = german.bare(piece)
        # Letters first: the pattern takes twenty times as long, and most pieces have none of them.
        if not any(one in bare for one in letters) or not likely.search(bare):
            continue
        words = _words(text[start : end + _OVERLAP], piece)
        found = [*_finds_written(words, written, starts=starts, stem=stem), *_finds_alike(words, alike)]
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


def _starts(written: Sequence[_Numbered]) -> Iterator[str]:
    """What a folded word that may be meant begins with: the stemmer only takes endings off."""
    for _, one in written:
        yield one.words[0][1]
        yield from one.stems


def _words(piece: str, folded: str) -> list[tuple[str, tuple[int, int]]]:
    """The folded words of a piece, each with its place in it."""
    places = [match.span() for match in _WORD.finditer(piece)]
    words: list[str] = _WORD.findall(folded)
    if len(words) != len(places):  # folding took a word apart
        words = [german.fold(piece[start:end]) for start, end in places]
    return list(zip(words, places, strict=True))


def _finds_written(
    words: _Placed, written: Sequence[_Numbered], *, starts: re.Pattern[str], stem: Callable[[str], str]
) -> Iterator[_Find]:
    for number, (word, place) in enumerate(words):
        if not starts.match(german.bare(word)):
            continue
        for which, one in written:
            run = words[number : number + len(one.words)]
            if len(run) == len(one.words) and _meant(one, [folded for folded, _ in run], stem=stem):
                yield _Find(which, place[0], run[-1][1][1], tuple(one_place for _, one_place in run))


def _finds_alike(words: _Placed, alike: AlikeWords) -> Iterator[_Find]:
    for word, place in words if alike else ():
        for which in alike.meant(german.bare(word)):
            yield _Find(which, *place, (place,))


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
