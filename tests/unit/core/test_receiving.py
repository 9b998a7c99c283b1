"""The act that all intakes share, on real files, interrupted at its worst moments."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from services.adapters.blob_store.files import FileBlobStore
from services.core import keys
from services.core.errors import NotPermitted, Rejected, TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.model import record, record_files
from services.core.model.documents import BytesIdentity, document_id
from services.core.model.receipts import parse_receipt
from services.core.model.record_files import Erased, Receipt
from services.core.protocol.receiving import Accepted, Arrival, receipt_at, receive

CONTENT = b"%PDF-1.7"
START = datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC)


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


class Store(FileBlobStore):
    """Files, with something that happens before certain keys are created or deleted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, reserve_bytes=0, sync=False)
        self.before: dict[str, Callable[[], object]] = {}
        self.before_delete: dict[str, Callable[[], object]] = {}

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        for word in [word for word in self.before if word in key]:
            self.before.pop(word)()
        return super().create(bucket, key, content)

    def delete(self, bucket: Bucket, key: str) -> None:
        for word in [word for word in self.before_delete if word in key]:
            self.before_delete.pop(word)()
        super().delete(bucket, key)

    def names(self, prefix: str) -> list[str]:
        return list(self.keys(Bucket.RECORDS, prefix))


@pytest.fixture
def blobs(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path)


def deliver(blobs: Store, clock: Clock, content: bytes = CONTENT, key: str = "") -> Accepted:
    """One scan by one scanner."""
    identity = BytesIdentity()
    identity.update(content)
    arrival = Arrival(
        tenant="main",
        channel="scan",
        source="scanner-1",
        media_type="application/pdf",
        content=io.BytesIO(content),
        identity=identity,
        idempotency_key=key,
    )
    return receive(arrival, blobs=blobs, clock=clock)


def crash() -> None:
    """The process ends here."""
    raise TryLater


def erase(blobs: Store) -> None:
    """Put the tombstone up, as retention does before it deletes anything."""
    document = document_of(0)
    erased = Erased(incarnation=0, decision=event_id("a", "b"), erased_at=START)
    blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(erased))


def document_of(incarnation: int) -> str:
    """The id of the content in that incarnation."""
    identity = BytesIdentity()
    identity.update(CONTENT)
    return document_id("main", "bytes", identity.digest(), incarnation=incarnation)


def test_original_receipt_and_pointer_stand_when_it_returns(blobs: Store) -> None:
    """What the sender is told is durable: bytes, receipt, pointer under the minute of arrival."""
    accepted = deliver(blobs, Clock())
    assert blobs.read(Bucket.ORIGINALS, keys.original("main", accepted.document)) == CONTENT
    [receipt] = record.load(blobs, "main", accepted.document).receipts
    assert receipt.receipt == accepted.receipt == parse_receipt(accepted.receipt)
    assert blobs.names("main/arrivals/") == [f"main/arrivals/2026/11/22/23/59/{accepted.receipt}"]
    assert not accepted.duplicate


def test_every_receipt_can_be_stored(blobs: Store) -> None:
    """Whatever the check character: two hundred in a row."""
    receipts = {deliver(blobs, Clock()).receipt for _ in range(200)}
    assert len(receipts) == len(blobs.names("main/arrivals/")) == 200


@pytest.mark.parametrize("place", ["main/d", "receipts/", "arrivals/"])
def test_a_repeat_after_a_crash_goes_on_where_it_broke_off(blobs: Store, place: str) -> None:
    """The same key gets the same receipt, the same time of arrival and the same event, wherever it crashed."""
    clock = Clock()
    blobs.before[place] = crash
    with pytest.raises(TryLater):
        deliver(blobs, clock, key="k")
    clock.time += timedelta(minutes=1)
    first, second = deliver(blobs, clock, key="k"), deliver(blobs, clock, key="k")
    assert (first.receipt, first.event.id, first.event.facts) == (second.receipt, second.event.id, second.event.facts)
    [receipt] = record.load(blobs, "main", first.document).receipts
    assert receipt.received_at == START
    assert len(blobs.names("main/arrivals/")) == 1


@pytest.mark.parametrize("place", ["receipts/", "arrivals/"])
def test_no_receipt_stands_without_its_pointer(blobs: Store, place: str) -> None:
    """A crash leaves a pointer to nothing at worst, never a receipt that no sweeper finds."""
    blobs.before[place] = crash
    with pytest.raises(TryLater):
        deliver(blobs, Clock())
    assert blobs.names(f"main/documents/{document_of(0)}/") == []
    for pointer in blobs.names("main/arrivals/"):
        assert receipt_at(blobs, "main", minute=START, receipt_id=pointer.rpartition("/")[2]) is None


def test_a_repeat_long_after_a_crash_is_seen_by_the_sweeper(blobs: Store) -> None:
    """The claim's minute was swept long ago, so the pointer stands under the minute of storing as well."""
    clock = Clock()
    blobs.before["receipts/"] = crash
    with pytest.raises(TryLater):
        deliver(blobs, clock, key="k")
    clock.time += timedelta(hours=2)
    accepted = deliver(blobs, clock, key="k")
    assert [name.rpartition("/")[0] for name in blobs.names("main/arrivals/")] == [
        "main/arrivals/2026/11/22/23/59",
        "main/arrivals/2026/11/23/01/59",
    ]
    assert accepted.receipt.startswith("PE-261122-")


def test_a_key_stands_for_one_content(blobs: Store) -> None:
    """Other bytes under it are refused; other senders have their own keys."""
    deliver(blobs, Clock(), key="k")
    with pytest.raises(Rejected, match="key_reused"):
        deliver(blobs, Clock(), b"other", key="k")


def test_erased_content_that_comes_again_is_another_document(blobs: Store) -> None:
    """The next incarnation; the tombstone stays."""
    first = deliver(blobs, Clock())
    erase(blobs)
    second = deliver(blobs, Clock())
    assert second.document == document_of(1) != first.document
    assert record.is_erased(blobs, "main", first.document)


@pytest.mark.parametrize("place", ["receipts/", "arrivals/"])
def test_an_erasure_in_between_takes_nothing_accepted(blobs: Store, place: str) -> None:
    """What was written beside the tombstone is taken back, and the delivery stands in the next incarnation."""
    blobs.before[place] = lambda: erase(blobs)
    accepted = deliver(blobs, Clock())
    assert accepted.document == document_of(1)
    assert blobs.names(f"main/documents/{document_of(0)}/") == [f"main/documents/{document_of(0)}/erased/1.json"]
    assert blobs.size(Bucket.ORIGINALS, keys.original("main", document_of(0))) is None
    [pointer] = blobs.names("main/arrivals/")
    assert blobs.read(Bucket.RECORDS, pointer).decode() == accepted.document
    found = record_files.decode(
        Receipt, blobs.read(Bucket.RECORDS, keys.receipt("main", accepted.document, accepted.receipt))
    )
    assert found.incarnation == 1


def test_an_original_stays_for_whoever_was_accepted_before_the_tombstone(blobs: Store) -> None:
    """Its writer takes back only its receipt: retention moves the other one, and needs the original for that."""
    others = []

    def overtake() -> None:
        others.append(deliver(blobs, Clock()))
        erase(blobs)

    blobs.before["receipts/"] = overtake
    accepted = deliver(blobs, Clock())
    assert (others[0].document, accepted.document) == (document_of(0), document_of(1))
    assert blobs.read(Bucket.ORIGINALS, keys.original("main", document_of(0))) == CONTENT
    assert blobs.names(keys.receipts("main", document_of(0))) == [
        keys.receipt("main", document_of(0), others[0].receipt)
    ]


def test_a_repeat_takes_back_the_original_that_a_crash_left_beside_a_tombstone(blobs: Store) -> None:
    """Stored, erased, died before the receipt: whoever sends the content again has the bytes removed."""

    def erase_and_crash() -> None:
        erase(blobs)
        crash()

    blobs.before["receipts/"] = erase_and_crash
    with pytest.raises(TryLater):
        deliver(blobs, Clock())
    assert deliver(blobs, Clock()).document == document_of(1)
    assert blobs.size(Bucket.ORIGINALS, keys.original("main", document_of(0))) is None


@pytest.mark.parametrize("place", ["receipts/", "main/d", "arrivals/"])
def test_a_repeat_finishes_the_taking_back_of_its_key(blobs: Store, place: str) -> None:
    """Interrupted anywhere, the same key leaves nothing beside the tombstone, and its pointer leads to the living."""
    blobs.before["receipts/"] = lambda: erase(blobs)
    blobs.before_delete[place] = crash
    with pytest.raises(TryLater):
        deliver(blobs, Clock(), key="k")
    accepted = deliver(blobs, Clock(), key="k")
    assert blobs.names(f"main/documents/{document_of(0)}/") == [f"main/documents/{document_of(0)}/erased/1.json"]
    assert blobs.size(Bucket.ORIGINALS, keys.original("main", document_of(0))) is None
    found = receipt_at(blobs, "main", minute=START, receipt_id=accepted.receipt)
    assert found
    assert found.document == accepted.document == document_of(1)


def test_an_intake_that_may_delete_no_original_receives_all_the_same(blobs: Store) -> None:
    """What was erased and comes again stands in the next incarnation, although the store lets no intake delete."""

    def refuse() -> None:
        raise NotPermitted

    original = keys.original("main", document_of(0))
    blobs.before["receipts/"] = lambda: erase(blobs)
    blobs.before_delete[original] = refuse
    accepted = deliver(blobs, Clock())
    assert accepted.document == document_of(1)
    assert original not in blobs.before_delete
    assert blobs.names(f"main/documents/{document_of(0)}/") == [f"main/documents/{document_of(0)}/erased/1.json"]
    [pointer] = blobs.names("main/arrivals/")
    assert blobs.read(Bucket.RECORDS, pointer).decode() == accepted.document
