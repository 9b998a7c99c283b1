"""Conditions as tantivy asks them."""

from collections.abc import Sequence

import tantivy
from tantivy import Occur

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
from services.adapters.search_index.tantivy.schema import SCHEMA
from services.core.language.forms import WRITTEN


def query_of(condition: Condition) -> tantivy.Query:  # noqa: C901, PLR0911 - one case for each kind of condition
    """The condition as tantivy asks it."""
    match condition:
        case Written():
            return _written(condition)
        case Marked(marks):
            return _silent(_marked(marks))
        case Between(first, end):
            kind = tantivy.FieldType.Unsigned
            return _silent(tantivy.Query.range_query(SCHEMA, "arrived", kind, first, end, include_upper=False))
        case Best(choices):
            best = [tantivy.Query.boost_query(_written(written), boost) for written, boost in choices]
            return tantivy.Query.disjunction_max_query(best, 0.1)
        case Near(word, distance):
            return _silent(tantivy.Query.fuzzy_term_query(SCHEMA, FORMS, WRITTEN + word, distance))
        case Worth(inner, value):
            return tantivy.Query.const_score_query(query_of(inner), value)
        case AnyOf(choices, at_least):
            choice_queries = [(Occur.Should, query_of(choice)) for choice in choices]
            return tantivy.Query.boolean_query(choice_queries, minimum_number_should_match=at_least)
        case AllOf(conditions, without, also):
            must = [(Occur.Must, query_of(each)) for each in conditions] or [
                (Occur.Must, _silent(tantivy.Query.all_query()))
            ]
            rest = [(Occur.MustNot, query_of(each)) for each in without]
            return tantivy.Query.boolean_query(must + rest + [(Occur.Should, query_of(each)) for each in also])


def _marked(marks: Sequence[str]) -> tantivy.Query:
    """A set reads all that has its marks, which of a right is the whole index; one mark is only leafed through."""
    if len(marks) == 1:
        return tantivy.Query.term_query(SCHEMA, "marks", marks[0], "basic")
    return tantivy.Query.term_set_query(SCHEMA, "marks", list(marks))


def _written(written: Written) -> tantivy.Query:
    texts = [word for _, word in written.words]
    if written.open_end and len(texts) == 1:
        begun = [tantivy.Query.regex_query(SCHEMA, written.field, f"{texts[0]}.*")]
        begun += [tantivy.Query.term_query(SCHEMA, written.field, each) for each in sorted(written.stems)]
        return tantivy.Query.boolean_query([(Occur.Should, each) for each in begun])
    if written.open_end:
        return tantivy.Query.phrase_prefix_query(SCHEMA, written.field, list(written.words))
    if len(texts) == 1:
        return tantivy.Query.term_query(SCHEMA, written.field, texts[0])
    return tantivy.Query.phrase_query(SCHEMA, written.field, list(written.words))


def _silent(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
