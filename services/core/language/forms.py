"""The forms under which a word is found besides its stem in the running text: as written, by its stems, by its parts.

Entries and questions make them here, in one way for both engines, which only keep and count the tokens. In the field
of the forms a token is

- `=genehmigungen` the word as written, folded;
- `genehmigung` a stem of the word, or of a part of it, or of several parts beside each other;
- `~genehm` the trunk: the first letters of a stem, for words that are derived from each other;
- `#4711` a short number that stands by itself, and is no piece of a date, a sign, an account or a telephone number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from services.core.language import german
from services.core.language.compounds import parts
from services.core.language.function_words import FUNCTION_WORDS
from services.core.language.runs import Runs
from services.core.language.stems import stem, stems
from services.core.language.word_list import said

WRITTEN, TRUNK, ALONE = "=", "~", "#"
TRUNK_LETTERS = 6
LONGEST_WORD = 63
"""Letters of a word that has forms; what is longer is data, and stands in the index for exact questions only."""

SHORT_DIGITS = 5
"""Digits of a number that many things may have: a room, a house, a year, a postcode, a group of an account."""
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+")
_PIECE_BEFORE = re.compile(r"(?:\w|[0-9][.,/:\u00a0 +-])\Z")
_PIECE_BEHIND = re.compile(r"\w|[.,/:\u00a0 -][0-9]")
_PERSON = re.compile(
    r"\b(?:Herrn?|Frau|Familie|Fam\.|Eheleuten?|Dr\.|Prof\.)(?P<name>(?:[ \t]+[A-ZÄÖÜ][\w.-]{0,40}){1,4})"
)
_OF_PEOPLE = ("Herr", "Frau", "Fam", "Eheleute", "Dr.", "Prof.")
_OF_FIRMS = ("Firma", "Fa.")
"""What a text without names holds none of: looking for them costs far less than the patterns do."""
_FIRM = re.compile(r"\b(?:Firma|Fa\.)(?P<name>[ \t]+[A-ZÄÖÜ][\w-]{0,40})")


@dataclass(frozen=True, slots=True)
class Forms:
    """Of one folded word."""

    written: str
    stems: tuple[str, ...]
    parts: tuple[str, ...] = ()
    """Stems of the smallest parts, in order; empty where the word is no compound."""
    joined: tuple[str, ...] = ()
    """Stems of several parts beside each other that are not all."""

    @property
    def trunks(self) -> tuple[str, ...]:
        """The first letters of what is long enough to be cut."""
        whole = (*self.stems, *self.parts)
        return tuple(dict.fromkeys(one[:TRUNK_LETTERS] for one in whole if len(one) >= TRUNK_LETTERS - 1))

    @property
    def is_function_word(self) -> bool:
        """Whether it says nothing of what a text is about."""
        return self.written in FUNCTION_WORDS


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    words: list[str] = _WORD.findall(german.bare(german.fold(german.clean(text))))
    return words


@lru_cache(maxsize=60_000)
def forms_of(word: str) -> Forms:
    """The forms of one folded word."""
    if len(word) > LONGEST_WORD or not word.isalpha():
        return Forms(word, (word,))
    small = parts(word)
    runs = (small[first:end] for first in range(len(small)) for end in range(first + 2, len(small) + 1))
    joined = dict.fromkeys(stem("".join(run)) for run in runs if len(run) < len(small))
    return Forms(word, stems(word), tuple(stem(part) for part in small), tuple(joined))


def is_short_number(word: str) -> bool:
    """Whether it says little by itself where it is a piece of something longer."""
    return len(word) <= SHORT_DIGITS and word.isascii() and word.isdecimal()


def numbers_alone_in(text: str) -> Iterator[str]:
    """The tokens of short numbers that stand by themselves, each as often as it does."""
    for found in _DIGITS.finditer(text):
        start, end = found.span()
        if end - start > SHORT_DIGITS or _PIECE_BEHIND.match(text, end):
            continue
        if not _PIECE_BEFORE.search(text[max(0, start - 2) : start]):
            yield ALONE + found[0]


def tokens_of(texts: Iterable[str]) -> Iterator[str]:
    """Each text as the tokens of its words, with blanks between."""
    for text in texts:
        found, names = _TOKENS.of(text.split()), names_in(text)
        told: Iterable[str]
        if names:
            told = (tokens if names.isdisjoint(words) else _with_names(words, names) for words, tokens in found)
        else:
            told = map(_TOKENS_IN, found)
        yield " ".join(filter(None, told))


def _with_names(words: Iterable[str], names: frozenset[str]) -> str:
    return " ".join(_tokens_of_name(word) if word in names else _tokens(word) for word in words)


def names_in(text: str) -> frozenset[str]:
    """Folded words that are somebody's name there: capitals behind a salutation, and no words that letters say.

    A name is no compound: nobody who looks for a Berg means Frau Bergfeld. Of a firm it may say what it does, so a
    compound of words that letters say is none.
    """
    persons = _PERSON.finditer(text) if any(map(text.__contains__, _OF_PEOPLE)) else ()
    named = _FIRM.finditer(text) if any(map(text.__contains__, _OF_FIRMS)) else ()
    people = (word for found in persons for word in words_of(found["name"]))
    firms = (word for found in named for word in words_of(found["name"]))
    trades = (word for word in firms if not all(map(said().get, parts(word))))
    return frozenset(word for word in (*people, *trades) if not said().get(word))


@lru_cache(maxsize=60_000)
def _tokens(word: str) -> str:
    return _told(forms_of(word)) if len(word) <= LONGEST_WORD else ""


def _words_and_tokens(run: str) -> tuple[list[str], str]:
    """Of letters without a blank between them: nothing is cleaned, folded or one word across a blank."""
    words = words_of(run)
    return words, " ".join(filter(None, map(_tokens, words)))


_TOKENS = Runs(_words_and_tokens)
_TOKENS_IN = itemgetter(1)


@lru_cache(maxsize=5_000)
def _tokens_of_name(word: str) -> str:
    return _told(Forms(word, stems(word))) if len(word) <= LONGEST_WORD else ""


def _told(forms: Forms) -> str:
    if forms.is_function_word:
        return WRITTEN + forms.written
    trunks = (TRUNK + trunk for trunk in forms.trunks) if forms.written.isalpha() else ()
    return " ".join([WRITTEN + forms.written, *dict.fromkeys((*forms.stems, *forms.parts, *forms.joined)), *trunks])
