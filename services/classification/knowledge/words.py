"""The words of a letter as they are compared: stems, and pieces of five letters, which compounds and slips share."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from services.core.language.stems import stem

CHARACTERS = 8_000
"""Of a letter: its first pages tell what it is about, the rest quotes and encloses."""
_PIECE = 5
"""Elternbeitrag and Elternbeiträge, Hundesteuer and Steuer, Strassenlateren and Straßenlaterne share pieces. Of four to
six letters five told positions apart best (decision 0033)."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_QUOTED = re.compile(r"^>[^\n]*(?:\n|$)", re.MULTILINE)
_ANSWERED = re.compile(r"^>(?![ \t]*>)[^\n]*(?:\n|$)", re.MULTILINE)
_QUOTED_CHARACTERS = 1_500
"""Of the mail that is answered, its beginning."""
_LOOKED_AT = 8 * CHARACTERS
"""Of a text with quotations: what is written between them further down is looked at no more."""
_ENOUGH_OWN = 12
"""Words of one's own with which a letter says what it is about."""
_FOLDING = (("ä", "a"), ("ö", "o"), ("ü", "u"), ("ß", "ss"))


def of_letter(title: str, texts: Iterable[str]) -> str:
    """What is compared of a letter: its title, which counts twice, and the beginning of its text."""
    left, taken = CHARACTERS, [title[:CHARACTERS], title[:CHARACTERS]]
    for text in map(unquoted, texts):
        taken.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return "\n".join(taken)


def unquoted(text: str) -> str:
    """A text without what it quotes (lines with `>`: RFC 3676, 4.5) but the mail that it answers, behind the letter.

    Forty quoted mails would outweigh what was written now; the one it answers may say what it is about. Where hardly
    anything was written all stands as it was: who writes "siehe unten" means what stands there.
    """
    if not text.startswith(">") and "\n>" not in text:
        return text
    looked_at = text[:_LOOKED_AT]
    own = _QUOTED.sub("", looked_at)
    if len(_WORD.findall(own)) < _ENOUGH_OWN:
        return text
    return f"{own}\n{''.join(_ANSWERED.findall(looked_at))[:_QUOTED_CHARACTERS]}"


def features(text: str) -> Counter[str]:
    """How often each stem and piece stands in the text."""
    words = _WORD.findall(_folded(text))
    return Counter(chain.from_iterable(map(features_of, words)))


@lru_cache(maxsize=20_000)
def features_of(word: str) -> tuple[str, ...]:
    """The features of one folded word: its stem, and its pieces, the first and last marked by a blank."""
    marked = f" {word} "
    return (stem(word), *(marked[at : at + _PIECE] for at in range(len(marked) - _PIECE + 1)))


@lru_cache(maxsize=20_000)
def features_as_written(word: str) -> tuple[str, ...]:
    """The features of a word as it stands in a letter; none where it is too short.

    Those of all words of a text are its `features`, also of the few words that folding divides.
    """
    return tuple(chain.from_iterable(map(features_of, _WORD.findall(_folded(word)))))


def _folded(text: str) -> str:
    text = text.lower()
    for letter, spelt in _FOLDING:  # four looks at the whole are quicker than `translate` at every character
        text = text.replace(letter, spelt)
    return text
