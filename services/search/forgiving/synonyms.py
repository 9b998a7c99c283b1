"""Other words for the same thing, and abbreviations: a list of our own, and one that an administrator adds.

A line is a group of words or of words one after the other, with commas between; each is found for each. Behind `>`
stand words that are found for those in front of it, and not the other way: `Tier > Hund, Katze`. `#` begins a comment.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from services.core.errors import Misconfigured
from services.core.language.forms import words_of
from services.core.language.stems import stem

LARGEST = 2_000_000
"""Bytes of an administrator's list."""
_WORDS_AT_MOST = 24
"""Other words for one word; a question of fifty words is to stay small."""


class Synonyms:
    """Looks words up; knows every inflection that has the same stem."""

    def __init__(self, lines: Iterable[str]) -> None:
        known: dict[str, dict[str, None]] = defaultdict(dict)
        for line in lines:
            words, _, found = line.partition("#")[0].partition(">")
            same, narrower = _split(words), _split(found)
            for word in same:
                others = narrower or [other for other in same if other != word]
                known[_key(word)] |= dict.fromkeys(others)
        self._known = {key: tuple(others)[:_WORDS_AT_MOST] for key, others in known.items() if key}

    def __call__(self, word: str) -> tuple[str, ...]:
        """Other words for this one; none where there are none."""
        return self._known.get(_key(word), ())


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _key(words: str) -> str:
    return " ".join(stem(word) for word in words_of(words))


@lru_cache(maxsize=2)
def of(added: Path | None) -> Synonyms:
    """Ours and those of the administrator, read once; Misconfigured for a file that is none or is too large."""
    ours = files(__package__).joinpath("synonyms.txt").read_text("utf-8").splitlines()
    if added is None:
        return Synonyms(ours)
    try:
        if added.stat().st_size > LARGEST:
            raise Misconfigured(f"search.synonyms: more than {LARGEST} bytes")
        return Synonyms([*ours, *added.read_text("utf-8").splitlines()])
    except (OSError, UnicodeDecodeError):
        raise Misconfigured("search.synonyms: no text file in UTF-8") from None
