"""The data folder: made, refused when newer, and brought forward step by step when older."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.errors import Misconfigured
from services.runtime.operations.instance_folder import FORMAT, STEPS, claim, is_open


class Power(Exception):
    """It went off."""


def _step(name: str, *, dies: bool = False) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        with (folder / "steps.txt").open("a") as stream:
            stream.write(f"{name} ")
        if dies:
            raise Power

    return act


def _note(folder: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((folder / "format.json").read_text())
    return found


def _old(folder: Path, **note: int) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "format.json").write_text(json.dumps(note))
    return folder


def test_a_new_folder_has_the_newest_format(tmp_path: Path) -> None:
    """No step is taken on it."""
    claim(tmp_path / "data", steps={1: _step("one")}, newest=2)
    assert _note(tmp_path / "data") == {"version": 2}
    assert not (tmp_path / "data" / "steps.txt").exists()


def test_every_version_has_its_step() -> None:
    """From the first one to ours no step is missing, and none is left over."""
    assert sorted(STEPS) == list(range(1, FORMAT))


def test_an_older_folder_is_upgraded_in_order(tmp_path: Path) -> None:
    """Each step once; the next start takes none."""
    folder = _old(tmp_path / "data", version=1)
    for _ in range(2):
        claim(folder, steps={1: _step("one"), 2: _step("two")}, newest=3)
    assert (folder / "steps.txt").read_text() == "one two "
    assert _note(folder) == {"version": 3}


def test_a_step_that_was_broken_off_is_begun_again(tmp_path: Path) -> None:
    """What is done stays done; an older program does not touch the half of it."""
    folder = _old(tmp_path / "data", version=1)
    with pytest.raises(Power):
        claim(folder, steps={1: _step("one"), 2: _step("half", dies=True)}, newest=3)
    with pytest.raises(Misconfigured, match="format 3; this program knows up to 2"):
        claim(folder, steps={1: _step("one")}, newest=2)
    claim(folder, steps={1: _step("one"), 2: _step("two")}, newest=3)
    assert (folder / "steps.txt").read_text() == "one half two "
    assert _note(folder) == {"version": 3}


def test_nobody_upgrades_below_a_running_process(tmp_path: Path) -> None:
    """The older program still works in it."""
    folder = _old(tmp_path / "data", version=1)
    log = SqliteEventLog(folder / "log.sqlite")
    with pytest.raises(Misconfigured, match="stop it"):
        claim(folder, steps={1: _step("one")}, newest=2)
    log.close()
    claim(folder, steps={1: _step("one")}, newest=2)
    assert _note(folder) == {"version": 2}


@pytest.mark.parametrize("text", ["", "[]", '{"version": "x"}', '{"format": 1}', "\xff"])
def test_a_note_that_tells_nothing_is_refused(tmp_path: Path, text: str) -> None:
    """With the file's name, and nothing is overwritten."""
    (tmp_path / "format.json").write_text(text)
    with pytest.raises(Misconfigured, match="does not tell a format"):
        claim(tmp_path)
    assert (tmp_path / "format.json").read_text() == text


@pytest.mark.parametrize("left", ["log.sqlite", "ledger.sqlite", "blobs/originals/main", "blobs/records/main"])
def test_a_filled_folder_without_its_note_is_refused(tmp_path: Path, left: str) -> None:
    """Whichever version wrote it, steps would be skipped; the sentence says what to do, and nothing is written."""
    (tmp_path / left).mkdir(parents=True)
    with pytest.raises(Misconfigured, match=r"holds data but no format\.json.*copy format\.json"):
        claim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [left.partition("/")[0]]


def test_a_first_start_that_died_is_begun_again(tmp_path: Path) -> None:
    """Before its note was whole nothing else of ours is there; what others mounted there is no data."""
    (tmp_path / "format.4711.new").write_text("{")
    (tmp_path / "lost+found").mkdir()
    FileBlobStore(tmp_path / "blobs", reserve_bytes=0)
    claim(tmp_path)
    assert _note(tmp_path) == {"version": FORMAT}


@pytest.fixture
def _open_umask() -> Iterator[None]:
    """As in a shell that lets everybody read."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_umask")
def test_the_data_folder_and_the_index_are_open_to_their_owner_only(tmp_path: Path) -> None:
    """Whatever the umask, and whatever an older version left; a second start changes nothing."""
    folder = tmp_path / "data"
    claim(folder)
    TantivySearchIndex(folder / "index", heap_bytes=20_000_000).close()
    assert [_mode(folder), _mode(folder / "index")] == [0o700, 0o700]
    assert {_mode(generation) for generation in (folder / "index").iterdir() if generation.is_dir()} == {0o700}
    for entry, mode in ((folder, 0o755), (folder / "index", 0o775), (folder / "format.json", 0o644)):
        entry.chmod(mode)
    claim(folder)
    assert [_mode(folder), _mode(folder / "index"), _mode(folder / "format.json")] == [0o700, 0o700, 0o600]
    assert not is_open(folder)


@pytest.mark.usefixtures("_open_umask")
def test_a_link_out_of_the_data_folder_keeps_what_it_leads_to(tmp_path: Path) -> None:
    """Another disk that the operator linked in has modes of its own."""
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    claim(folder)
    elsewhere.mkdir(mode=0o755)
    (folder / "blobs").symlink_to(elsewhere)
    claim(folder)
    assert _mode(elsewhere) == 0o755


def _mode(entry: Path) -> int:
    return stat.S_IMODE(entry.stat().st_mode)
