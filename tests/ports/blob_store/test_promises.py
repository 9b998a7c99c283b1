"""What every blob store promises; the stores are in conftest.py."""

import hashlib
import io
import itertools
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import BinaryIO, cast

import pytest

from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore

RECORDS = Bucket.RECORDS
HOSTILE = [
    *["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../../etc/passwd", "a\0b", "a\nb", "a\n", "a b"],
    *["a\\b", "ä", "a/%2e%2e/b", "a?b", "a#b", "-a", "a/.hidden", "a" * 201, "a/" * 450 + "b"],
]
LARGE = 20 * 1024 * 1024


class Pipe(io.RawIOBase):
    """A stream that cannot seek and holds nothing: so many bytes, made while they are read."""

    def __init__(self, size_bytes: int) -> None:
        self._left = size_bytes
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        self._left -= size
        piece = self._left.to_bytes(8, "big") * (size // 8) + b"." * (size % 8)
        self.digest.update(piece)
        return piece


class Watched(io.BytesIO):
    """A stream that looks, while it is read, for what is there to be seen of its blob."""

    def __init__(self, content: bytes, look: Callable[[], list[str]]) -> None:
        super().__init__(content)
        self._look = look
        self.seen: list[str] = []

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if piece:
            self.seen += self._look()
        return piece


class Torn(io.BytesIO):
    """A stream that breaks in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= LARGE // 2:
            raise ConnectionAbortedError
        return super().read(size)


@pytest.mark.parametrize("bucket", Bucket)
def test_a_blob_comes_back_as_it_was(blobs: BlobStore, tenant: str, bucket: Bucket) -> None:
    """What was created can be read, opened at an offset, measured and listed."""
    key = f"{tenant}/doc/receipts/1.json"
    assert blobs.create(bucket, key, b"0123456789") is True
    assert blobs.read(bucket, key) == b"0123456789"
    assert blobs.size(bucket, key) == 10
    assert list(blobs.keys(bucket, f"{tenant}/")) == [key]
    with blobs.open(bucket, key) as stream:
        assert stream.read() == b"0123456789"
    with blobs.open(bucket, key, 7) as stream:
        assert (stream.read(2), stream.read(5)) == (b"78", b"9")


@pytest.mark.parametrize("offset", [10, 11, 1000])
def test_behind_the_end_there_is_nothing(blobs: BlobStore, tenant: str, offset: int) -> None:
    """An offset at or behind the end opens an empty stream; one before the start is a bug."""
    blobs.create(RECORDS, f"{tenant}/a", b"0123456789")
    with blobs.open(RECORDS, f"{tenant}/a", offset) as stream:
        assert stream.read() == b""
    with pytest.raises(ValueError, match="offset"):
        blobs.open(RECORDS, f"{tenant}/a", -1)


@pytest.mark.parametrize("second", [b"second", b"first", b"x" * (2 * 1024 * 1024)])
def test_a_second_create_changes_nothing(blobs: BlobStore, tenant: str, second: bytes) -> None:
    """Whoever comes second is told so, equal or not, large or small, as bytes or as a stream."""
    assert blobs.create(RECORDS, f"{tenant}/a", b"first")
    assert blobs.create(RECORDS, f"{tenant}/a", second) is False
    assert blobs.create(RECORDS, f"{tenant}/a", io.BytesIO(second)) is False
    assert blobs.read(RECORDS, f"{tenant}/a") == b"first"


def test_one_of_sixteen_wins(blobs: BlobStore, tenant: str) -> None:
    """Of sixteen at once exactly one creates the blob, and it is whole."""
    contents = [bytes([65 + number]) * 60_000 for number in range(16)]
    for turn in range(8):
        barrier = Barrier(16)

        def compete(content: bytes, key: str = f"{tenant}/{turn}/a", start: Barrier = barrier) -> bool:
            start.wait()
            return blobs.create(RECORDS, key, content)

        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(compete, contents))
        assert won.count(True) == 1
        assert blobs.read(RECORDS, f"{tenant}/{turn}/a") == contents[won.index(True)]


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, LARGE + 3])
def test_streams_of_any_size_take_little_memory(blobs: BlobStore, tenant: str, size: int) -> None:
    """A stream that cannot seek goes in and comes out whole, and is never held in memory."""
    source, arrived = Pipe(size), hashlib.sha256()
    tracemalloc.start()
    try:
        assert blobs.create(RECORDS, f"{tenant}/a", cast("BinaryIO", source))
        with blobs.open(RECORDS, f"{tenant}/a") as stream:
            while piece := stream.read(100_000):
                arrived.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert blobs.size(RECORDS, f"{tenant}/a") == size
    assert arrived.digest() == source.digest.digest()
    assert peak < 6 * 1024 * 1024


def test_a_stream_is_read_from_where_it_stands(blobs: BlobStore, tenant: str) -> None:
    """What the caller has read already is not stored."""
    stream = io.BytesIO(b"head and body")
    stream.read(9)
    assert blobs.create(RECORDS, f"{tenant}/a", stream)
    assert blobs.read(RECORDS, f"{tenant}/a") == b"body"


def test_a_blob_shows_only_whole(blobs: BlobStore, tenant: str) -> None:
    """While it is being written nobody sees it; then everybody sees all of it."""
    stream = Watched(b"x" * LARGE, lambda: list(blobs.keys(RECORDS, f"{tenant}/")))
    assert blobs.create(RECORDS, f"{tenant}/a", stream)
    assert stream.seen == []
    assert blobs.size(RECORDS, f"{tenant}/a") == LARGE


def test_a_torn_stream_leaves_nothing(blobs: BlobStore, tenant: str) -> None:
    """The caller's failure comes back as it is, no blob is there, and the key is free."""
    with pytest.raises(ConnectionAbortedError):
        blobs.create(RECORDS, f"{tenant}/a", Torn(b"x" * LARGE))
    assert blobs.size(RECORDS, f"{tenant}/a") is None
    assert list(blobs.keys(RECORDS, f"{tenant}/")) == []
    assert blobs.create(RECORDS, f"{tenant}/a", b"whole")


def test_keys_come_in_the_order_of_their_bytes(blobs: BlobStore, tenant: str) -> None:
    """Folders sort with their slash, among all other characters, and `after` may stand anywhere."""
    names = ["1", "10", "1-", "1.json", "1=", "A", "a", "a-b", "a.b", "a0", "a~", "b"]
    keys = [f"{tenant}/{name}" for name in names if name not in {"1", "a"}]
    keys += [f"{tenant}/{folder}/{name}" for folder, name in itertools.product(["1", "a", "b-"], names)]
    for key in keys:
        blobs.create(RECORDS, key, b"")
    keys.sort()
    assert list(blobs.keys(RECORDS, f"{tenant}/")) == keys
    for after in [*keys, f"{tenant}/1", f"{tenant}/1/", f"{tenant}/a/a~z", f"{tenant}/Z", "0", tenant, f"{tenant}0"]:
        assert list(blobs.keys(RECORDS, f"{tenant}/", after)) == [key for key in keys if key > after], after


def test_a_long_list_comes_whole(blobs: BlobStore, tenant: str) -> None:
    """More keys than a store hands out at once come all, each once, from any place on."""
    keys = [f"{tenant}/{number:04}" for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda key: blobs.create(RECORDS, key, b""), keys))
    assert list(blobs.keys(RECORDS, f"{tenant}/")) == keys
    assert list(itertools.islice(blobs.keys(RECORDS, f"{tenant}/", keys[900]), 150)) == keys[901:1051]


def test_a_prefix_ends_where_it_ends(blobs: BlobStore, tenant: str) -> None:
    """`a/1/` is no neighbour's prefix, a bucket no other's, and nothing is listed where nothing is."""
    for key in ("a/1/x", "a/10/x", "a/1-/x", "a/1.json"):
        blobs.create(RECORDS, f"{tenant}/{key}", b"")
    blobs.create(Bucket.DERIVED, f"{tenant}/a/1/y", b"")
    assert list(blobs.keys(RECORDS, f"{tenant}/a/1/")) == [f"{tenant}/a/1/x"]
    assert list(blobs.keys(RECORDS, f"{tenant}/b/")) == []
    with pytest.raises(ValueError, match="prefix"):
        blobs.keys(RECORDS, f"{tenant}/a/1")


@pytest.mark.parametrize("bucket", Bucket)
def test_what_is_missing_is_said_to_be(blobs: BlobStore, tenant: str, bucket: Bucket) -> None:
    """Missing blobs have no size and are named when read; a folder is no blob."""
    blobs.create(bucket, f"{tenant}/folder/a", b"")
    for key in (f"{tenant}/folder", f"{tenant}/nothing", f"{tenant}/nothing/a"):
        assert blobs.size(bucket, key) is None
        with pytest.raises(BlobMissing) as missing:
            blobs.read(bucket, key)
        assert missing.value.key == key
        with pytest.raises(BlobMissing), blobs.open(bucket, key, 5):
            pass


@pytest.mark.parametrize("bucket", Bucket)
def test_a_deleted_key_is_free_again(blobs: BlobStore, tenant: str, bucket: Bucket) -> None:
    """Deleting twice is fine; then the blob is missing, unlisted, and can be created anew."""
    key = f"{tenant}/content/maker"
    for content in (b"first", b"second", b"third"):
        assert blobs.create(bucket, key, content)
        assert blobs.read(bucket, key) == content
        blobs.delete(bucket, key)
        blobs.delete(bucket, key)
        assert blobs.size(bucket, key) is None
        assert list(blobs.keys(bucket, f"{tenant}/")) == []


def test_deleting_a_folder_deletes_nothing(blobs: BlobStore, tenant: str) -> None:
    """The key of a folder is the key of a missing blob."""
    blobs.create(RECORDS, f"{tenant}/a/b", b"kept")
    blobs.delete(RECORDS, f"{tenant}/a")
    assert blobs.read(RECORDS, f"{tenant}/a/b") == b"kept"


def test_creating_and_deleting_side_by_side_never_fail(blobs: BlobStore, tenant: str) -> None:
    """A create does not mind that the last neighbour in its folder goes at the same moment."""

    def churn(number: int) -> int:
        key = f"{tenant}/content/{number}"
        for _ in range(40):
            assert blobs.create(Bucket.DERIVED, key, b"x")
            assert blobs.read(Bucket.DERIVED, key) == b"x"
            blobs.delete(Bucket.DERIVED, key)
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(churn, range(8))) == list(range(8))
    assert list(blobs.keys(Bucket.DERIVED, f"{tenant}/")) == []


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_are_refused(blobs: BlobStore, key: str) -> None:
    """A key that a store could take for something else is a bug, whatever is done with it."""
    with pytest.raises(ValueError, match="no key"):
        blobs.create(RECORDS, key, b"")
    with pytest.raises(ValueError, match="no key"):
        blobs.read(RECORDS, key)
    with pytest.raises(ValueError, match="no key"):
        blobs.size(RECORDS, key)
    with pytest.raises(ValueError, match="no key"):
        blobs.delete(RECORDS, key)
    with pytest.raises(ValueError, match="no key"):
        blobs.keys(RECORDS, f"{key}/")


def test_a_store_that_works_is_ready(blobs: BlobStore) -> None:
    """Nothing stands in the way of a write."""
    assert blobs.ready()
