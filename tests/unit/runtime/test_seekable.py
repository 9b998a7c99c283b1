"""Streams made seekable, small and large, also when neither disk nor budget take them."""

import io
import resource
from pathlib import Path

import pytest

from services.core.errors import StoreFull, TryLater
from services.runtime.streams.seekable import IN_MEMORY, SpoolSpace
from services.runtime.streams.spooling import UnderWay

BUDGET = 8 * IN_MEMORY


class Trickle(io.BytesIO):
    """Gives at most 100,000 bytes at a time and cannot seek, as a network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 100_000))

    def seekable(self) -> bool:
        return False


@pytest.fixture
def space(tmp_path: Path) -> SpoolSpace:
    """There is space for eight times what is held in memory."""
    return SpoolSpace(tmp_path, BUDGET, UnderWay())


def lying(folder: Path) -> list[Path]:
    """Files that are still there."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1, 5 * IN_MEMORY])
@pytest.mark.parametrize("stream", [Trickle, io.BytesIO])
def test_all_bytes_can_be_read_from_any_place(space: SpoolSpace, stream: type[io.BytesIO], size: int) -> None:
    """Whatever the size, the content is whole, seekable, and leaves nothing on the disk and in the budget."""
    whole = bytes(range(256)) * (size // 256 + 1)
    with space.seekable(stream(whole[:size])) as content:
        content.seek(0)
        assert content.read() == whole[:size]
        assert content.seek(0, io.SEEK_END) == size
    assert lying(space.instance_folder) == []
    assert space.under_way.size_bytes == 0


def test_what_can_seek_is_not_copied(space: SpoolSpace, tmp_path: Path) -> None:
    """A file of the store is read where it lies, from its beginning, and costs no disk."""
    file = tmp_path / "original"
    file.write_bytes(bytes(3 * IN_MEMORY))
    with file.open("rb") as stream, space.seekable(stream) as content:
        assert content is stream
        assert content.tell() == 0
        assert space.under_way.size_bytes == 0


def test_a_full_disk_is_the_world_s_problem(space: SpoolSpace) -> None:
    """When no more can be written the delivery is deferred: TryLater, and never a dead letter."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (IN_MEMORY, hard))
    try:
        with pytest.raises(StoreFull), space.seekable(Trickle(bytes(3 * IN_MEMORY))):
            pytest.fail("the block must not run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert issubclass(StoreFull, TryLater)
    assert lying(space.instance_folder) == []


def test_copies_share_a_budget(space: SpoolSpace) -> None:
    """One that is larger than all may come alone; beside another one it waits, and room that is given back is used."""
    large = bytes(BUDGET + 1)
    with space.seekable(Trickle(bytes(2 * IN_MEMORY))):
        with pytest.raises(TryLater) as caught, space.seekable(Trickle(large)):
            pytest.fail("the block must not run")
        assert caught.value.code == "busy"
        with space.seekable(Trickle(bytes(2 * IN_MEMORY))) as content:
            assert content.seek(0, io.SEEK_END) == 2 * IN_MEMORY
    with space.seekable(Trickle(large)) as content:
        assert content.seek(0, io.SEEK_END) == len(large)
