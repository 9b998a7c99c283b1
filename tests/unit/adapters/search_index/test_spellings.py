"""Both engines ask for the other spellings of a number, and the cluster is given them to index."""

import msgspec

from services.adapters.search_index.opensearch import analysis
from services.adapters.search_index.opensearch.query import query_of
from services.adapters.search_index.opensearch.schema import PROPERTIES
from services.adapters.search_index.opensearch.source import line_of
from services.adapters.search_index.questions.question import Translator
from services.core import spellings
from services.core.language import german
from services.core.ports.entries import Entry, Field, Query, Term, Viewer

VIEWER = Viewer(account="a", tenant="main", all_offices=True)
IBAN = "AT61 1904 3002 3457 3201"


def _asked(term: Term) -> set[tuple[str, str]]:
    """The field and value of every condition on a single word in the cluster's query."""
    translator = Translator(analysis.stems, analysis.words)
    query = query_of(translator.question(Query(groups=((term,),)), VIEWER).condition)

    def terms(value: object) -> set[tuple[str, str]]:
        if isinstance(value, list):
            return set().union(*map(terms, value)) if value else set()
        if not isinstance(value, dict):
            return set()
        own = {(field, told["value"]) for field, told in value.get("term", {}).items() if "value" in told}
        return own | terms(list(value.values()))

    return terms(query)


def test_the_cluster_is_asked_for_the_form_and_indexes_it() -> None:
    """In the field of forms, and in texts where the writer used no groups."""
    joined = "at611904300234573201"
    assert {("spellings", joined), ("body", joined)} <= _asked(Term(text=IBAN))
    entry = Entry(tenant="main", document="d", version=1, spellings=" ".join(spellings.of_text(IBAN)))
    assert joined in msgspec.json.decode(line_of(entry).source)["spellings"].split()
    assert PROPERTIES["spellings"]["analyzer"] == "german_text"


def test_a_field_of_its_own_is_asked_for_the_form_alone() -> None:
    """The forms of all texts lie in one field, which tells not where they came from."""
    fields: tuple[Field, ...] = ("title", "body")
    assert {field for each in fields for field, _ in _asked(Term(text=IBAN, field=each))} == set(fields)


def test_every_form_is_one_word_to_the_cluster() -> None:
    """Its analyser neither divides a form nor makes two of them alike."""
    for text in (IBAN, "3.870,50", "9.7.2025", "0351/471-1082"):
        for form in spellings.of_word(text):
            assert [word for _, word in analysis.words(german.fold(form))] == [form]
