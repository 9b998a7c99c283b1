"""From what a person types to a query: words, "phrases", beginnings*, -exclusions, ODER, fields and filters.

All of the words are asked for; `a ODER b` is one of them. A malformed line is Rejected("bad_query") with `position`
(characters, counted from 1), `fault` (see `catalogue.QUERY_FAULTS`) and a `suggestion` that would be understood.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from services.core import spellings
from services.core.errors import Rejected
from services.core.plan import file_numbers
from services.core.plan.file_numbers import Template
from services.core.ports.entries import Field, Filters, Match, Query, Sort, Term
from services.search.filters import ATTACHED, FIELDS, FILTERS, UnknownValue, filters_of

MAX_CHARACTERS = 1000
MAX_TERMS = 50
MAX_WORD_CHARACTERS = 200
MAX_PHRASE_WORDS = 60
MIN_BEGINNING = 2
_NEAR_MISS = 0.75
"""Likeness from which a word before a colon is taken for a mistyped field; `Betrag` and `betreff` have 0.62."""

_OR, _AND, _NOT = {"ODER", "OR"}, {"UND", "AND"}, {"NICHT", "NOT"}
_BLANK = re.compile(r"\s*")
_HEAD = re.compile(r"(?P<minus>-*)(?:(?P<field>[^\W\d_]+):(?!//))?")
_QUOTES = {'"': '"', "„": '“”"', "“": '”"', "»": "«"}
_WORD = re.compile(r"[^\s\"„“”»«]+")
_SPACED_NUMBER = re.compile(r"[^\s\"/:]+\s*/\s*[^\s\"/]+")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    field: str = ""
    negated: bool = False
    quoted: bool = False


@dataclass(slots=True)
class _Sentence:
    """What was understood so far."""

    synonyms: Callable[[str], tuple[str, ...]]
    groups: list[tuple[Term, ...]] = field(default_factory=list)
    filters: list[tuple[str, str, int]] = field(default_factory=list)
    terms: int = 0
    positive: bool = False
    joined: bool = False
    """An ODER stands open: the next term belongs to the group before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """How a query's hits are ordered, and which page of them is wanted."""

    sort: Sort = "relevance"
    cursor: str = ""
    limit: int = 20
    match: Match = "all"


Synonyms = Callable[[str], tuple[str, ...]]


def parse(
    text: str,
    narrow: Sequence[str] = (),
    *,
    template: Template,
    synonyms: Synonyms = lambda _: (),
    page: Paging | None = None,
) -> Query:
    """The query that a line and separate filters (`status:held`) mean; nothing typed finds everything."""
    page = page or Paging()
    if len(text) > MAX_CHARACTERS:
        raise _fault("too_long", MAX_CHARACTERS, suggestion=text[:MAX_CHARACTERS].rpartition(" ")[0])
    sentence = _read(text, template, synonyms)
    if sentence.joined:
        raise _fault("dangling_or", len(text), suggestion=_without_last_word(text))
    if sentence.groups and not sentence.positive:
        raise _fault("only_negation", text.index("-") + 1 if "-" in text else 1, suggestion=_affirmed(text))
    if text.strip() and not sentence.groups and not sentence.filters:
        raise _fault("no_words", 1)
    for one in narrow:
        sentence.filters.append(_separate(one))
    return Query(
        groups=tuple(sentence.groups),
        filters=_filters(text, sentence.filters),
        match=page.match,
        sort=page.sort,
        cursor=page.cursor,
        limit=page.limit,
    )


def _read(text: str, template: Template, synonyms: Synonyms) -> _Sentence:
    sentence, place, negate = _Sentence(synonyms=synonyms), 0, False
    while (place := _skip_blanks(text, place)) < len(text):
        token = _token(text, place, template)
        place = token.end
        plain = not (token.quoted or token.field or token.negated)
        if plain and token.text in _NOT:
            negate = True
        elif plain and token.text in _OR:
            _open_or(sentence, text, token)
        elif not (plain and token.text in _AND):
            _take(sentence, text, token, negated=token.negated or negate)
            negate = False
    return sentence


def _open_or(sentence: _Sentence, text: str, token: _Token) -> None:
    negated_before = sentence.groups and sentence.groups[-1][0].negated
    if sentence.joined or not sentence.groups or negated_before:
        raise _fault("dangling_or", token.start + 1, suggestion=_cut(text, token))
    sentence.joined = True


def _take(sentence: _Sentence, text: str, token: _Token, *, negated: bool) -> None:
    name = token.field.lower()
    if name in FILTERS and name not in FIELDS:
        _check_filter(sentence, text, token, negated=negated)
        sentence.filters.append((name, token.text, token.start))
        return
    if name and name not in FIELDS:
        raise _fault("unknown_field", token.start + 1, suggestion=_nearest_field(text, token))
    if not _WORDS.search(token.text):
        if name:
            raise _fault("field_empty", token.start + 1, suggestion=_cut(text, token))
        return
    _check_size(sentence, text, token)
    terms = _terms(token, text, sentence.synonyms, negated=negated)
    if negated:
        if sentence.joined:
            kept = _without_last_word(text[: token.start])
            raise _fault("negated_or", token.start + 1, suggestion=f"{kept} {text[token.start :]}")
        sentence.groups.extend((term,) for term in terms)
        return
    sentence.positive = True
    if sentence.joined:
        sentence.groups[-1] += terms
        sentence.joined = False
    else:
        sentence.groups.append(terms)


def _terms(token: _Token, text: str, synonyms: Synonyms, *, negated: bool) -> tuple[Term, ...]:
    """What one word asks for: itself in each of its fields, and only in front of no field its synonyms."""
    like = () if token.field or token.quoted or negated else synonyms(token.text)
    fields = FIELDS.get(token.field.lower(), ("any",))
    return tuple(msgspec.structs.replace(_term(token, one, text, negated=negated), like=like) for one in fields)


def _check_filter(sentence: _Sentence, text: str, token: _Token, *, negated: bool) -> None:
    if negated or sentence.joined:
        raise _fault("filter_alone", token.start + 1, suggestion=_cut(text, token))
    if not token.text:
        raise _fault("field_empty", token.start + 1, suggestion=_cut(text, token))


def _check_size(sentence: _Sentence, text: str, token: _Token) -> None:
    sentence.terms += 1
    if sentence.terms > MAX_TERMS:
        raise _fault("too_many_words", token.start + 1, suggestion=text[: token.start].rstrip())
    if len(token.text) > (MAX_CHARACTERS if token.quoted else MAX_WORD_CHARACTERS):
        raise _fault("too_long", token.start + 1, suggestion=_cut(text, token))
    if len(_WORDS.findall(token.text)) > MAX_PHRASE_WORDS:
        raise _fault("too_many_words", token.start + 1, suggestion=_cut(text, token))


def _term(token: _Token, where: Field, text: str, *, negated: bool) -> Term:
    if token.quoted:
        return Term(text=token.text, field=where, phrase=True, negated=negated)
    beginning, star, rest = token.text.partition("*")
    if not star:
        return Term(text=token.text, field=where, negated=negated)
    if rest.strip("*") or len(_WORDS.sub("", beginning)) == len(beginning) or len(beginning) < MIN_BEGINNING:
        raise _fault("star_inside", token.start + len(beginning) + 1, suggestion=text.replace("*", ""))
    return Term(text=beginning, field=where, prefix=True, negated=negated)


def _token(text: str, place: int, template: Template) -> _Token:
    head = _HEAD.match(text, place)
    start, minus, name = place, "", ""
    if head:
        minus, name, place = head["minus"], head["field"] or "", head.end()
    if name:
        place = _skip_blanks(text, place)
    # An exclusion begins behind a blank: in `„Glas“-artig` the hyphen joins two words.
    negated = bool(minus) and (start == 0 or text[start - 1].isspace())
    loose = name.lower() in ATTACHED and head is not None and place > head.end()
    if place < len(text) and text[place] in _QUOTES and not loose:
        return _quoted(text, start, place, name=name, negated=negated)
    if loose or (name and name.lower() not in FIELDS and name.lower() not in FILTERS and not _near(name)):
        # `IBAN: …`, `AW: …`: a word and a colon, as people write; only a slip in the name of a field is asked back.
        return _Token(start, text.index(":", start) + 1, name, "", negated)
    number = _file_number(text, place, template) or spellings.run_in_question(text, place)
    if number:
        return _Token(start, number[1], number[0], name, negated)
    word = _WORD.match(text, place)
    if word:
        return _Token(start, word.end(), word[0], name, negated)
    return _Token(start, max(place, start + 1), "", name, negated)


def _quoted(text: str, start: int, place: int, *, name: str, negated: bool) -> _Token:
    end = min((end for mark in _QUOTES[text[place]] if (end := text.find(mark, place + 1)) >= 0), default=-1)
    if end < 0:
        raise _fault("open_quote", place + 1, suggestion=text.rstrip() + '"')
    inside = text[place + 1 : end]
    # One word between the quotation marks of print is a word that is named.
    is_order = text[place] == '"' or name or negated or len(_WORDS.findall(inside)) != 1
    return _Token(start, end + 1, inside if is_order else inside.strip(), name, negated, quoted=bool(is_order))


def _file_number(text: str, place: int, template: Template) -> tuple[str, int] | None:
    """A file number, or the label of one of its entries, however it was typed: one term, and where it ends."""
    found = _SPACED_NUMBER.match(text, place)
    if not found:
        return None
    number = file_numbers.normalised(found[0])
    file = number if template.parse(number) else number.rpartition("-")[0]
    return (file, found.end()) if template.parse(file) else None


def _filters(text: str, found: Sequence[tuple[str, str, int]]) -> Filters:
    for name, value, place in found:
        try:
            filters_of([(name, value)])
        except UnknownValue as error:
            raise _fault("unknown_value", place + 1, suggestion=_replaced(text, value, error.nearest)) from error
    return filters_of([(name, value) for name, value, _ in found])


def _separate(one: str) -> tuple[str, str, int]:
    name, colon, value = one.strip().partition(":")
    if not colon or name.lower() not in FILTERS or not value.strip():
        nearest = difflib.get_close_matches(name.lower(), FILTERS, 1)
        raise _fault("unknown_field", 1, suggestion=f"{nearest[0]}:{value}" if nearest else "")
    return name.lower(), value.strip(), 0


def _fault(fault: str, position: int, *, suggestion: str = "") -> Rejected:
    return Rejected("bad_query", fault=fault, position=max(position, 1), suggestion=suggestion[:MAX_CHARACTERS])


def _skip_blanks(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _nearest_field(text: str, token: _Token) -> str:
    nearest = _near(token.field)
    if nearest:
        return _replaced(text, f"{token.field}:", f"{nearest[0]}:")
    return f'{text[: token.start]}"{token.field}: {token.text}"{text[token.end :]}'


def _near(name: str) -> list[str]:
    return difflib.get_close_matches(name.lower(), [*FIELDS, *(FILTERS.keys() - ATTACHED)], 1, _NEAR_MISS)


def _replaced(text: str, old: str, new: str) -> str:
    return text.replace(old, new, 1) if new else ""


def _cut(text: str, token: _Token) -> str:
    return f"{text[: token.start].rstrip()} {text[token.end :].lstrip()}".strip()


def _without_last_word(text: str) -> str:
    return text.rstrip().rpartition(" ")[0].rstrip()


def _affirmed(text: str) -> str:
    words = (word for word in text.split() if word not in _NOT)
    return " ".join(word.lstrip("-") for word in words)
