"""Our own stems of folded German words: without endings, and of verbs also that of the infinitive.

The endings are nearly those of CISTEM (Weissweiler and Fraser 2017). Participles and strong verbs keep their own stem
beside that of the infinitive: `lag` is found as `liegen` and `abgeschleppt` as `abschleppen`, and `Lage` still meets
`Lagen`.
"""

import re
from functools import lru_cache
from importlib.resources import files

from services.core.language.word_list import said

SEPARABLE = (
    "zuruck", "zusammen", "herunter", "heraus", "herein", "hinaus", "hinein", "hinunter", "voraus", "vorbei", "weiter",
    "wieder", "uber", "unter", "durch", "entgegen", "dazu", "fest", "frei", "nach", "statt", "auf", "aus", "bei", "ein",
    "her", "hin", "los", "mit", "vor", "weg", "hoch", "ab", "an", "um", "zu",
)  # fmt: skip
"""Beginnings of verbs behind which the `ge` of the participle stands."""
INSEPARABLE = ("be", "emp", "ent", "er", "ver", "zer")

_LONGEST = 40
_SHORTEST = 4
_LONG_ENDINGS = ("em", "er", "end")
_ENDINGS = "esnt"
_PARTICIPLE = re.compile(rf"(?P<before>{'|'.join(SEPARABLE)}|)ge(?P<verb>[a-z]{{3,}}?)e?t(?:e|er|es|en|em)?$")
_BEGINNING = re.compile(rf"({'|'.join((*SEPARABLE, *INSEPARABLE))})(?:zu)?(?=[a-z]{{3}})")
_NISS = re.compile(r"niss(?:e|en|es)$")
"""Zeugnisse, Erlaubnissen: an ending doubles the last letter."""
_INNEN = re.compile(r"(?P<person>[a-z]{2,}(?:er|or|eur|ent|ant|ist|log|leg|walt)|[a-z]*arzt)innen$")
"""Bürgerinnen, Direktorinnen: an n is doubled here, too; gewinnen and erinnern are no persons."""
_PAST_ENDINGS = ("", "e", "en", "est", "et", "st", "t")


@lru_cache(maxsize=60_000)
def stems(word: str) -> tuple[str, ...]:
    """The stem of a folded word, and behind it that of its infinitive where it is another form of a verb."""
    own = stem(word)
    infinitive = _infinitive(word) if word.isalpha() and len(word) <= _LONGEST else ""
    return (own, stem(infinitive)) if infinitive and stem(infinitive) != own else (own,)


def stem(word: str) -> str:
    """The word without its endings, at least three letters; a doubled letter belongs to the stem."""
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
        return word
    word = _INNEN.sub(r"\g<person>in", _NISS.sub("nis", word))
    while len(word) > _SHORTEST - 1:
        if len(word) > _SHORTEST + 1 and word.endswith(_LONG_ENDINGS):
            word = word[:-2] if word[-1] != "d" else word[:-3]
        elif word[-1] in _ENDINGS and word[-1] != word[-2] and (word[-1] != "t" or len(word) > _SHORTEST):
            word = word[:-1]
        else:
            break
    return word


def _infinitive(word: str) -> str:
    known = _strong_forms()
    if word in known:
        return known[word]
    if (begun := _BEGINNING.match(word)) and word[begun.end() :] in known:
        return begun[1] + known[word[begun.end() :]]
    weak = _PARTICIPLE.match(word) if "ge" in word else None
    if weak and any(weak["verb"] + ending in said() for ending in ("en", "n")):
        return f"{weak['before']}{weak['verb']}en"
    return ""


@lru_cache(maxsize=1)
def _strong_forms() -> dict[str, str]:
    """Folded forms of strong verbs and their infinitives; `strong_verbs.txt` names their parts."""
    known: dict[str, str] = {}
    for line in files(__package__).joinpath("strong_verbs.txt").read_text("utf-8").splitlines():
        infinitive, *parts = line.split() if not line.startswith("#") else [""]
        for part in parts:
            endings = ("", "e", "er", "es", "en", "em") if part.startswith("ge") else _PAST_ENDINGS
            known |= {part + ending: infinitive for ending in endings}
            if part.startswith("ge"):
                known |= {part[2:] + ending: infinitive for ending in endings}
    return known
