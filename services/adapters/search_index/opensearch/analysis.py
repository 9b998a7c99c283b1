"""How the cluster cuts text into words, as settings for it and as the same in Python for questions and snippets.

`language.german` is the rule; the character filters here repeat its folding, so that the texts of entries need not
be folded by us. `tests/ports/search_index/test_opensearch.py` holds both sides together on the real server.
"""

import re
from functools import lru_cache
from typing import Any

import snowballstemmer

from services.adapters.search_index.questions.conditions import Words
from services.core.language import german

LONGEST_WORD = 63
_WORD = re.compile(r"[^\W_]+")
_NOT_COMPOSED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "ł": "l", "þ": "th", "ŧ": "t"}
)
"""Letters that the server's `asciifolding` takes for others and that are no letter with an accent in Unicode."""

_FOLDING = ["invisible", "umlauts_ae_oe", "umlaut_ue", "streets"]
_NORMAL = ["lowercase", "asciifolding", "not_too_long"]

ANALYSIS: dict[str, Any] = {
    "char_filter": {
        "invisible": {"type": "pattern_replace", "pattern": r"[\u00AD\u200B\uFEFF\p{Mn}]+", "replacement": ""},
        "umlauts_ae_oe": {"type": "pattern_replace", "pattern": "([aoAO])[eE]", "replacement": "$1"},
        "umlaut_ue": {"type": "pattern_replace", "pattern": "(?iu)(?<![aeiouyqäöü])ue", "replacement": "u"},
        "streets": {"type": "pattern_replace", "pattern": r"(?i)str(?![\p{L}\p{N}])", "replacement": "strasse"},
        "short_year": {"type": "pattern_replace", "pattern": r"\b(?:19|20)(\d\d)(?=#|$)", "replacement": "$1"},
    },
    "tokenizer": {
        "runs": {"type": "pattern", "pattern": r"[^\p{L}\p{N}]+"},
        "path": {"type": "path_hierarchy", "delimiter": "."},
    },
    "filter": {
        "not_too_long": {"type": "length", "max": LONGEST_WORD},
        "stems": {"type": "stemmer", "language": "german"},
    },
    "analyzer": {
        "german_text": {"type": "custom", "char_filter": _FOLDING, "tokenizer": "runs", "filter": [*_NORMAL, "stems"]},
        "plain_text": {"type": "custom", "char_filter": _FOLDING, "tokenizer": "runs", "filter": _NORMAL},
        "plain_short_year": {
            "type": "custom",
            "char_filter": ["short_year", *_FOLDING],
            "tokenizer": "runs",
            "filter": _NORMAL,
        },
        "position_path": {"type": "custom", "tokenizer": "path"},
    },
}

_STEMMER = snowballstemmer.stemmer("german")
_UMLAUTS = (
    (re.compile("ae"), "ä"),
    (re.compile("oe"), "ö"),
    (re.compile("(?<![aeiouyqäöü])ue"), "ü"),
)
_UNTOUCHED = "system"


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of one folded word, as Lucene 10 has it: Snowball 2.2 with what its version 3 took over from German2.

    That is: written-out umlauts are umlauts, and `-em` is no ending of System (snowball-data, german.sbl).
    """
    plain = _plain(word)
    if plain.endswith(_UNTOUCHED):
        return plain
    for written_out, umlaut in _UMLAUTS:
        plain = written_out.sub(umlaut, plain)
    return str(_STEMMER.stemWord(plain))


def words(folded: str) -> Words:
    """The words of a folded text as they are."""
    runs = enumerate(_WORD.findall(_plain(folded)))
    return tuple((place, word) for place, word in runs if len(word) <= LONGEST_WORD)


def stems(folded: str) -> Words:
    """The stemmed words of a folded text."""
    return tuple((place, stem(word)) for place, word in words(folded))


def _plain(folded: str) -> str:
    return folded if folded.isascii() else german.bare(folded).translate(_NOT_COMPOSED)
