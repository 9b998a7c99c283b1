"""Compounds taken apart, where a word list confirms the parts: Baugenehmigung is Bau and Genehmigung, Quartier is one.

Every place is tried; of those whose two sides are words (with a linking sound between), the one wins whose parts our
own letters say most. Short parts have to be words that an authority's letters use, for a long list knows a name for
every four letters.
"""

import math
import re
from functools import lru_cache

from services.core.language.function_words import FUNCTION_WORDS
from services.core.language.stems import INSEPARABLE, SEPARABLE, stem
from services.core.language.word_list import said

LONGEST = 40
"""Letters of a word that is looked at; nothing longer is German."""
_SHORTEST = 6
_SHORTEST_PART = 3
_SURE_LENGTH = 6
"""Letters from which a part needs no proof that our own letters say it."""
_LONG_HEAD = 8
_LEVELS = 2
_THREE_PARTS = 11

_TRIPLES = frozenset(
    """
    abo akt alt amt arm art arzt ast bad bau boot bus eck ehe eis gas gut hof hut jahr kfz los lkw neu not ofen
    ohr opa oma ort ost pkw rad rat rot rek see sud tag tee test tier tod tor uhr weg west zug zoo abi alm bar
    bio elf erb fax fee film fuss huf hze itk kur mai ode reh sau ski typ ufo
    """.split()  # noqa: SIM905 - a table that people read
)
"""Words of three letters that compounds are made of."""
_LINKS = ("", "s", "es", "n", "en", "er", "e", "ens", "ns")
_CUT_OFF = ("e", "en", "n")
"""What a word may lose in front of another: Schul-, Sprach-, Sterbe-, Fahr-."""
_NEVER_FIRST = frozenset((*SEPARABLE, *INSEPARABLE, "ge", "un", "miss", "uner", "unge", "unver", "unter", "kame"))
_ALSO_FIRST = frozenset(("zwischen", "neben", "gegen"))
"""Function words that compounds begin with."""
_NEVER_LAST = frozenset(
    """
    ungen heit heiten keit keiten schaft schaften lich liche lichen licher isch ische ischen tion tionen ieren
    ierung iert sten igen chen lein innen ling linge bare baren same samen haft hafte losen volle ende enden
    erin igkeit tung rung dung tand atten ellen tell tellen telle iste isten samten regi samt samts nis nisse
    nissen isse issen
    """.split()  # noqa: SIM905 - a table that people read
)
"""Endings that look like words, or stand in the list because it holds divided words."""
_TAKES_S = re.compile(r"(?:ung|heit|keit|schaft|ion|tat|tum|ling)$")
"""Behind these the linking sound is always an s: Gesundheitsamt, and no Gesundheit of a Samt."""
_STOLEN_S = 3.0
"""What speaks against a linking s that may as well begin the next word: Hunde-steuer, Grund-steuer."""
_LINKED, _LINKED_RIGHT, _UNLINKED_WRONG, _OF_LENGTH = 0.3, 1.5, 2.0, 0.7


@lru_cache(maxsize=1)
def _said_by_stem() -> dict[str, int]:
    stemmed: dict[str, int] = {}
    for word, times in said().items():
        own = stem(word)
        stemmed[own] = max(stemmed.get(own, 0), times)
    return stemmed


@lru_cache(maxsize=60_000)
def parts(word: str) -> tuple[str, ...]:
    """The parts of a folded word, without linking sounds; empty where it is none of several."""
    if not _SHORTEST <= len(word) <= LONGEST or not word.isascii() or not word.isalpha():
        return ()
    return _parts(word, _LEVELS)


def _parts(word: str, levels: int) -> tuple[str, ...]:
    if two := _cut(word):
        return tuple(small for part in two for small in ((_parts(part, levels - 1) if levels else ()) or (part,)))
    if levels < _LEVELS or len(word) < _THREE_PARTS:
        return ()
    best: tuple[float, tuple[str, ...]] = (-math.inf, ())
    for place in range(_SHORTEST_PART, len(word) - 2 * _SHORTEST_PART + 1):
        first, rest = _first(word[:place]), _cut(word[place:])
        if first and rest:
            best = max(best, (min(place, *map(len, rest)), (*(_parts(first[0], 0) or (first[0],)), *rest)))
    return best[1]


@lru_cache(maxsize=60_000)
def _cut(word: str) -> tuple[str, ...]:
    """The two parts of the likeliest cut."""
    best: tuple[float, tuple[str, ...]] = (-math.inf, ())
    for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        last = word[place:]
        if not _may_end(last) or not (first := _first(word[:place])):
            continue
        length = min(_SURE_LENGTH, place, len(last))
        likely = first[1] + _often(last) + _OF_LENGTH * length
        best = max(best, (likely - (_STOLEN_S if _has_stolen(word[:place], last) else 0.0), (first[0], last)))
    return best[1]


def _has_stolen(begun: str, last: str) -> bool:
    """Whether the s that ends the first part may as well begin the second."""
    before = begun[:-1]
    return begun[-1] == "s" and _is_word(f"s{last}") and not _TAKES_S.search(before) and _first(before) is not None


def _may_end(word: str) -> bool:
    own = stem(word)
    if word in _NEVER_LAST or own in FUNCTION_WORDS or own in _NEVER_LAST:
        return False
    known = _said_by_stem().get(own, -1) if len(word) >= _SURE_LENGTH - 1 else -1
    return _is_word(word) or known >= (0 if len(word) >= _LONG_HEAD else 1)


@lru_cache(maxsize=20_000)
def _first(begun: str) -> tuple[str, float] | None:
    """The word that begins a compound, without its linking sound, and how likely it is."""
    if begun in _NEVER_FIRST:
        return None
    best: tuple[str, float] | None = None
    for link in _LINKS:
        if link and (not begun.endswith(link) or begun.endswith("ss")):
            continue
        word = begun.removesuffix(link)
        if len(word) < _SHORTEST_PART or word in _NEVER_FIRST or not (_is_word(word) or word in _ALSO_FIRST):
            continue
        likely = _often(word) + _likeliness(word, link)
        if best is None or likely > best[1]:
            best = word, likely
    if best is None and len(begun) > _SHORTEST_PART:
        times = max(said().get(begun + cut, 0) for cut in _CUT_OFF)
        return (begun, times - _LINKED) if times else None
    return best


def _likeliness(word: str, link: str) -> float:
    takes_s = _TAKES_S.search(word) is not None
    if not link:
        return -_UNLINKED_WRONG if takes_s else 0.0
    return (_LINKED_RIGHT if takes_s and link == "s" else 0.0) - _LINKED


def _is_word(word: str) -> bool:
    if len(word) == _SHORTEST_PART:
        return word in _TRIPLES
    return word not in FUNCTION_WORDS and said().get(word, -1) >= (1 if len(word) < _SURE_LENGTH else 0)


def _often(word: str) -> float:
    own = said().get(word, 0)
    return float(own if len(word) < _SURE_LENGTH else max(own, _said_by_stem().get(stem(word), 0)))
