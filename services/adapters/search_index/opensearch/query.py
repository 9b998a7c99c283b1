"""Conditions as queries of the cluster; what does not score is a filter."""

from typing import Any

from services.adapters.search_index.questions.question import (
    AllOf,
    AnyOf,
    Best,
    Between,
    Condition,
    Marked,
    Written,
    milliseconds_of,
)

Json = dict[str, Any]

NOTHING: Json = {"match_none": {}}
_MARKS = {
    "t": "tenant",
    "s": "state",
    "c": "channels",
    "o": "offices",
    "r": "reason",
    "p": "problems",
    "f": "files",
    "n": "positions",
    "d": "document",
}
_COMPLETE = "x"
_WORDS_OF_FILES = ("files.words", "files.short")
_TIE = 0.1


def query_of(condition: Condition) -> Json:
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
        case AnyOf(choices):
            any_of = [query_of(choice) for choice in choices]
            return {"bool": {"should": any_of, "minimum_should_match": 1}} if any_of else NOTHING
        case AllOf():
            return _all_of(condition)


def _all_of(condition: AllOf) -> Json:
    scoring = [query_of(each) for each in condition.conditions if isinstance(each, AnyOf | Best | Written)]
    silent = [query_of(each) for each in condition.conditions if not isinstance(each, AnyOf | Best | Written)]
    without = [query_of(each) for each in condition.without]
    return {"bool": {"must": scoring, "filter": silent or [{"match_all": {}}], "must_not": without}}


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
