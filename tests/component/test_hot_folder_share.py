"""A share that lets us look and not work, and the rights of what we lay on it."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.core.errors import TryLater
from services.scan_intake.hot_folder.condition import condition
from tests.component.watched import Watched

PDF = b"%PDF-1.7\n...%%EOF\n"


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A share with one scanner."""
    return Watched(tmp_path)


@pytest.fixture
def private() -> Iterator[None]:
    """As under a unit with `UMask=0077`."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def _refuse(patch: pytest.MonkeyPatch, number: int, below: Path) -> None:
    """Whoever makes a name in a folder at or below this one is refused, as a mount or a right would do it."""

    def refusing(act: Any, changes: Any = lambda *_: True) -> Any:
        def asked(*told: Any, **named: Any) -> Any:
            folder = named.get("dir_fd", named.get("src_dir_fd"))
            here = folder is not None and Path(f"/proc/self/fd/{folder}").readlink()
            if here and here.is_relative_to(below) and changes(*told):
                raise OSError(number, os.strerror(number))
            return act(*told, **named)

        return asked

    patch.setattr(os, "open", refusing(os.open, lambda _, flags, *__: flags & os.O_CREAT))
    for name in ("mkdir", "rename", "unlink", "link"):
        patch.setattr(os, name, refusing(getattr(os, name)))


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        (errno.EROFS, "share_read_only", "The share of the scans is read-only to us. (taken)"),
        (errno.ENOSPC, "share_full", "The share of the scans is full. (taken)"),
        (errno.EACCES, "share_closed", "We lack rights in the hot folder. (taken)"),
    ],
)
def test_a_share_that_can_only_be_read_is_told(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, number: int, code: str, told: str
) -> None:
    """`check` is red and says what to do, the log has the code; scans wait, and are taken when it is mended."""
    watched.drop("a.pdf", PDF)
    with monkeypatch.context() as patch:
        _refuse(patch, number, watched.root)
        with pytest.raises(TryLater, match=code):
            watched.wait()
        good, text, todo = condition(watched.intakes.contexts["scan_intake"]) or (True, "", "")
    assert (good, text) == (False, told)
    assert todo
    assert set(watched.inside("inbox")) == {"a.pdf"}
    assert watched.wait() == 1


@pytest.mark.parametrize("place", ["inbox/foyer", "taken/foyer", "done/foyer", "failed/foyer"])
def test_one_folder_that_is_closed_is_named(watched: Watched, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Each folder in which we have to write is tried out, also where the others are open."""
    watched.drop("a.pdf", PDF)
    watched.drop("leer.pdf", b"")
    watched.wait(61)
    _refuse(monkeypatch, errno.EACCES, watched.root / place)
    good, text, _ = condition(watched.intakes.contexts["scan_intake"]) or (True, "", "")
    assert not good
    assert place in text


def test_trying_out_leaves_nothing_and_is_no_scan(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passing file is gone behind the check; where a crash left it, it is never taken."""
    before = sorted(watched.root.rglob("*"))
    assert condition(watched.intakes.contexts["scan_intake"]) == (True, "0 files wait, 0 in hand, 0 failed", "")
    assert sorted(watched.root.rglob("*")) == before
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", lambda *_, **__: None)
        condition(watched.intakes.contexts["scan_intake"])
    assert len(watched.inside("inbox")) == 1
    assert watched.wait(100) == 0
    assert condition(watched.intakes.contexts["scan_intake"]) == (True, "0 files wait, 0 in hand, 0 failed", "")


@pytest.mark.usefixtures("private")
def test_users_of_the_share_reach_what_we_lay_there(watched: Watched) -> None:
    """Whatever the umask: folders and notes are open to the group that the share's setgid bit names."""
    for folder in (watched.root, *watched.root.glob("inbox/**")):
        folder.chmod(0o2770)
    watched.drop("a.pdf", PDF)
    watched.drop("leer.pdf", b"")
    watched.wait(61)
    for made in ("taken", "taken/foyer", "done", "done/foyer", "failed", "failed/foyer"):
        assert (watched.root / made).stat().st_mode & 0o7777 == 0o2770
    for note in ("done/foyer/a.pdf.receipt.json", "failed/foyer/leer.pdf.reason.txt"):
        assert (watched.root / note).stat().st_mode & 0o7777 == 0o660
