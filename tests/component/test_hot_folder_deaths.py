"""A process that takes scans from a share dies at any step, or has company: nothing is lost or doubled."""

from pathlib import Path

import pytest

from services.scan_intake.hot_folder.watcher import ABANDONED
from tests.component.watched import Deaths, Died, Watched

PDF = b"%PDF-1.7\n...%%EOF\n"
SIDECAR = b'{"schema": "scan-sidecar:1", "batch": "b-1"}'


def _share(folder: Path) -> Watched:
    watched = Watched(folder)
    watched.drop("a.pdf", PDF)
    watched.drop("a.json", SIDECAR)
    watched.drop("b.pdf", b"")
    watched.drop("c.pdf", b"c")
    return watched


def _whole(watched: Watched) -> None:
    assert set(watched.receipts()) == {"a.pdf", "c.pdf"}
    assert watched.inside("done")["a.pdf"] == PDF
    assert watched.inside("done")["a.pdf.sidecar.json"] == SIDECAR
    assert set(watched.inside("failed")) == {"b.pdf", "b.pdf.reason.txt"}
    assert not watched.inside("inbox")
    [scan] = [receipt for receipt in watched.intakes.receipts() if receipt.name == "a.pdf"]
    assert scan.properties == {"scan.batch": "b-1"}
    watched.in_order()


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_death_at_any_step_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, behind: bool
) -> None:
    """Before or behind each step that changes share or store: the next start finishes, under the same receipts."""
    deaths, step, died = Deaths(monkeypatch), 0, True
    while died:
        step, died = step + 1, False
        watched = _share(tmp_path / str(step))
        deaths.die(step, behind=behind)
        try:
            watched.wait(61)
        except Died:
            died = True
        deaths.die(0, behind=False)
        watched.watcher = watched.another()
        watched.wait(61)
        watched.wait(61)
        _whole(watched)
    assert step > 40, "the last step was one too many, and before it every step was a death"


def test_a_death_in_the_middle_of_a_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dying again at every third step of each start, it still comes to the end with one receipt a scan."""
    deaths, watched = Deaths(monkeypatch), _share(tmp_path)
    deaths.die(7, behind=True)
    for step in range(7, 60):
        try:
            watched.wait(61)
        except Died:
            watched.watcher = watched.another()
        deaths.die(step, behind=step % 2 == 0)
    deaths.die(0, behind=False)
    watched.wait(61)
    _whole(watched)


def test_two_instances_share_the_work(tmp_path: Path) -> None:
    """Both look at the same moment; each scan is taken by one of them."""
    watched = Watched(tmp_path)
    other = watched.another(tmp_path / "other-machine")
    for number in range(10):
        watched.drop(f"{number}.pdf", b"%d" % number)
    for watcher in (watched.watcher, other):
        watcher.turn()
    watched.seconds += 6
    assert watched.watcher.turn() + other.turn() == 10
    assert len(watched.receipts()) == 10
    watched.in_order()


def test_what_another_instance_left_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at once, for it may be at work; when it has lain still for long."""
    watched, deaths = Watched(tmp_path), Deaths(monkeypatch)
    watched.drop("a.pdf", PDF)
    deaths.die(9, behind=True)
    with pytest.raises(Died):
        watched.wait()
    deaths.die(0, behind=False)
    other = watched.another(tmp_path / "other-machine")
    assert watched.wait(60, other) == 0
    assert watched.wait(ABANDONED.total_seconds(), other) == 1
    assert list(watched.receipts()) == ["a.pdf"]
    watched.in_order()


def test_both_finishing_one_ticket_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was thought dead and wakes up finds its work done, and makes no second receipt."""
    watched = Watched(tmp_path)
    watched.drop("a.pdf", PDF)
    other = watched.another(tmp_path / "other-machine")
    intake = watched.watcher._intake
    accept, told = intake.accept, []

    def slowly(*submission: object) -> object:
        accepted = accept(*submission)  # type: ignore[arg-type]  # as it came
        other.turn()
        watched.seconds += ABANDONED.total_seconds() + 1
        told.append(other.turn())
        return accepted

    monkeypatch.setattr(intake, "accept", slowly)
    watched.wait()
    assert told == [1]
    assert len(watched.receipts()) == 1
    assert len(watched.intakes.receipts()) == 1
    watched.wait()
    watched.in_order()


def test_a_scan_that_grows_in_our_hand_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner that goes on writing behind our reading: what came later is taken too, nothing is put away half."""
    watched = Watched(tmp_path)
    watched.drop("a.pdf", PDF)
    intake = watched.watcher._intake
    accept = intake.accept

    def meanwhile(*submission: object) -> object:
        monkeypatch.undo()
        [path] = (watched.root / "taken/foyer").glob("*/a.pdf")
        path.write_bytes(PDF + b"the rest")
        return accept(*submission)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(intake, "accept", meanwhile)
    watched.wait()
    assert not watched.inside("done")
    watched.wait()
    assert watched.inside("done")["a.pdf"] == PDF + b"the rest"
    last = watched.receipts()["a.pdf"]
    [whole] = [receipt for receipt in watched.intakes.receipts() if receipt.receipt == last]
    assert watched.intakes.original(whole.document) == PDF + b"the rest"
