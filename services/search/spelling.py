"""Words that nothing has, in the spelling of words that something has: only ever from what the viewer may see."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from services.core.language.forms import words_of
from services.core.ports.entries import Hit, Query, Term, Viewer
from services.core.ports.search_index import SearchIndex

_LOOKED_AT = 10
"""Hits whose pieces of text are looked at for a word."""
_LETTERS = re.compile(r"[^\W\d_]{5,63}")
"""What has another spelling; shorter words and numbers have none that is surely meant."""
_WORDS_AT_MOST = 12
"""Words of a question that are looked up one by one."""
_LIKENESS = 0.7


def plain(query: Query) -> bool:
    """Whether a word is asked for that may be lacking or spelled otherwise."""
    return any(_plain(group) for group in query.groups)


def _plain(group: tuple[Term, ...]) -> bool:
    first = group[0]
    return len(group) == 1 and first.field == "any" and not (first.phrase or first.prefix or first.negated)


def forgiving(index: SearchIndex, query: Query, viewer: Viewer) -> tuple[Query, dict[str, str]]:
    """The query with other spellings for words that nothing has, and which word was found for each."""
    meant: dict[str, str] = {}
    groups = []
    for group in query.groups:
        term = group[0]
        if len(meant) < _WORDS_AT_MOST and _plain(group) and _LETTERS.fullmatch(term.text):
            found = _spelled(index, query, term, viewer)
            meant |= {term.text: found} if found else {}
        groups.append((replace(term, near=True),) if term.text in meant else group)
    return replace(query, groups=tuple(groups)), meant


def _spelled(index: SearchIndex, query: Query, term: Term, viewer: Viewer) -> str:
    """The word that this one is meant to be; empty where it is found as it is, or nothing is like it."""
    alone = replace(query, groups=((term,),), match="all", cursor="", sort="relevance", limit=1)
    if index.search(alone, viewer).total:
        return ""
    near = replace(alone, groups=((replace(term, near=True),),), limit=_LOOKED_AT)
    return _likeliest(term.text, index.search(near, viewer).items)


def _likeliest(word: str, hits: Iterable[Hit]) -> str:
    seen = Counter(
        hit_word
        for hit in hits
        for hit_word in {
            *_LETTERS.findall(hit.title),
            *(snippet.text[a:b] for snippet in hit.snippets for a, b in snippet.marks),
        }
    )
    typed = "".join(words_of(word))
    likely = {
        known: (difflib.SequenceMatcher(None, typed, "".join(words_of(known))).ratio(), times)
        for known, times in seen.items()
    }
    best = max(likely, key=lambda known: likely[known], default="")
    return best if best and likely[best][0] >= _LIKENESS else ""


def suggested(text: str, meant: Mapping[str, str]) -> str:
    """The line with the words that were found; empty where that is none."""
    line = text
    for typed, known in meant.items():
        line = line.replace(typed, known)
    return line if line != text else ""
