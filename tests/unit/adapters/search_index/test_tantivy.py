"""What only the tantivy adapter promises: its folder, its lock, and what becomes of a broken index."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.adapters.search_index.tantivy import TantivySearchIndex, engine
from services.core.errors import Misconfigured, TryLater
from services.core.ports.entries import Entry, Query, Viewer

_OPENER = """
import sys
from pathlib import Path
from services.adapters.search_index.tantivy import TantivySearchIndex

TantivySearchIndex(Path(sys.argv[1]))
"""
_VIEWER = Viewer(account="a-post", tenant="main", all_offices=True)


def _opened(folder: Path) -> TantivySearchIndex:
    return TantivySearchIndex(folder, heap_bytes=20_000_000)


def _entry(number: int, version: int = 1) -> Entry:
    return Entry(tenant="main", document=f"d{number}", version=version, body="Zaun")


def _total(index: TantivySearchIndex) -> int:
    return index.search(Query(), _VIEWER).total


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A closed index with three documents."""
    index = _opened(tmp_path)
    index.write([_entry(number) for number in range(3)])
    index.commit()
    index.close()
    return tmp_path


@pytest.fixture
def index(filled: Path) -> Iterator[TantivySearchIndex]:
    """The same, open."""
    index = _opened(filled)
    yield index
    index.close()


def _generations(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("generation-*"))


def test_a_new_index_is_fresh_until_a_rebuild_came_to_its_end(tmp_path: Path) -> None:
    """Over all starts: whoever is killed in the middle of filling it begins again."""
    seen: list[bool] = []
    for finished in (False, True, True):
        index = _opened(tmp_path)
        seen.append(index.fresh)
        rebuild = index.rebuild()
        rebuild.write([_entry(1)])
        if finished:
            rebuild.switch()
        seen.append(index.fresh)
        index.close()
    assert seen == [True, True, True, False, False, False]


def test_a_folder_in_use_is_refused(index: TantivySearchIndex, filled: Path, project: Path) -> None:
    """A second opener, here or in another process, is told so and disturbs nothing."""
    with pytest.raises(Misconfigured, match="in use"):
        _opened(filled)
    other = subprocess.run(
        [sys.executable, "-c", _OPENER, str(filled)], cwd=project, capture_output=True, text=True, check=False
    )
    assert "Misconfigured" in other.stderr
    assert _total(index) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "current").write_text("generation-1 0-0.1.0\n"),
        lambda folder: (folder / "current").write_text("../elsewhere x y"),
        lambda folder: (folder / "current").unlink(),
        lambda folder: (folder / "generation-1" / "meta.json").write_text("{"),
        lambda folder: (folder / "generation-1" / "meta.json").unlink(),
        lambda folder: [path.write_bytes(b"") for path in (folder / "generation-1").glob("*.store")],
        lambda folder: [path.unlink() for path in (folder / "generation-1").glob("*.term")],
        lambda folder: [path.write_bytes(path.read_bytes()[:20]) for path in (folder / "generation-1").glob("*.fast")],
    ],
    ids=["older format", "strange pointer", "no pointer", "broken meta", "no meta", "empty store", "no terms", "cut"],
)
def test_an_index_that_cannot_be_read_is_begun_anew(filled: Path, damage: object) -> None:
    """It is derived: nothing of it stays, the new one works and asks for a rebuild."""
    assert callable(damage)
    damage(filled)
    index = _opened(filled)
    assert (index.fresh, _total(index), len(_generations(filled))) == (True, 0, 1)
    index.write([_entry(7)])
    index.commit()
    assert _total(index) == 1
    index.close()


def test_leftovers_of_a_rebuild_are_removed_at_start(filled: Path) -> None:
    """A generation that nobody points to holds texts that nobody would erase."""
    (filled / "generation-8").mkdir()
    (filled / "generation-8" / "x.store").write_bytes(b"text")
    index = _opened(filled)
    assert (_generations(filled), _total(index)) == (["generation-1"], 3)
    index.rebuild().switch()
    assert len(_generations(filled)) == 1
    index.rebuild().abandon()
    assert (len(_generations(filled)), _total(index)) == (1, 0)
    index.close()


def test_a_lost_batch_is_told_to_all_who_wrote_into_it(index: TantivySearchIndex) -> None:
    """When the writer dies, its caller and every other author hear TryLater once; then writing goes on."""
    heard: list[str] = []
    wrote, broke = threading.Event(), threading.Event()

    def other() -> None:
        index.write([_entry(10)])
        wrote.set()
        broke.wait(60)
        try:
            index.commit()
        except TryLater:
            heard.append("later")
        index.write([_entry(10)])
        index.commit()

    thread = threading.Thread(target=other)
    thread.start()
    assert wrote.wait(60)
    index._living._engine._writer.wait_merging_threads()  # takes the writer away, as its death does
    with pytest.raises(TryLater):
        index.write([_entry(11)])
    broke.set()
    thread.join()
    index.write([_entry(11)])
    index.commit()
    assert (heard, _total(index)) == (["later"], 5)


def test_a_rebuild_that_fails_leaves_the_living_index_alone(index: TantivySearchIndex) -> None:
    """Live writes go on when the growing index breaks; the rebuild hears of it."""
    rebuild = index.rebuild()
    assert index._growing is not None
    index._growing._engine._writer.wait_merging_threads()
    index.write([_entry(4)])
    index.commit()
    assert _total(index) == 4
    with pytest.raises(TryLater):
        rebuild.write([_entry(5)])
    with pytest.raises(TryLater):
        rebuild.switch()


def test_no_failure_quotes_the_text(index: TantivySearchIndex) -> None:
    """The engine's messages name values; ours do not."""
    with pytest.raises(TryLater) as failure, engine._guarded():
        raise ValueError("Expected Str type for field body, got 'Frau Weiß'")
    assert str(failure.value) == "unavailable"
    assert failure.value.__suppress_context__
