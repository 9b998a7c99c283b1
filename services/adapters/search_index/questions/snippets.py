"""Pieces of a text around the words that were sought, with the places of those words in characters.

A page of hits asks the same of many texts, and letters repeat their words: what a word means for the question is
found out once. Most pieces of a text have nothing of the sought letters and are not cut into words at all.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from services.adapters.search_index.questions.alike import AlikeWords
from services.adapters.search_index.questions.conditions import Sought, Written
from services.core.language import german
from services.core.ports.entries import Snippet

LENGTH = 160
_BEFORE = 40
_AROUND = LENGTH - _BEFORE
"""Characters behind a find in which others stand beside it."""
_PIECE = 200
_OVERLAP = 120
_FINDS_AT_MOST = 200
_KNOWN_AT_MOST = 20_000
"""Words of which is kept what they mean: a hostile text shall not fill the memory."""

_WORD = re.compile(r"[^\W_]+")
_Numbered = tuple[int, Written]
"""What is sought for the group of this number."""
_Place = tuple[int, int]
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")


class _Find(NamedTuple):
    """Words of the group number `which`, found from `start` to `end`, each word at its place."""

    which: int
    start: int
    end: int
    places: tuple[_Place, ...]

    def moved(self, by: int) -> "_Find":
        places = tuple((start + by, end + by) for start, end in self.places)
        return _Find(self.which, self.start + by, self.end + by, places)


class _Meaning(NamedTuple):
    """What a word is for the question: the beginning of what is written so, and groups that mean it alike."""

    written: tuple[_Numbered, ...]
    alike: tuple[int, ...]


class _KnownWords(dict[str, _Meaning | None]):
    """What folded words mean, found out when first asked; None for the many that mean nothing."""

    def __init__(self, find_out: Callable[[str], _Meaning | None]) -> None:
        super().__init__()
        self._find_out = find_out

    def __missing__(self, word: str) -> _Meaning | None:
        if len(self) >= _KNOWN_AT_MOST:
            self.clear()
        self[word] = found = self._find_out(word)
        return found


class Marking:
    """What a question seeks in the texts of a page of hits."""

    def __init__(self, sought: Sequence[Sequence[Sought]], *, stem: Callable[[str], str]) -> None:
        self._sought = sought
        self._stem = stem
        self._alike = AlikeWords(sought)
        self._fields: dict[str, _InField] = {}

    def snippet(self, field: str, text: str) -> Snippet | None:
        """The piece with the most different finds among the first ones; None where nothing of it stands there."""
        finds = self._finds(field, text)
        return _cut(field, text, finds) if finds else None

    def stands_in(self, field: str, text: str) -> bool:
        """Whether anything of it stands there."""
        return bool(self._finds(field, text))

    def _finds(self, field: str, text: str) -> list[_Find]:
        if not text or not self._sought:
            return []
        if field not in self._fields:
            self._fields[field] = _InField(field, self._sought, self._alike, self._stem)
        return self._fields[field].finds(text)


class _InField:
    """What is sought in one field, which has its own words as written and the same ones alike."""

    def __init__(
        self, field: str, sought: Sequence[Sequence[Sought]], alike: AlikeWords, stem: Callable[[str], str]
    ) -> None:
        groups = enumerate(sought)
        written = ((which, one) for which, group in groups for one in group if isinstance(one, Written))
        self._written = [(which, one) for which, one in written if one.field == field]
        self._alike = alike
        self._stem = stem
        self._begin = sorted(set(_starts(self._written)))
        beginnings = "|".join(map(re.escape, self._begin)) or "(?!)"
        self._begins = re.compile(rf"(?<![^\W_])(?:{beginnings})")
        self._starts = tuple(self._begin)
        self._groups = {which for which, _ in self._written} | alike.numbers
        self._known = _KnownWords(self._meaning)

    def finds(self, text: str) -> list[_Find]:
        """The finds of the first pieces that have any: words are dear, so letters decide which piece is worth it."""
        finds: list[_Find] = []
        if not self._groups:
            return finds
        missing = set(self._groups)
        letters = self._alike.letters
        if self._alike.looks_at_letters:
            letters = self._alike.letters_of(set(_WORD.findall(german.bare(german.fold(text)))))
        for start, end in _pieces(text):
            piece = text[start : end + _OVERLAP]
            folded = german.fold(piece)
            if not self._likely(german.bare(folded), letters):
                continue
            found = [find.moved(start) for find in self._in_piece(piece, folded) if find.start < end - start]
            finds += found
            missing.difference_update(find.which for find in found)
            if not missing or len(finds) >= _FINDS_AT_MOST:
                break
        return finds

    def _likely(self, bare: str, letters: Sequence[str]) -> bool:
        """Letters first: the pattern takes twenty times as long, and most pieces have none of them."""
        for one in letters:
            if one in bare:
                return True
        return any(map(bare.__contains__, self._begin)) and self._begins.search(bare) is not None

    def _in_piece(self, piece: str, folded: str) -> Iterator[_Find]:
        words = _words(piece, folded)
        known = [(number, meaning) for number, meaning in enumerate(map(self._known.__getitem__, words)) if meaning]
        if not known:
            return
        places = [match.span() for match in _WORD.finditer(piece)]
        for number, meaning in known:
            for which, one in meaning.written:
                last = number + len(one.words)
                if last == number + 1 or self._stand(one, words[number:last]):
                    run = tuple(places[number:last])
                    yield _Find(which, run[0][0], run[-1][1], run)
        for number, meaning in known:
            for which in meaning.alike:
                yield _Find(which, *places[number], (places[number],))

    def _meaning(self, word: str) -> _Meaning | None:
        bare = german.bare(word)
        written = tuple(
            (which, one)
            for which, one in (self._written if bare.startswith(self._starts) else ())
            if self._begun(one, word)
        )
        alike = tuple(self._alike.meant(bare)) if self._alike else ()
        return _Meaning(written, alike) if written or alike else None

    def _begun(self, one: Written, word: str) -> bool:
        """Whether its first word is this one, which is all of most."""
        return self._stem(word) == one.words[0][1] if len(one.words) > 1 else self._stand(one, [word])

    def _stand(self, written: Written, folded: Sequence[str]) -> bool:
        whole = len(written.words) - written.open_end
        if len(folded) < len(written.words):
            return False
        if any(self._stem(folded[place]) != written.words[place][1] for place in range(whole)):
            return False
        if not written.open_end:
            return True
        return german.bare(folded[-1]).startswith(written.words[-1][1]) or self._stem(folded[-1]) in written.stems


def _pieces(text: str) -> Iterator[_Place]:
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


def _words(piece: str, folded: str) -> list[str]:
    """The folded words of a piece, as many as it has."""
    words: list[str] = _WORD.findall(folded)
    if not piece.isascii():
        said: list[str] = _WORD.findall(piece)
        if len(said) != len(words):  # folding took a word apart
            words = [german.fold(word) for word in said]
    return words


def _cut(field: str, text: str, finds: Sequence[_Find]) -> Snippet:
    best = _best(finds)
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
    early = 1 - min(find.start for find in finds) / len(text)
    return Snippet(field=field, text=text[start:end].translate(_CONTROL), marks=marks, early=early)


def _best(finds: Sequence[_Find]) -> _Find:
    """The find with the most different ones beside it, and of those the first."""
    ordered = sorted(finds, key=lambda find: find.start)
    starts = [find.start for find in ordered]

    def beside(find: _Find) -> int:
        reach = find.start + _AROUND
        near = ordered[bisect_left(starts, find.start) : bisect_right(starts, reach)]
        return len({other.which for other in near if other.end <= reach})

    return max(finds, key=lambda find: (beside(find), -find.start))
