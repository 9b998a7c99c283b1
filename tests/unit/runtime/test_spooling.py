"""Content on its way in: limits, budget, memory and disk."""

import errno
import hashlib
from pathlib import Path

import pytest

from services.core.errors import Rejected, StoreFull, TryLater
from services.core.model.documents import BytesIdentity
from services.runtime.streams.spooling import PIECE_BYTES, Spool, UnderWay


def spool(folder: Path, *, limit: int = 1_000_000, in_memory: int = 100) -> Spool:
    """A spool for scans."""
    return Spool(BytesIdentity(), limit=limit, in_memory=in_memory, folder=folder)


def test_content_is_hashed_while_it_passes(tmp_path: Path) -> None:
    """In memory or on disk, all bytes are there, counted and hashed, and nothing has a name on disk."""
    with spool(tmp_path) as content:
        due = [content.add(b"a" * (PIECE_BYTES // 2)) for _ in range(2)]
        content.flush()
        content.content.seek(0)
        assert due == [False, True]
        assert content.content.read() == b"a" * PIECE_BYTES
        assert content.identity.sha256() == hashlib.sha256(b"a" * PIECE_BYTES).hexdigest()
        assert not list(tmp_path.iterdir())


def test_the_limit_is_exact(tmp_path: Path) -> None:
    """The last allowed byte is taken, one more is refused."""
    with spool(tmp_path, limit=10) as content:
        content.add(b"x" * 10)
        with pytest.raises(Rejected, match="too_large"):
            content.add(b"x")


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, StoreFull), (errno.EIO, TryLater)])
def test_a_disk_that_refuses_is_the_worlds_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[TryLater]
) -> None:
    """A full disk is named as such; any other failure means later."""

    def refuse(_: bytes) -> int:
        raise OSError(code, "refused")

    with spool(tmp_path) as content:
        monkeypatch.setattr(content.content, "write", refuse)
        content.add(b"x")
        with pytest.raises(kind):
            content.flush()


def test_the_budget_is_shared_and_given_back() -> None:
    """What is claimed is missing for others until it is over, also when a claim grows or fails."""
    under_way = UnderWay()
    with under_way.share(60, budget=100) as share:
        with pytest.raises(TryLater, match="busy"), under_way.share(50, budget=100):
            pass
        share.grow_to(90)
        with under_way.share(10, budget=100):
            assert under_way.size_bytes == 100
            with pytest.raises(TryLater, match="busy"):
                share.grow_to(91)
    assert under_way.size_bytes == 0


def test_a_delivery_alone_may_grow_above_the_budget() -> None:
    """It would never get through otherwise; what comes beside it waits."""
    under_way = UnderWay()
    with under_way.share(60, budget=100) as share:
        share.grow_to(500)
        with pytest.raises(TryLater, match="busy"), under_way.share(1, budget=100):
            pass
    assert under_way.size_bytes == 0


def test_a_delivery_above_the_budget_is_taken_alone() -> None:
    """A limit above the budget is no reason to refuse for ever."""
    under_way = UnderWay()
    with under_way.share(500, budget=100), pytest.raises(TryLater), under_way.share(1, budget=100):
        pass
    assert under_way.size_bytes == 0
