"""Bugs of an import and of the books, planted one at a time: the simulation must find each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from services.cli.importing.delivering import Delivery
from services.cli.importing.journal import Entry, Journal
from services.cli.importing.sources import Item
from services.core.keys import Bucket
from services.ledger.books import balancing, comparing
from services.ledger.books.comparing import Comparison
from tests.fakes.blob_store import MemoryBlobStore
from tests.simulation.actors import arrival


@contextmanager
def journal_before_sending() -> Iterator[None]:
    """The import notes that a mail was taken, then sends it."""
    entry, note = Delivery._entry, Journal.note

    def hasty(delivery: Delivery, item: Item, content: bytes, sha256: str) -> Entry:
        note(delivery.journal, Entry(place=item.place, folder=item.folder, sha256=sha256, outcome="taken"))
        return entry(delivery, item, content, sha256)

    with patch.object(Delivery, "_entry", hasty), patch.object(Journal, "note", lambda *_: None):
        yield


@contextmanager
def imported_without_a_key() -> Iterator[None]:
    """A mail that is sent again is another one to the mail room."""
    with patch("tests.simulation.actors.arrival", lambda content, properties=None, **_: arrival(content, properties)):
        yield


@contextmanager
def half_a_line_kept() -> Iterator[None]:
    """An import goes on behind what a power cut left of the last line of its journal."""
    load = Journal._load

    def careless(journal: Journal) -> int:
        load(journal)
        return len(journal.file.content) if journal.file.exists() else 0  # type: ignore[attr-defined]  # of the story

    with patch.object(Journal, "_load", careless):
        yield


@contextmanager
def lost_event_overlooked() -> Iterator[None]:
    """The books are content with a document that stands before a service which never heard of it."""
    with patch.object(comparing, "waits_at", lambda *_: None):
        yield


@contextmanager
def alarm_without_loss() -> Iterator[None]:
    """The books take whatever is under way for lost."""
    with patch.object(Comparison, "_is_old", lambda *_: True), patch.object(Comparison, "_changed", lambda *_: True):
        yield


@contextmanager
def closed_too_early() -> Iterator[None]:
    """A day is closed while its post comes in."""
    with patch.object(balancing, "CLOSED_AFTER", -timedelta(days=1)):
        yield


@contextmanager
def day_closed_twice() -> Iterator[None]:
    """Whoever comes second with a day replaces what is kept of it."""
    put = MemoryBlobStore.put

    def careless(store: MemoryBlobStore, bucket: Bucket, key: str, content: bytes) -> bool:
        if "/balances/" not in key:
            return put(store, bucket, key, content)
        store.replace(bucket, key, content)
        return True

    with patch.object(MemoryBlobStore, "put", careless):
        yield


@contextmanager
def counts_without_names() -> Iterator[None]:
    """The balance believes the book, and looks at no receipt."""
    with patch.object(balancing, "_unbooked", lambda *_: ()):
        yield


PLANTS = (
    journal_before_sending,
    imported_without_a_key,
    half_a_line_kept,
    lost_event_overlooked,
    alarm_without_loss,
    closed_too_early,
    day_closed_twice,
    counts_without_names,
)
