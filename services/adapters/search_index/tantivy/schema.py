"""The fields of the index, and how their texts are cut into words."""

from functools import lru_cache

import tantivy
from tantivy import Filter, Tokenizer

from services.adapters.search_index.questions.conditions import FORMS, Words
from services.adapters.search_index.questions.facets import FIELD, SENDERS
from services.adapters.search_index.questions.wording import BOOSTS

_LONGEST_WORD = 64


def _analyser(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """Words of folded text: letters and digits, so that addresses and file names are found by their parts."""
    builder = tantivy.TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD))
    builder = builder.filter(Filter.ascii_fold())
    return (builder.filter(Filter.stemmer("german")) if stemmed else builder).build()


GERMAN = _analyser(stemmed=True)
PLAIN = _analyser(stemmed=False)


def stems(folded: str) -> Words:
    """The stemmed words of a folded text."""
    return tuple((token.position, token.text) for token in GERMAN.pre_tokenize(folded).tokens)


def words(folded: str) -> Words:
    """The words of a folded text as they are."""
    return tuple((token.position, token.text) for token in PLAIN.pre_tokenize(folded).tokens)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    return "".join(GERMAN.analyze(word))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("document", "marks"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in BOOSTS:
        builder.add_text_field(name, tokenizer_name="plain" if name == "file" else "german", index_option="position")
    builder.add_text_field(FORMS, tokenizer_name="whitespace", index_option="freq")
    for name in (FIELD, SENDERS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("rank", fast=True)
    builder.add_unsigned_field("arrived", fast=True)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


SCHEMA = _schema()
