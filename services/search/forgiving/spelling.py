"""Words that nothing has, in the spelling of words that something has: only ever from what the viewer may see."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

from msgspec.structs import replace

from services.core.language.forms import words_of
from services.core.language.function_words import ASKING_WORDS, FUNCTION_WORDS
from services.core.ports.entries import Hit, Query, Term, Viewer
from services.core.ports.search_index import SearchIndex

_LOOKED_AT = 10
"""Hits whose pieces of text are looked at for a word."""
_LETTERS = re.compile(r"[^\W\d_]{5,63}")
"""What has another spelling; shorter words and numbers have none that is surely meant."""
_WORDS_AT_MOST = 12
"""Words of a question that are looked up one by one."""
_LIKENESS = 0.7
SENTENCE = 4
"""Words, `der` and `ist` counted too, from which a line is a sentence: who types two or three means all of them, who
speaks in a sentence remembers another one."""


def plain_words(query: Query) -> int:
    """How many words are asked for that may be lacking or spelled otherwise, without those of no meaning."""
    return sum(_plain(group) and not FUNCTION_WORDS.issuperset(words_of(group[0].text)) for group in query.groups)


def words_in_all(query: Query) -> int:
    """How many plain words were typed, those of no meaning too."""
    return sum(map(_plain, query.groups))


def spoken(query: Query) -> Query:
    """The query whose words that only ask (*heißt*, *befindet*) may be lacking, where others are asked for."""
    plain = [(group[0], words_of(group[0].text)) for group in query.groups if _plain(group)]
    idle = {term.text for term, words in plain if words and ASKING_WORDS.issuperset(words)}
    told = any(term.text not in idle and not FUNCTION_WORDS.issuperset(words) for term, words in plain)
    if not idle or not told or len(plain) < SENTENCE:
        return query
    groups = (
        (replace(group[0], idle=True),) if _plain(group) and group[0].text in idle else group for group in query.groups
    )
    return replace(query, groups=tuple(groups))


def only_plain(query: Query) -> bool:
    """Whether nothing but such words, and exclusions, is asked for: whatever else was typed always has to hold."""
    return all(_plain(group) or group[0].negated for group in query.groups)


def _plain(group: tuple[Term, ...]) -> bool:
    first = group[0]
    return len(group) == 1 and first.field == "any" and not (first.phrase or first.prefix or first.negated)


def forgiving(index: SearchIndex, query: Query, viewer: Viewer) -> tuple[Query, dict[str, str]]:
    """The query with other spellings for words that nothing has, and which word was found for each.

    The more frequent half of the words that something has is common.
    """
    meant: dict[str, str] = {}
    counts: dict[str, int] = {}
    for group in islice(filter(_plain, query.groups), _WORDS_AT_MOST):
        term = group[0]
        alone = _alone(query, term)
        counts[term.text] = index.search(replace(alone, snippets=False), viewer).total
        if not counts[term.text] and _LETTERS.fullmatch(term.text):
            near = replace(alone, groups=((replace(term, near=True),),), limit=_LOOKED_AT)
            meant |= {term.text: _likeliest(term.text, index.search(near, viewer).items)}
    told = sorted((word for word in counts if counts[word]), key=lambda word: counts[word])
    common = {word for word in told[(len(told) + 1) // 2 :] if counts[word] > counts[told[0]]}
    groups = tuple(tuple(_told(term, counts, common) for term in group) for group in query.groups)
    return replace(query, groups=groups), {typed: word for typed, word in meant.items() if word}


def _told(term: Term, counts: Mapping[str, int], common: set[str]) -> Term:
    if term.text not in counts:
        return term
    return replace(term, near=not counts[term.text], common=term.text in common)


def _alone(query: Query, term: Term) -> Query:
    return replace(query, groups=((term,),), match="all", cursor="", sort="relevance", limit=1)


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
