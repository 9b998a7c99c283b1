"""One tantivy index in a folder: the only file that speaks to tantivy."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import tantivy
from tantivy import Filter, Occur, Tokenizer

from services.adapters.search_index.questions.conditions import (
    FORMS,
    AllOf,
    AnyOf,
    Best,
    Between,
    Condition,
    Marked,
    Near,
    Words,
    Worth,
    Written,
)
from services.adapters.search_index.questions.entry_forms import forms_of_entry
from services.adapters.search_index.questions.facets import (
    DISTINCT_AT_MOST,
    FIELD,
    SENDERS,
    SHOWN_AT_MOST,
    facet_senders,
    facets_of,
)
from services.adapters.search_index.questions.occurrences import owned_words
from services.adapters.search_index.questions.question import marks_of, order_key
from services.adapters.search_index.questions.wording import BOOSTS
from services.adapters.search_index.tantivy.card import card_of
from services.core.errors import TryLater
from services.core.language import german
from services.core.language.forms import WRITTEN
from services.core.ports.entries import Entry

FORMAT = f"10-{version('tantivy')}"
"""Our schema and the engine that wrote it; any other one is made anew from the truth."""

_LONGEST_WORD = 64
_YEAR = re.compile(r"\b(?:19|20)(\d\d)(?=#|$)")
Order = Literal["relevance", "newest", "oldest"]
_ORDERS: tuple[Order, ...] = ("relevance", "newest")


def _analyser(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """Words of folded text: letters and digits, so that addresses and file names are found by their parts."""
    builder = tantivy.TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD))
    builder = builder.filter(Filter.ascii_fold())
    return (builder.filter(Filter.stemmer("german")) if stemmed else builder).build()


_GERMAN = _analyser(stemmed=True)
_PLAIN = _analyser(stemmed=False)


def stems(folded: str) -> Words:
    """The stemmed words of a folded text."""
    return tuple((token.position, token.text) for token in _GERMAN.pre_tokenize(folded).tokens)


def words(folded: str) -> Words:
    """The words of a folded text as they are."""
    return tuple((token.position, token.text) for token in _PLAIN.pre_tokenize(folded).tokens)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    return "".join(_GERMAN.analyze(word))


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


_SCHEMA = _schema()


@contextmanager
def _guarded() -> Iterator[None]:
    """No failure of tantivy leaves this file, and none of its messages: they may quote the text."""
    try:
        yield
    except (ValueError, RuntimeError, OSError):
        raise TryLater from None
    except BaseException as failure:
        if type(failure).__module__ != "pyo3_runtime":  # a panic, which is no Exception
            raise
        raise TryLater from None


class Snapshot:
    """The committed state at one moment; it stays as it is while others write."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def rank_of(self, document: str) -> int | None:
        """The stored rank, tombstones included."""
        with _guarded():
            if not self._searcher.doc_freq("document", document):
                return None
            query = tantivy.Query.term_query(_SCHEMA, "document", document, "basic")
            hits = self._searcher.search(query, 1, count=False, order_by_field="rank").hits
        return hits[0][0] if hits else None

    def whole(self) -> bool:
        """Whether every kind of file can be read."""
        try:
            for order in _ORDERS:
                self.find(AllOf(()), limit=10, order=order)
        except TryLater:
            return False
        return True

    def count(self, condition: Condition) -> int:
        """How many entries meet the condition."""
        with _guarded():
            return _total(self._searcher.search(_query(condition), 1))

    def tally(self, condition: Condition) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Values of the facets, and senders, and how many entries that meet the condition have each."""
        asked = {FIELD: {"terms": {"field": FIELD, "size": DISTINCT_AT_MOST}}}
        asked |= {SENDERS: {"terms": {"field": SENDERS, "size": SHOWN_AT_MOST, "segment_size": DISTINCT_AT_MOST}}}
        with _guarded():
            counted = self._searcher.aggregate(_query(condition), asked)
        values, senders = (
            [(str(one["key"]), int(one["doc_count"])) for one in counted[name]["buckets"]] for name in (FIELD, SENDERS)
        )
        return values, senders

    def find(
        self, condition: Condition, *, limit: int, order: Order, offset: int = 0
    ) -> tuple[list[tuple[int, float, bytes]], int]:
        """Order keys (0 for relevance), scores (0 for time) and cards, best first, and how many there are in all."""
        with _guarded():
            query = _query(condition)
            if order == "relevance":
                result = self._searcher.search(query, limit, offset=offset)
            else:
                direction = tantivy.Order.Asc if order == "oldest" else tantivy.Order.Desc
                result = self._searcher.search(query, limit, offset=offset, order_by_field="arrived", order=direction)
            keyed = order != "relevance"
            found = [(key, self._searcher.doc(place).get_first("card")) for key, place in result.hits]
            total = _total(result)
        if keyed:
            return [(int(key), 0.0, bytes(card or b"")) for key, card in found], total
        return [(0, float(score), bytes(card or b"")) for score, card in found], total


def _total(result: Any) -> int:
    """The count of a result, which the types of tantivy 0.27 leave out."""
    return int(result.count)


def is_index(folder: Path) -> bool:
    """Whether an index was begun here."""
    with _guarded():
        return tantivy.Index.exists(str(folder))


class Engine:
    """An index folder with its one writer; the caller holds a lock around everything that writes."""

    def __init__(self, folder: Path, *, heap_bytes: int, threads: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with _guarded():
            self._index = tantivy.Index(_SCHEMA, path=str(folder), reuse=True)
            self._index.register_tokenizer("german", _GERMAN)
            self._index.register_tokenizer("plain", _PLAIN)
            self._index.config_reader("manual")
            self._index.reload()
            self._writer = self._index.writer(heap_bytes, threads)

    def add(self, entry: Entry, *, replaces: bool) -> None:
        """Take an entry, in place of the one of the same document."""
        stored = _stored(entry)
        with _guarded():
            if replaces:
                self._writer.delete_documents_by_term("document", entry.document)
            self._writer.add_document(stored)

    def commit(self) -> None:
        """Durable, and in the snapshots that are taken from now on."""
        with _guarded():
            self._writer.commit()
            self._index.reload()

    def snapshot(self) -> Snapshot:
        """What is committed now."""
        with _guarded():
            return Snapshot(self._index.searcher())

    def close(self) -> None:
        """Let running merges end; what was not committed is gone. No rollback before: it lets go of running merges."""
        with _guarded():
            self._writer.wait_merging_threads()


def _stored(entry: Entry) -> tantivy.Document:
    stored = tantivy.Document()
    stored.add_text("document", entry.document)
    stored.add_unsigned("rank", entry.rank)
    stored.add_unsigned("arrived", order_key(entry.received_at, zlib.crc32(entry.document.encode())))
    if entry.erased:
        return stored
    for field, marks in (("marks", marks_of(entry)), (FIELD, facets_of(entry)), (SENDERS, facet_senders(entry))):
        for mark in marks:
            stored.add_text(field, german.clean(mark))
    texts = {"title": (entry.title,), "sender": (entry.sender,), "recipients": entry.recipients, "names": entry.names}
    texts |= {"spellings": (entry.spellings,), "occurrences": tuple(owned_words(entry))}
    texts |= {
        "body": (entry.body,),
        "attachments": (entry.attachments,),
        "file": tuple(_spellings((*entry.files, *entry.cases))),
    }
    for field, values in texts.items():
        for value in values:
            if value:
                stored.add_text(field, german.fold(german.clean(value)))
    for tokens in forms_of_entry(entry):
        stored.add_text(FORMS, tokens)
    stored.add_bytes("card", card_of(entry))
    return stored


def _spellings(files: tuple[str, ...]) -> Iterator[str]:
    """A file number or the sign of a Vorgang as it is, and with the year in two digits, as clerks write it: 17/26."""
    for file in files:
        yield file
        if _YEAR.search(file):
            yield _YEAR.sub(r"\1", file)


def _query(condition: Condition) -> tantivy.Query:  # noqa: C901, PLR0911 - one case for each kind of condition
    match condition:
        case Written():
            return _written(condition)
        case Marked(marks):
            return _silent(tantivy.Query.term_set_query(_SCHEMA, "marks", list(marks)))
        case Between(first, end):
            kind = tantivy.FieldType.Unsigned
            return _silent(tantivy.Query.range_query(_SCHEMA, "arrived", kind, first, end, include_upper=False))
        case Best(choices):
            best = [tantivy.Query.boost_query(_written(written), boost) for written, boost in choices]
            return tantivy.Query.disjunction_max_query(best, 0.1)
        case Near(word, distance):
            return _silent(tantivy.Query.fuzzy_term_query(_SCHEMA, FORMS, WRITTEN + word, distance))
        case Worth(inner, value):
            return tantivy.Query.const_score_query(_query(inner), value)
        case AnyOf(choices, at_least):
            choice_queries = [(Occur.Should, _query(choice)) for choice in choices]
            return tantivy.Query.boolean_query(choice_queries, minimum_number_should_match=at_least)
        case AllOf(conditions, without, also):
            must = [(Occur.Must, _query(each)) for each in conditions] or [
                (Occur.Must, _silent(tantivy.Query.all_query()))
            ]
            rest = [(Occur.MustNot, _query(each)) for each in without]
            return tantivy.Query.boolean_query(must + rest + [(Occur.Should, _query(each)) for each in also])


def _written(written: Written) -> tantivy.Query:
    texts = [word for _, word in written.words]
    if written.open_end and len(texts) == 1:
        begun = [tantivy.Query.regex_query(_SCHEMA, written.field, f"{texts[0]}.*")]
        begun += [tantivy.Query.term_query(_SCHEMA, written.field, each) for each in sorted(written.stems)]
        return tantivy.Query.boolean_query([(Occur.Should, each) for each in begun])
    if written.open_end:
        return tantivy.Query.phrase_prefix_query(_SCHEMA, written.field, list(written.words))
    if len(texts) == 1:
        return tantivy.Query.term_query(_SCHEMA, written.field, texts[0])
    return tantivy.Query.phrase_query(_SCHEMA, written.field, list(written.words))


def _silent(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
