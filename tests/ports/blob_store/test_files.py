"""What only files can do wrong: full disks, failing disks, absent disks, leftovers, and what is synced when."""

import errno
import io
import os
from pathlib import Path
from typing import NoReturn

import pytest

from services.adapters.blob_store.files import FileBlobStore
from services.core.errors import BlobMissing, StoreFull, TryLater
from services.core.keys import Bucket

RECORDS = Bucket.RECORDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the blobs lie; it need not exist."""
    return tmp_path / "not" / "yet" / "there"


@pytest.fixture
def blobs(folder: Path) -> FileBlobStore:
    """A store that holds one neighbour."""
    store = FileBlobStore(folder, reserve_bytes=0)
    assert store.create(RECORDS, "town/neighbour", b"undisturbed")
    return store


def failing(number: int) -> object:
    """A call of the operating system that fails."""

    def fail(*words: object, **named: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


def nothing_was_left(blobs: FileBlobStore, folder: Path) -> None:
    """Only the neighbour is there, and the key is free."""
    assert list((folder / "arriving").iterdir()) == []
    assert list(blobs.keys(RECORDS, "town/")) == ["town/neighbour"]
    assert blobs.read(RECORDS, "town/neighbour") == b"undisturbed"
    assert blobs.create(RECORDS, "town/new", b"now it fits")


def test_the_reserve_is_not_touched(blobs: FileBlobStore, folder: Path) -> None:
    """Below the reserve nothing is accepted and the store is not ready; reading and deleting go on."""
    full = FileBlobStore(folder, reserve_bytes=2**60)
    assert not full.ready()
    with pytest.raises(StoreFull):
        full.create(RECORDS, "town/new", b"x")
    assert full.read(RECORDS, "town/neighbour") == b"undisturbed"
    assert full.create(RECORDS, "town/neighbour", b"x") is False
    nothing_was_left(blobs, folder)
    full.delete(RECORDS, "town/new")


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, TryLater)]
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_failing_write_leaves_nothing(
    blobs: FileBlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, said: type[TryLater]
) -> None:
    """A disk that is full or broken in the middle of a blob costs this blob only."""
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(number))
        with pytest.raises(TryLater) as raised:
            blobs.create(RECORDS, "town/new", b"x" * 3_000_000)
    assert type(raised.value) is said
    nothing_was_left(blobs, folder)


def test_a_blob_at_the_limit_of_the_system_leaves_nothing(
    blobs: FileBlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a piece written and then no space: the half goes again."""
    write = os.write

    def half(descriptor: int, piece: memoryview) -> int:
        if len(piece) < 1024 * 1024:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, piece[: len(piece) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(StoreFull):
            blobs.create(RECORDS, "town/new", b"x" * 1024 * 1024)
    nothing_was_left(blobs, folder)


def test_an_absent_disk_is_no_erasure(blobs: FileBlobStore, folder: Path, tmp_path: Path) -> None:
    """Where the bucket's folder is gone, nobody hears that a blob is missing, and nothing is written beside."""
    folder.rename(tmp_path / "elsewhere")
    for call in (blobs.read, blobs.size, blobs.delete):
        with pytest.raises(TryLater):
            call(RECORDS, "town/neighbour")
    with pytest.raises(TryLater):
        blobs.keys(RECORDS, "town/")
    with pytest.raises(TryLater):
        blobs.create(RECORDS, "town/new", b"x")
    assert not blobs.ready()
    assert not folder.exists()
    (tmp_path / "elsewhere").rename(folder)
    nothing_was_left(blobs, folder)


class Interrupted(io.BytesIO):
    """A stream during which another process starts on the same folder."""

    def __init__(self, content: bytes, folder: Path) -> None:
        super().__init__(content)
        self._folder = folder

    def read(self, size: int | None = -1, /) -> bytes:
        FileBlobStore(self._folder)
        return super().read(size)


def test_a_start_removes_the_leftovers_of_the_dead(blobs: FileBlobStore, folder: Path) -> None:
    """A half-written file whose writer is gone goes at the next start."""
    (folder / "arriving" / "dead").write_bytes(b"half")
    FileBlobStore(folder)
    nothing_was_left(blobs, folder)


def test_a_start_leaves_the_living_alone(blobs: FileBlobStore, folder: Path) -> None:
    """A blob comes through whole when other processes start while it is being written."""
    assert blobs.create(RECORDS, "town/large", Interrupted(b"x" * 3_000_000, folder))
    assert blobs.read(RECORDS, "town/large") == b"x" * 3_000_000


def test_two_stores_share_a_folder(blobs: FileBlobStore, folder: Path) -> None:
    """What one process creates the other reads, and neither creates it again."""
    other = FileBlobStore(folder, reserve_bytes=0)
    assert other.create(RECORDS, "town/neighbour", b"x") is False
    assert other.create(RECORDS, "town/documents/a", b"x")
    assert blobs.read(RECORDS, "town/documents/a") == b"x"


def test_a_key_is_no_folder(blobs: FileBlobStore) -> None:
    """A key that is another's folder, or lies below another key, is a bug and said to be one."""
    with pytest.raises(ValueError, match="folder"):
        blobs.create(RECORDS, "town/neighbour/below", b"")
    with pytest.raises(ValueError, match="folder"):
        blobs.create(RECORDS, "town", b"")
    with pytest.raises(BlobMissing):
        blobs.read(RECORDS, "town/neighbour/below")


@pytest.mark.parametrize(("bucket", "left"), [(Bucket.DERIVED, []), (RECORDS, ["town/hash"])])
def test_empty_folders_go_where_they_stand_for_content(
    blobs: FileBlobStore, folder: Path, bucket: Bucket, left: list[str]
) -> None:
    """Derived content leaves no empty folder behind; a record's folder stays."""
    blobs.create(bucket, "town/hash/maker", b"x")
    blobs.delete(bucket, "town/hash/maker")
    root = folder / bucket.value
    assert [str(path.relative_to(root)) for path in root.glob("*/*/") if path.is_dir()] == left


def test_what_is_said_is_durable_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blob is synced before it has a name, its folders before anybody hears True or False."""
    steps: list[str] = []
    sync, link = os.fsync, os.link

    def synced(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append("content" if place.parent.name == "arriving" else place.name)
        sync(descriptor)

    def linked(source: Path, target: Path) -> None:
        steps.append("link")
        link(source, target)

    blobs, other = FileBlobStore(folder), FileBlobStore(folder)
    blobs.create(RECORDS, "town/documents/a/receipts/1", b"x")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    assert blobs.create(RECORDS, "town/documents/b/receipts/1", b"x")
    assert steps == ["content", "link", "link", "receipts", "b", "documents"]
    steps.clear()
    assert blobs.create(RECORDS, "town/documents/b/receipts/2", b"x")
    assert steps == ["content", "link", "receipts"]
    steps.clear()
    assert other.create(RECORDS, "town/documents/b/receipts/2", b"x") is False
    assert steps == ["receipts", "b", "documents", "town", "records"]
    steps.clear()
    blobs.delete(RECORDS, "town/documents/b/receipts/2")
    assert steps == ["receipts"]
    steps.clear()
    assert blobs.create(Bucket.DERIVED, "town/hash/maker", b"x")
    assert steps == ["content", "link", "link"], "it can be made again: whole, if it is there"
