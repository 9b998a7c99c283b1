"""The words of a letter as they are compared: stems, and pieces of five letters, which compounds and slips share."""

import re
import threading
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

CHARACTERS = 8_000
"""Of a letter: its first pages tell what it is about, the rest quotes and encloses."""
_PIECE = 5
"""Elternbeitrag and Elternbeiträge, Hundesteuer and Steuer, Strassenlateren and Straßenlaterne share pieces. Of four to
six letters five told positions apart best (decision 0033)."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_FOLDING = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_STEMMER = snowballstemmer.stemmer("german")
_STEMMING = threading.Lock()


def of_letter(title: str, texts: Iterable[str]) -> str:
    """What is compared of a letter: its title, which counts twice, and the beginning of its text."""
    left, taken = CHARACTERS, [title[:CHARACTERS], title[:CHARACTERS]]
    for text in texts:
        taken.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return "\n".join(taken)


def features(text: str) -> Counter[str]:
    """How often each stem and piece stands in the text."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(text.lower().translate(_FOLDING)):
        for feature in features_of(word):
            found[feature] += 1
    return found


@lru_cache(maxsize=20_000)
def features_of(word: str) -> tuple[str, ...]:
    """The features of one folded word: its stem, and its pieces, the first and last marked by a blank."""
    marked = f" {word} "
    return (stem(word), *(marked[at : at + _PIECE] for at in range(len(marked) - _PIECE + 1)))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word in lower case."""
    with _STEMMING:  # the stemmer keeps the word it works on in itself
        return str(_STEMMER.stemWord(word))


def spellings(text: str, wanted: frozenset[str] | set[str]) -> dict[str, str]:
    """The wanted features that the text has, each with the first word that has it, as it stands there."""
    found: dict[str, str] = {}
    for word in dict.fromkeys(_WORD.findall(text)):
        for feature in wanted.intersection(features_of(word.lower().translate(_FOLDING))):
            found.setdefault(feature, word)
    return found
