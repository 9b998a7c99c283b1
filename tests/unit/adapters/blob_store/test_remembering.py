"""What a process remembers of record files: only what cannot change, only for a while, only so much."""

from services.adapters.blob_store import remembering
from services.adapters.blob_store.remembering import RememberingBlobStore
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from tests.twins.blob_store import MemoryBlobStore

FOLDER = "main/documents/d1"
ONE = f"{FOLDER}/extraction/1.json"


class House:
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
    house = House()
    house.store.create(Bucket.RECORDS, ONE, b"mine")
    assert house.remembers(ONE)
    other = f"{FOLDER}/receipts/PE-1.json"
    house.disk.put(Bucket.RECORDS, other, b"theirs")
    house.store.read(Bucket.RECORDS, other)
    assert house.remembers(other)


def test_another_writers_file_is_what_is_remembered() -> None:
    """Who comes second does not take its own content for what is stored."""
    house = House()
    house.disk.put(Bucket.RECORDS, ONE, b"theirs")
    assert not house.store.create(Bucket.RECORDS, ONE, b"mine")
    assert house.store.read(Bucket.RECORDS, ONE) == b"theirs"


def test_erased_is_forgotten() -> None:
    """By this process at once, by others within a minute, also where nothing is written meanwhile."""
    house = House()
    house.store.create(Bucket.RECORDS, ONE, b"x")
    house.store.delete(Bucket.RECORDS, ONE)
    assert not house.remembers(ONE)
    house.store.create(Bucket.RECORDS, ONE, b"x")
    house.now += remembering.SECONDS
    assert not house.remembers(ONE)


def test_only_record_folders_are_remembered() -> None:
    """Pointers, settings and marks may go and come again; originals and derived texts are large."""
    house = House()
    for key in ("main/arrivals/2026/11/26/20/00/PE-1", "main/attempts/indexing/1/1"):
        house.store.create(Bucket.RECORDS, key, b"x")
        assert not house.remembers(key)
    house.store.create(Bucket.DERIVED, ONE, b"x")
    house.disk.delete(Bucket.DERIVED, ONE)
    assert not house.remembers(ONE)


def test_memory_is_bounded() -> None:
    """The oldest go where the newest would be too much; a file that is large alone is never held."""
    house = House()
    names = [f"main/documents/d{n}/extraction/1.json" for n in range(200)]
    for name in names:
        house.store.create(Bucket.RECORDS, name, b"x" * remembering.LARGEST_BYTES)
    held = sum(house.remembers(name) for name in names)
    assert held == remembering.TOTAL_BYTES // remembering.LARGEST_BYTES
    house.store.create(Bucket.RECORDS, ONE, b"x" * (remembering.LARGEST_BYTES + 1))
    assert not house.remembers(ONE)
