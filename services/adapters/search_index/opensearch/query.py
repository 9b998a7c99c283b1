"""Conditions as queries of the cluster; what does not score is a filter."""

from typing import Any

from services.adapters.search_index.questions.conditions import (
    FORMS,
    AllOf,
    AnyOf,
    Best,
    Between,
    Condition,
    Marked,
    Near,
    Worth,
    Written,
)
from services.adapters.search_index.questions.question import milliseconds_of
from services.core.language.forms import WRITTEN

Json = dict[str, Any]

NOTHING: Json = {"match_none": {}}
_MARKS = {
    "t": "tenant",
    "s": "state",
    "c": "channels",
    "o": "offices",
    "h": "protection",
    "r": "reason",
    "p": "problems",
    "f": "files",
    "v": "cases",
    "n": "positions",
    "d": "document",
    "i": "invoices",
    "a": "amounts",
    "l": "suppliers",
    "m": "meant_by",
    "k": "near",
    "b": "bands",
    "g": "kind",
    "e": "clerk",
    "u": "due",
    "y": "years",
    "w": "senders",
}
_COMPLETE = "x"
_WORDS_OF_FILES = ("files.words", "files.short", "cases.words", "cases.short")
_TIE = 0.1
SCALE = 2.2
"""By how much less a word scores here than in tantivy: Lucene 8 left the constant k1 + 1 out of BM25. What is worth a
fixed value is worth so much less, and scores are told in tantivy's measure, so that both engines weigh alike."""


def query_of(condition: Condition) -> Json:  # noqa: C901, PLR0911 - one case for each kind of condition
    """The query that finds what meets the condition."""
    match condition:
        case Written():
            return _written(condition, 1.0)
        case Marked(marks):
            return _marked(marks)
        case Between(first, end):
            return {"range": {"received_at": {"gte": milliseconds_of(first), "lt": milliseconds_of(end)}}}
        case Best(choices):
            best = [_written(written, boost) for written, boost in choices]
            return {"dis_max": {"queries": best, "tie_breaker": _TIE}}
        case Near(word, distance):
            near = {"value": WRITTEN + word, "fuzziness": distance, "prefix_length": 1}
            return {"constant_score": {"filter": {"fuzzy": {FORMS: near}}, "boost": 0.0}}
        case Worth(inner, value):
            return {"constant_score": {"filter": query_of(inner), "boost": value / SCALE}}
        case AnyOf(choices, at_least):
            any_of = [query_of(choice) for choice in choices]
            return {"bool": {"should": any_of, "minimum_should_match": at_least}} if any_of else NOTHING
        case AllOf():
            return _all_of(condition)


def named(condition: Condition, name: str) -> Json:
    """A condition that is worth nothing; the hits that meet it say its name."""
    return {"constant_score": {"filter": query_of(condition), "boost": 0.0, "_name": name}}


def _all_of(condition: AllOf) -> Json:
    scoring = [query_of(each) for each in condition.conditions if not isinstance(each, Marked | Between)]
    silent = [query_of(each) for each in condition.conditions if isinstance(each, Marked | Between)]
    without = [query_of(each) for each in condition.without]
    also = [query_of(each) for each in condition.also]
    asked = {"must": scoring, "filter": silent or [{"match_all": {}}], "must_not": without, "should": also}
    return {"bool": asked | {"minimum_should_match": 0}}


def _marked(marks: tuple[str, ...]) -> Json:
    if not marks:
        return NOTHING
    letter = marks[0].partition(":")[0]
    values = [mark.partition(":")[2] for mark in marks]
    if letter == _COMPLETE:
        return {"term": {"complete": values == ["True"]}}
    return {"terms": {_MARKS[letter]: values}}


def _written(written: Written, boost: float) -> Json:
    if written.field != "file":
        return _in_field(written.field, written, boost)
    choices = [_in_field(field, written, boost) for field in _WORDS_OF_FILES]
    return {"dis_max": {"queries": choices}}


def _in_field(field: str, written: Written, boost: float) -> Json:
    texts = [word for _, word in written.words]
    if len(texts) > 1:
        kind = "match_phrase_prefix" if written.open_end else "match_phrase"
        return {kind: {field: {"query": " ".join(texts), "analyzer": "whitespace", "boost": boost}}}
    if not written.open_end:
        return {"term": {field: {"value": texts[0], "boost": boost}}}
    begun: list[Json] = [{"prefix": {field: {"value": texts[0]}}}]
    begun += [{"term": {field: {"value": stem}}} for stem in sorted(written.stems)]
    return {"bool": {"should": begun, "minimum_should_match": 1, "boost": boost}}
