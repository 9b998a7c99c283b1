"""The chain of the audit log: whatever is removed, changed or put in between shows, whoever writes at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.core.keys import Bucket
from services.core.protocol import viewings
from services.core.protocol.viewings import BEGINNING, Look, append, last, newest, verify
from tests.fakes.blob_store import MemoryBlobStore
from tests.unit.runtime.loop import document

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
ENTRIES = "main/audit/entries/"


def look(number: int) -> Look:
    """The clerk looks at a document, a minute after the one before."""
    at = NOW + timedelta(minutes=number)
    return Look(at, "a-berg", "GET /dokumente/{document}", document(number), 3)


@pytest.fixture
def blobs() -> MemoryBlobStore:
    """Five looks were put down."""
    blobs = MemoryBlobStore()
    for number in range(1, 6):
        append(blobs, "main", look(number))
    return blobs


def faults(blobs: MemoryBlobStore) -> list[tuple[int, str]]:
    """What verifying all of it finds."""
    found = verify(blobs, "main")
    assert found.whole
    return [(one.number, one.fault) for one in found.faults]


def key(number: int) -> str:
    """Of an entry."""
    return f"{ENTRIES}{number:012d}.json"


def test_an_untouched_chain_is_whole(blobs: MemoryBlobStore) -> None:
    """Numbers without gaps, the newest first, one head beside them, and nothing wrong."""
    assert faults(blobs) == []
    assert [one.number for one in newest(blobs, "main")] == [5, 4, 3, 2, 1]
    assert [one.number for one in newest(blobs, "main", before=3)] == [2, 1]
    assert last(blobs, "main").number == 5
    assert len(list(blobs.keys(Bucket.RECORDS, "main/audit/heads/"))) == 1
    assert faults(MemoryBlobStore()) == []


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_removed_entry_shows(blobs: MemoryBlobStore, number: int) -> None:
    """The first, one in between, and the last."""
    blobs.delete(Bucket.RECORDS, key(number))
    assert faults(blobs) == [(number, "missing")]


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_changed_entry_shows(blobs: MemoryBlobStore, number: int) -> None:
    """The one behind it, or the head, tells another hash."""
    content = blobs.read(Bucket.RECORDS, key(number)).replace(b"a-berg", b"a-feld")
    blobs.delete(Bucket.RECORDS, key(number))
    blobs.create(Bucket.RECORDS, key(number), content)
    assert faults(blobs) == [(number, "changed")]


def test_a_chain_without_its_end_and_its_head_shows(blobs: MemoryBlobStore) -> None:
    """Who removes the head with the last entries leaves none."""
    for place in [key(4), key(5), *blobs.keys(Bucket.RECORDS, "main/audit/heads/")]:
        blobs.delete(Bucket.RECORDS, place)
    assert faults(blobs) == [(4, "missing")]


def test_what_is_unreadable_or_no_entry_shows(blobs: MemoryBlobStore) -> None:
    """A broken entry is named; so is what somebody laid beside them."""
    blobs.delete(Bucket.RECORDS, key(3))
    blobs.create(Bucket.RECORDS, key(3), b"{")
    blobs.create(Bucket.RECORDS, f"{ENTRIES}000000000003x.json", b"{}")
    assert {fault for _, fault in faults(blobs)} == {"unreadable", "foreign"}
    assert [one.number for one in newest(blobs, "main")] == [5, 4, 2, 1]


def test_looks_go_on_behind_a_hole_and_behind_a_crash(blobs: MemoryBlobStore) -> None:
    """A writer that died before its head was written loses nothing, and a removed end is not written anew."""
    blobs.delete(Bucket.RECORDS, key(5))
    assert append(blobs, "main", look(6)).number == 6
    assert faults(blobs) == [(5, "missing")]
    crashed = MemoryBlobStore()
    append(crashed, "main", look(1))
    for head in list(crashed.keys(Bucket.RECORDS, "main/audit/heads/")):
        crashed.delete(Bucket.RECORDS, head)
    assert append(crashed, "main", look(2)).number == 2
    assert faults(crashed) == []


def test_many_writers_make_one_chain() -> None:
    """Processes that know nothing of each other write at once: nothing is lost and nothing doubled."""
    blobs = MemoryBlobStore()

    def write() -> None:
        place = None
        for number in range(20):
            place = append(blobs, "main", look(number), place)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults(blobs) == []
    assert len(list(newest(blobs, "main"))) == 80


def test_a_long_chain_is_verified_in_pieces(blobs: MemoryBlobStore) -> None:
    """Each goes on where the one before ended, and a fault behind it is found there."""
    first = verify(blobs, "main", limit=2)
    assert (first.place.number, first.whole, first.faults) == (2, False, ())
    blobs.delete(Bucket.RECORDS, key(4))
    rest = verify(blobs, "main", first.place)
    assert (rest.whole, [tuple(one) for one in rest.faults]) == (True, [(4, "missing")])
    assert viewings.verify(blobs, "main", BEGINNING, limit=10).faults == rest.faults
