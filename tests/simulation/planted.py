"""Bugs of the kind that lose letters, planted one at a time: the simulation must find each of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from services.classification import handler
from services.classification.judgement import judge
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Receipt, RegisterEntry
from services.core.ports.blob_store import BlobStore
from services.core.ports.clock import Clock
from services.core.ports.entries import Entry
from services.core.ports.event_log import Delivery
from services.core.protocol import custody, receiving, revise
from services.core.protocol.revise import Draft
from services.core.vocabulary import Custody
from services.filing.registrar import _Request
from services.runtime.access import originals
from services.runtime.context.service import Context
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog, MemoryReader
from tests.fakes.search_index import MemorySearchIndex


@contextmanager
def answer_before_receipt() -> Iterator[None]:
    """The listener says "accepted" although storing the receipt failed."""
    store = receiving.store_receipt

    def forgetful(receipt: Receipt, blobs: BlobStore, clock: Clock) -> list[str]:
        try:
            return store(receipt, blobs, clock)
        except TryLater:
            return []

    with patch.object(receiving, "store_receipt", forgetful):
        yield


@contextmanager
def ack_before_publish() -> Iterator[None]:
    """Deliveries are marked done before what they brought about is durable."""

    def hasty(reader: MemoryReader, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        for delivery in deliveries:
            reader.mark(delivery)
        reader.gate.before("log.ack.publish")
        reader.log.append(publish)

    with patch.object(MemoryReader, "ack", hasty):
        yield


@contextmanager
def overwrite_instead_of_create() -> Iterator[None]:
    """The store lets whoever comes second replace what is there."""

    def careless(store: MemoryBlobStore, bucket: Bucket, key: str, content: bytes) -> bool:
        store.replace(bucket, key, content)
        return True

    with patch.object(MemoryBlobStore, "put", careless):
        yield


@contextmanager
def index_without_version() -> Iterator[None]:
    """Whatever is written last is what is found."""

    def forgetful(_: MemorySearchIndex, into: dict[str, Entry], entry: Entry) -> None:
        into[entry.document] = entry

    with patch.object(MemorySearchIndex, "take", forgetful):
        yield


@contextmanager
def tombstone_ignored() -> Iterator[None]:
    """Nobody looks for the tombstone after writing."""
    with patch.object(record, "is_erased", lambda *_: False):
        yield


@contextmanager
def lost_race_taken_for_won() -> Iterator[None]:
    """Whoever comes second with a revision believes that what stands there is its own."""
    with patch.object(revise, "stands", lambda *_: True):
        yield


@contextmanager
def trimmed_by_age_alone() -> Iterator[None]:
    """The log lets old events go whoever still waits for them."""
    with patch.object(MemoryEventLog, "not_awaited", lambda log, topic: len(log.topics[topic])):
        yield


@contextmanager
def damage_overlooked() -> Iterator[None]:
    """The scrub is content with an original that is there."""

    def easy(blobs: BlobStore, found: Record, _: object) -> Custody:
        key = keys.original(found.tenant, found.document)
        return "missing" if blobs.size(Bucket.ORIGINALS, key) is None else "whole"

    with patch.object(custody, "look", easy):
        yield


@contextmanager
def damage_given_out() -> Iterator[None]:
    """Whoever reads an original is given what lies there."""
    with patch.object(originals, "_compare", lambda *_: None):
        yield


@contextmanager
def mending_overlooked() -> Iterator[None]:
    """What was once found damaged is never found whole again."""
    look = custody.look

    def stubborn(blobs: BlobStore, found: Record, passed: custody.Pass) -> Custody:
        return found.check.outcome if found.check else look(blobs, found, passed)

    with patch.object(custody, "look", stubborn):
        yield


@contextmanager
def repeat_judged_anew() -> Iterator[None]:
    """A repeated event is answered with what classification knows now, under the name of the stored judgement."""
    decide = handler._decide

    def forgetful(event: Event, found: Record, *, context: Context) -> Draft | Sequence[Event]:
        extraction, there = found.extraction, found.classification
        if extraction is None or there is None or there.extraction < found.revisions["extraction"]:
            return decide(event, found, context=context)
        made = judge(found, extraction, cause=there.cause, context=context)
        return (handler._classified(event, made, found.revisions["classification"], context=context),)

    with patch.object(handler, "_decide", forgetful):
        yield


@contextmanager
def case_counted_once() -> Iterator[None]:
    """A Vorgang keeps the number that was counted first, although somebody else's entry came before its own."""
    counted = _Request._counted

    def forgetful(request: _Request, wanted: RegisterEntry, before: int) -> RegisterEntry:
        return wanted if wanted.cases else counted(request, wanted, before)

    with patch.object(_Request, "_counted", forgetful):
        yield


PLANTS = (
    case_counted_once,
    repeat_judged_anew,
    damage_overlooked,
    damage_given_out,
    mending_overlooked,
    trimmed_by_age_alone,
    answer_before_receipt,
    ack_before_publish,
    overwrite_instead_of_create,
    index_without_version,
    tombstone_ignored,
    lost_race_taken_for_won,
)
