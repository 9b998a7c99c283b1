"""Scans that are not whole yet when they look finished: without their end, or written to after they were put away."""

import json
from pathlib import Path

import pytest

from tests.component.watched import Watched


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A share with one scanner."""
    return Watched(tmp_path)


@pytest.mark.parametrize("beginning", [b"\xff\xd8\xff\xe0\x00\x04AB\xff\xda\x00\x02.....", b"\x89PNG\r\n\x1a\n....."])
def test_a_picture_that_halts_half_way_is_given_time(watched: Watched, beginning: bytes) -> None:
    """It waits out the patience, and is a document then; whole ones are taken at once."""
    watched.drop("halted", beginning)
    watched.drop("whole", beginning + b"\x00\x00\x00\x00IEND\xaeB`\x82\xff\xd9")
    assert watched.wait() == 1
    assert list(watched.receipts()) == ["whole"]
    assert watched.wait(60) == 1
    assert set(watched.receipts()) == {"halted", "whole"}


def test_a_file_that_grows_after_it_was_put_away_is_taken_again(watched: Watched) -> None:
    """Whoever writes it has it open and sees no move: both are documents, each with its receipt and its size."""
    path = watched.drop("a.txt", b"half")
    watched.drop("a.txt.json", b'{"schema": "scan-sidecar:1", "batch": "b-7"}')
    with path.open("ab") as writer:
        assert watched.wait() == 1
        writer.write(b" and half")
    assert watched.wait() == 1
    assert watched.inside("done")["a (2).txt"] == b"half and half"
    assert {
        json.loads(watched.inside("done")[f"{name}.receipt.json"])["size_bytes"] for name in ("a.txt", "a (2).txt")
    } == {4, 13}
    assert [receipt.properties for receipt in watched.intakes.receipts()] == [{"scan.batch": "b-7"}] * 2
    watched.in_order()
    assert watched.wait(600) == 0


def test_a_file_that_failed_for_being_half_is_tried_again(watched: Watched) -> None:
    """Its sidecar knew the size; when the rest has come it is accepted, and nothing is left in `failed`."""
    path = watched.drop("a.txt", b"half")
    watched.drop("a.txt.json", b'{"schema": "scan-sidecar:1", "size_bytes": 13}')
    with path.open("ab") as writer:
        assert watched.wait() == 1
        assert watched.reason("a.txt") == "digest_mismatch"
        writer.write(b" and half")
    assert watched.wait() == 1
    assert set(watched.inside("done")) == {"a.txt", "a.txt.receipt.json", "a.txt.sidecar.json"}
    assert not watched.inside("failed")
    watched.in_order()


def test_what_somebody_removes_from_done_is_forgotten(watched: Watched) -> None:
    """It lies in the store; a name that is gone is no change of size."""
    watched.drop("a.txt", b"whole")
    assert watched.wait() == 1
    (watched.root / "done/foyer/a.txt").unlink()
    assert watched.wait(1) == 0
    assert watched.inside("inbox") == {}
