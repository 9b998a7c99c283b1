"""What failed is moved back into the inbox with all that lies beside it: tried again, and no note becomes post."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.component.watched import Deaths, Died, Watched

LETTER = b"Sehr geehrte Damen und Herren\n"
WRONG = json.dumps({"schema": "scan-sidecar:1", "sha256": "0" * 64}).encode()
RIGHT = json.dumps({"schema": "scan-sidecar:1", "sha256": hashlib.sha256(LETTER).hexdigest(), "batch": "b-1"}).encode()
BESIDE = {"l1.txt", "l1.txt.sidecar.json", "l1.txt.reason.txt"}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A share with one scan that failed because of its sidecar."""
    return _failed(tmp_path)


def _failed(folder: Path) -> Watched:
    watched = Watched(folder)
    watched.drop("l1.txt", LETTER)
    watched.drop("l1.txt.json", WRONG)
    watched.wait()
    assert set(watched.inside("failed")) == BESIDE
    return watched


def _back(watched: Watched, place: str = "failed", name: str = "l1.txt") -> None:
    """As a person does: `mv failed/foyer/l1.txt* inbox/foyer/`."""
    for path in (watched.root / place / "foyer").glob(f"{name}*"):
        path.rename(watched.root / "inbox/foyer" / path.name)


def test_the_sidecar_is_compared_again(watched: Watched) -> None:
    """Nothing was mended, so it fails again for the same reason, and lies there as before."""
    _back(watched)
    assert watched.wait() == 1
    assert watched.wait(61) == 0
    assert set(watched.inside("failed")) == BESIDE
    assert watched.reason("l1.txt") == "digest_mismatch"
    assert not watched.intakes.receipts()
    assert not watched.inside("inbox")
    watched.in_order()


def test_a_sidecar_that_was_mended_is_kept_with_the_receipt(watched: Watched) -> None:
    """One document, with what the scanner told of it; our old note is gone."""
    (watched.root / "failed/foyer/l1.txt.sidecar.json").write_bytes(RIGHT)
    _back(watched)
    assert watched.wait() == 1
    assert watched.wait(61) == 0
    [receipt] = watched.intakes.receipts()
    assert (receipt.name, receipt.properties["scan.batch"]) == ("l1.txt", "b-1")
    assert set(watched.inside("done")) == {"l1.txt", "l1.txt.sidecar.json", "l1.txt.receipt.json"}
    assert not watched.inside("failed")
    assert not watched.inside("inbox")
    watched.in_order()


def test_what_was_done_can_be_taken_again(watched: Watched) -> None:
    """A further delivery of the same document; its old receipt is no post, and stands in the book."""
    (watched.root / "failed/foyer/l1.txt.sidecar.json").write_bytes(RIGHT)
    for place in ("failed", "done"):
        watched.watcher.turn()
        _back(watched, place)
        assert watched.wait() == 1
    assert watched.wait(61) == 0
    assert len({receipt.receipt for receipt in watched.intakes.receipts()}) == 2
    assert len({receipt.document for receipt in watched.intakes.receipts()}) == 1
    assert not watched.inside("inbox")


def test_a_sidecar_that_was_alone_finds_its_scan(tmp_path: Path) -> None:
    """It is moved back with its note when the scan has come."""
    watched = Watched(tmp_path)
    watched.drop("l1.json", RIGHT)
    watched.wait(61)
    assert watched.reason("l1.json") == "sidecar_alone"
    _back(watched, name="l1.json")
    watched.drop("l1.txt", LETTER)
    assert watched.wait() == 1
    assert watched.wait(61) == 0
    assert set(watched.inside("done")) == {"l1.txt", "l1.txt.sidecar.json", "l1.txt.receipt.json"}
    assert not watched.inside("inbox")


def test_a_scan_that_is_only_called_like_a_note_is_post(tmp_path: Path) -> None:
    """Alone, and beside another scan: what we did not write is never removed."""
    watched = Watched(tmp_path)
    post = {
        "allein.reason.txt": b"Begruendung des Widerspruchs",
        "brief.txt": LETTER,
        "brief.txt.reason.txt": b"Code: x\n",
        "brief.txt.receipt.json": b'{"receipt": "Quittung"}',
    }
    for name, content in post.items():
        watched.drop(name, content)
    assert watched.wait(61) == 4
    assert set(post.values()) <= set(watched.inside("done").values())
    assert {receipt.name for receipt in watched.intakes.receipts()} == set(post)
    assert not watched.inside("inbox")


def test_a_note_of_ours_that_comes_alone_waits_for_its_scan(watched: Watched) -> None:
    """Moved before the scan by a slow hand, it is no post."""
    note = watched.root / "failed/foyer/l1.txt.reason.txt"
    note.rename(watched.root / "inbox/foyer" / note.name)
    assert watched.wait(50) == 0
    _back(watched)
    assert watched.wait() == 1
    assert set(watched.inside("failed")) == BESIDE
    assert not watched.intakes.receipts()


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_death_while_trying_again_makes_no_post_of_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, behind: bool
) -> None:
    """At whatever step: the next start comes to the same end."""
    deaths, step, died = Deaths(monkeypatch), 0, True
    while died:
        step, died = step + 1, False
        watched = _failed(tmp_path / str(step))
        _back(watched)
        deaths.die(step, behind=behind)
        try:
            watched.wait()
        except Died:
            died = True
        deaths.die(0, behind=False)
        watched.watcher = watched.another()
        watched.wait(61)
        watched.wait(61)
        assert set(watched.inside("failed")) == BESIDE
        assert watched.reason("l1.txt") == "digest_mismatch"
        assert not watched.intakes.receipts()
    assert step > 10, "the last step was one too many, and before it every step was a death"
