"""What a process remembers of record files: only what cannot change, only for a while, only so much."""

from services.adapters.blob_store import remembering
from services.adapters.blob_store.remembering import RememberingBlobStore
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from tests.fakes.blob_store import MemoryBlobStore

FOLDER = "main/documents/d1"
ONE = f"{FOLDER}/extraction/1.json"


class Process:
    """A store, a process in front of it, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.disk = MemoryBlobStore()
        self.store = RememberingBlobStore(self.disk, monotonic=lambda: self.now)

    def take_away(self, key: str) -> None:
        """Remove it behind our back, as another process does."""
        self.disk.delete(Bucket.RECORDS, key)

    def remembers(self, key: str) -> bool:
        """Whether it is read although it is gone."""
        self.take_away(key)
        try:
            return bool(self.store.read(Bucket.RECORDS, key))
        except BlobMissing:
            return False


def test_what_was_written_or_read_is_not_fetched_again() -> None:
    """A record file that this process created, or read once, is answered from memory."""
    process = Process()
    process.store.create(Bucket.RECORDS, ONE, b"mine")
    assert process.remembers(ONE)
    other = f"{FOLDER}/receipts/PE-1.json"
    process.disk.put(Bucket.RECORDS, other, b"theirs")
    process.store.read(Bucket.RECORDS, other)
    assert process.remembers(other)


def test_another_writers_file_is_what_is_remembered() -> None:
    """Who comes second does not take its own content for what is stored."""
    process = Process()
    process.disk.put(Bucket.RECORDS, ONE, b"theirs")
    assert not process.store.create(Bucket.RECORDS, ONE, b"mine")
    assert process.store.read(Bucket.RECORDS, ONE) == b"theirs"


def test_erased_is_forgotten() -> None:
    """By this process at once, by others within a minute, also where nothing is written meanwhile."""
    process = Process()
    process.store.create(Bucket.RECORDS, ONE, b"x")
    process.store.delete(Bucket.RECORDS, ONE)
    assert not process.remembers(ONE)
    process.store.create(Bucket.RECORDS, ONE, b"x")
    process.now += remembering.SECONDS
    assert not process.remembers(ONE)


def test_only_record_folders_are_remembered() -> None:
    """Pointers, settings and marks may go and come again; originals and derived texts are large."""
    process = Process()
    for key in ("main/arrivals/2026/11/26/20/00/PE-1", "main/attempts/indexing/1/1"):
        process.store.create(Bucket.RECORDS, key, b"x")
        assert not process.remembers(key)
    process.store.create(Bucket.DERIVED, ONE, b"x")
    process.disk.delete(Bucket.DERIVED, ONE)
    assert not process.remembers(ONE)


def test_memory_is_bounded() -> None:
    """The oldest go where the newest would be too much; a file that is large alone is never held."""
    process = Process()
    names = [f"main/documents/d{n}/extraction/1.json" for n in range(200)]
    for name in names:
        process.store.create(Bucket.RECORDS, name, b"x" * remembering.LARGEST_BYTES)
    held = sum(process.remembers(name) for name in names)
    assert held == remembering.TOTAL_BYTES // remembering.LARGEST_BYTES
    process.store.create(Bucket.RECORDS, ONE, b"x" * (remembering.LARGEST_BYTES + 1))
    assert not process.remembers(ONE)


def test_what_is_over_leaves_memory_and_makes_room() -> None:
    """What nobody may be told any more is not held either, and what was written or read again counts once."""
    process = Process()
    names = [f"main/documents/d{n}/extraction/1.json" for n in range(2, 100)]
    for name in names:
        process.store.create(Bucket.RECORDS, name, b"x" * remembering.LARGEST_BYTES)
    process.now += remembering.SECONDS
    process.store.create(Bucket.RECORDS, ONE, b"x")
    assert (list(process.store._known), process.store._bytes) == ([ONE], 1)
    process.now += remembering.SECONDS
    for _ in range(3):
        process.store.read(Bucket.RECORDS, ONE)
        process.store._remember(Bucket.RECORDS, ONE, b"x")
    assert process.store._bytes == 1
    process.store.delete(Bucket.RECORDS, ONE)
    assert (process.store._known, process.store._bytes) == ({}, 0)
