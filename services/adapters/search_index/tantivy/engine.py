"""One tantivy index in a folder: what is written, and what is committed at a moment."""

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

import tantivy

from services.adapters.search_index.questions.conditions import (
    FORMS,
    AllOf,
    Condition,
    Marked,
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
from services.adapters.search_index.tantivy.card import card_of
from services.adapters.search_index.tantivy.query import query_of
from services.adapters.search_index.tantivy.schema import GERMAN, PLAIN, SCHEMA
from services.core.errors import TryLater
from services.core.language import german
from services.core.ports.entries import Entry

FORMAT = f"11-{version('tantivy')}"
"""Our schema and the engine that wrote it; any other one is made anew from the truth."""

_YEAR = re.compile(r"\b(?:19|20)(\d\d)(?=#|$)")
Order = Literal["relevance", "newest", "oldest"]
_ORDERS: tuple[Order, ...] = ("relevance", "newest")


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


Place = tuple[int, int]
"""Where an entry lies in one snapshot: its segment, and its number there."""


class Found(NamedTuple):
    """An entry that meets a condition: its order key (0 by relevance), its score (0 by time), its packed card."""

    key: int
    score: float
    card: bytes
    place: Place


class Snapshot:
    """The committed state at one moment; it stays as it is while others write."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def rank_of(self, document: str) -> int | None:
        """The stored rank, tombstones included."""
        with _guarded():
            if not self._searcher.doc_freq("document", document):
                return None
            query = tantivy.Query.term_query(SCHEMA, "document", document, "basic")
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
            return _total(self._searcher.search(query_of(condition), 1))

    def tally(self, condition: Condition) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Values of the facets, and senders, and how many entries that meet the condition have each."""
        asked = {FIELD: {"terms": {"field": FIELD, "size": DISTINCT_AT_MOST}}}
        asked |= {SENDERS: {"terms": {"field": SENDERS, "size": SHOWN_AT_MOST, "segment_size": DISTINCT_AT_MOST}}}
        with _guarded():
            counted = self._searcher.aggregate(query_of(condition), asked)
        values, senders = (
            [(str(one["key"]), int(one["doc_count"])) for one in counted[name]["buckets"]] for name in (FIELD, SENDERS)
        )
        return values, senders

    def having(self, condition: Condition, documents: Sequence[str]) -> set[Place]:
        """The places of those of the documents that meet the condition."""
        those = Marked(tuple(f"d:{document}" for document in documents))
        with _guarded():
            hits = self._searcher.search(query_of(AllOf((those, condition))), len(documents), count=False).hits
        return {_place(address) for _, address in hits}

    def find(self, condition: Condition, *, limit: int, order: Order, offset: int = 0) -> tuple[list[Found], int]:
        """What meets the condition, best first, and how many there are in all."""
        with _guarded():
            query = query_of(condition)
            if order == "relevance":
                result = self._searcher.search(query, limit, offset=offset)
            else:
                direction = tantivy.Order.Asc if order == "oldest" else tantivy.Order.Desc
                result = self._searcher.search(query, limit, offset=offset, order_by_field="arrived", order=direction)
            found = [
                (key, bytes(self._searcher.doc(address).get_first("card") or b""), _place(address))
                for key, address in result.hits
            ]
            total = _total(result)
        if order == "relevance":
            return [Found(0, float(score), card, place) for score, card, place in found], total
        return [Found(int(key), 0.0, card, place) for key, card, place in found], total


def _place(address: tantivy.DocAddress) -> Place:
    return address.segment_ord, address.doc


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
            self._index = tantivy.Index(SCHEMA, path=str(folder), reuse=True)
            self._index.register_tokenizer("german", GERMAN)
            self._index.register_tokenizer("plain", PLAIN)
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
