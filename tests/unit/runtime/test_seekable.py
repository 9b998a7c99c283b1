"""Streams made seekable, small and large, also when the disk does not take them."""

import io
import resource
from pathlib import Path

import pytest

from services.core.errors import StoreFull
from services.runtime.streams.seekable import IN_MEMORY, seekable


class Trickle(io.BytesIO):
    """Gives at most 100,000 bytes at a time, as a network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 100_000))


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1, 5 * IN_MEMORY])
def test_all_bytes_can_be_read_from_any_place(tmp_path: Path, size: int) -> None:
    """Whatever the size, the content is whole, seekable, and leaves nothing on the disk."""
    whole = bytes(range(256)) * (size // 256 + 1)
    with seekable(Trickle(whole[:size]), tmp_path) as content:
        content.seek(0)
        assert content.read() == whole[:size]
        assert content.seek(0, io.SEEK_END) == size
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_full_disk_is_the_world_s_problem(tmp_path: Path) -> None:
    """When no more can be written the delivery is deferred."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (IN_MEMORY, hard))
    try:
        with pytest.raises(StoreFull), seekable(io.BytesIO(bytes(3 * IN_MEMORY)), tmp_path):
            pytest.fail("the block must not run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
