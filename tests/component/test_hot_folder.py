"""Scans that lie in a folder: taken when still, put away with a receipt or a reason."""

import json
import os
from pathlib import Path

import pytest

from services.core.errors import TryLater
from services.scan_intake.hot_folder.condition import condition
from tests.component.watched import Watched, age

PDF = b"%PDF-1.7\n...%%EOF\n"


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A share with one scanner."""
    return Watched(tmp_path, offices={"foyer": "bauamt"}, sidecars=["archiv"])


def test_a_still_file_becomes_a_document_with_a_receipt(watched: Watched) -> None:
    """Stored, told, put away under its name; the receipt lies beside it."""
    watched.drop("Brief vom 3.pdf", PDF)
    assert watched.wait(4.9) == 0
    assert watched.wait(0.1) == 1
    [receipt] = watched.intakes.receipts()
    assert watched.inside("done")["Brief vom 3.pdf"] == PDF
    assert watched.receipts() == {"Brief vom 3.pdf": receipt.receipt}
    assert (receipt.name, receipt.media_type, receipt.channel) == ("Brief vom 3.pdf", "application/pdf", "scan")
    assert (receipt.source, receipt.office) == ("foyer", "bauamt")
    assert [facts.receipt for facts in watched.intakes.log.received] == [receipt.receipt]
    watched.in_order()


def test_a_file_that_grows_is_waited_for(watched: Watched) -> None:
    """However slowly it is written, and whatever time the share claims, it is taken whole."""
    path = watched.drop("a.pdf", PDF)
    for _ in range(5):
        age(path, 10_000)
        assert watched.wait(4) == 0
        path.write_bytes(b"%PDF-" + path.read_bytes())
    assert watched.wait(6) == 1
    [receipt] = watched.intakes.receipts()
    assert watched.intakes.original(receipt.document) == b"%PDF-" * 5 + PDF


def test_a_copy_that_halts_half_way_is_given_time(watched: Watched) -> None:
    """A PDF or TIFF without its end waits out the patience; if nothing more comes it is a document all the same."""
    path = watched.drop("a.pdf", b"%PDF-1.7\n...")
    watched.drop("b.tif", b"II*\x00\x20\x00\x00\x00...")
    watched.drop("c.tif", b"MM\x00*\x00\x00\x00\x08...")
    assert watched.wait() == 1
    assert list(watched.receipts()) == ["c.tif"]
    path.write_bytes(PDF)
    assert watched.wait() == 1
    assert watched.inside("done")["a.pdf"] == PDF
    assert watched.wait(60) == 1
    assert set(watched.receipts()) == {"a.pdf", "b.tif", "c.tif"}


def test_a_file_that_changes_behind_the_last_look_is_left_alone(watched: Watched) -> None:
    """What was still when it was listed, and is not when it is opened, stays in the inbox."""
    path = watched.drop("a.pdf", PDF)
    watched.watcher.turn()
    watched.seconds += 6
    look = watched.watcher._stability.look
    watched.watcher._stability.look = lambda found: (look(found), path.write_bytes(PDF + b"x"))[0]  # type: ignore[method-assign]
    assert watched.watcher.turn() == 0
    assert watched.inside("inbox") == {"a.pdf": PDF + b"x"}


def test_the_same_again_is_a_delivery_of_its_own(watched: Watched) -> None:
    """Same name and bytes on another day: a further receipt of the same document, kept under a number."""
    for _ in range(3):
        watched.drop("a.pdf", PDF)
        watched.wait()
    assert list(watched.receipts()) == ["a (2).pdf", "a (3).pdf", "a.pdf"]
    assert len({receipt.document for receipt in watched.intakes.receipts()}) == 1
    watched.in_order()


def test_more_doubles_than_numbers_are_kept_apart(watched: Watched) -> None:
    """A scanner that calls everything alike overwrites nothing."""
    for number in range(23):
        watched.drop("scan.pdf", b"%d" % number)
        watched.wait()
    kept = [content for name, content in watched.inside("done").items() if name.endswith(".pdf")]
    assert sorted(kept) == sorted(b"%d" % number for number in range(23))
    watched.in_order()


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_sidecar_is_kept_with_the_receipt(watched: Watched, ending: str) -> None:
    """Its lines stand in the receipt; it is put away beside the scan; an unknown office leaves it with the source's."""
    told = {
        "json": b'{"schema": "scan-sidecar:1", "batch": "b-7", "page_count": 3, "office": "unbekannt"}',
        "xml": b'<scan-sidecar version="1"><batch>b-7</batch><page_count>3</page_count>'
        b"<office>unbekannt</office></scan-sidecar>",
    }[ending]
    watched.drop("a.pdf", PDF)
    watched.drop(f"a.{ending}", told)
    assert watched.wait() == 1
    [receipt] = watched.intakes.receipts()
    assert receipt.properties == {"scan.batch": "b-7", "scan.page_count": "3", "scan.office": "unbekannt"}
    assert receipt.office == "bauamt"
    assert watched.inside("done")[f"a.pdf.sidecar.{ending}"] == told
    watched.in_order()


@pytest.mark.parametrize(
    ("sidecar", "code"),
    [
        ({"sha256": "0" * 64}, "digest_mismatch"),
        ({"size_bytes": 1}, "digest_mismatch"),
        ({"wrong": 1}, "sidecar_broken"),
    ],
)
def test_a_sidecar_that_lies_fails_with_its_scan(watched: Watched, sidecar: dict[str, object], code: str) -> None:
    """Nothing is accepted; both lie in `failed` with a German sentence."""
    watched.drop("a.pdf", PDF)
    watched.drop("a.pdf.json", json.dumps({"schema": "scan-sidecar:1"} | sidecar).encode())
    assert watched.wait() == 1
    assert watched.reason("a.pdf") == code
    assert set(watched.inside("failed")) == {"a.pdf", "a.pdf.sidecar.json", "a.pdf.reason.txt"}
    assert not watched.intakes.receipts()
    watched.in_order()


def test_scan_and_sidecar_wait_for_each_other(watched: Watched) -> None:
    """Where a sidecar is due the scan waits for it; a sidecar waits for its scan; then they fail."""
    (watched.root / "inbox/archiv").mkdir()
    watched.drop("a.pdf", PDF, "archiv")
    watched.drop("b.pdf", PDF, "archiv")
    watched.drop("c.json", b'{"schema": "scan-sidecar:1"}')
    assert watched.wait(59) == 0
    watched.drop("a.xml", b"<scan-sidecar version='1'/>", "archiv")
    assert watched.wait(6) == 3
    assert "b.pdf.reason.txt" in watched.inside("failed", "archiv")
    assert "a.pdf.receipt.json" in watched.inside("done", "archiv")
    assert watched.reason("c.json") == "sidecar_alone"


def test_an_invoice_in_xml_is_a_document(watched: Watched) -> None:
    """What lies alone and is no sidecar of ours is taken, after it was waited for a scan."""
    watched.drop("rechnung.xml", b"<Invoice/>")
    assert watched.wait(50) == 0
    assert watched.wait(11) == 1
    assert list(watched.receipts()) == ["rechnung.xml"]


def test_empty_and_too_large_files_fail(watched: Watched) -> None:
    """Empty ones after some patience, for a scanner may have just begun."""
    watched.drop("leer.pdf", b"")
    watched.drop("gross.pdf", b"x" * 300_001)
    assert watched.wait() == 1
    assert watched.reason("gross.pdf") == "too_large"
    assert watched.wait(60) == 1
    assert watched.reason("leer.pdf") == "empty"
    assert "Die Sendung ist leer." in watched.inside("failed")["leer.pdf.reason.txt"].decode()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (b"a\nb\x07\x1b[31m.pdf", "a b[31m.pdf"),
        (b"caf\xe9.pdf", "café.pdf"),
        (b"gr\xfc\xdfe.txt", "grüße.txt"),
        (b"a\x81\xfc.txt", "aü.txt"),
        ("gnp.\u202efdp.exe".encode(), "gnp.fdp.exe"),
        (b" .. ", "ohne-Namen"),
        (b"a\\..\\x.pdf", "x.pdf"),
        (("ü" * 120).encode() + b".pdf", "ü" * 88 + ".pdf"),
        (b"a.pdf.receipt.json.pdf", "a.pdf.receipt.json.pdf"),
        (b"-rf *", "-rf *"),
    ],
)
def test_a_hostile_name_is_made_harmless(watched: Watched, name: bytes, kept: str) -> None:
    """The scan is taken; what people see in `done` is harmless."""
    path = os.fsencode(watched.root / "inbox/foyer") + b"/" + name
    with open(path, "wb") as file:  # noqa: PTH123  # bytes that are no text
        file.write(PDF)
    assert watched.wait() == 1
    assert list(watched.receipts()) == [kept]
    assert watched.inside("done")[kept] == PDF
    watched.in_order()


def test_what_is_no_plain_file_is_never_touched(watched: Watched, tmp_path: Path) -> None:
    """Links, pipes, folders, temporary names and folders that are no source stay there; `check` counts them."""
    (secret := tmp_path / "secret.pdf").write_bytes(b"secret")
    inbox = watched.root / "inbox"
    (inbox / "foyer/link.pdf").symlink_to(secret)
    (inbox / "elsewhere").symlink_to(tmp_path)
    (inbox / "Kein Name").mkdir()
    os.mkfifo(inbox / "foyer/pipe.pdf")
    (inbox / "foyer/folder").mkdir()
    for name in (".hidden.pdf", "a.pdf.part", "~$b.docx"):
        watched.drop(name, PDF)
    assert watched.wait(100) == 0
    assert not watched.intakes.receipts()
    good, text, _ = condition(watched.intakes.contexts["scan_intake"]) or (False, "", "")
    assert good
    assert text == "0 files wait, 0 in hand, 0 failed, 5 not taken (no plain file in the folder of a source)"


def test_a_share_that_is_away_is_waited_for(watched: Watched) -> None:
    """Nothing is made below an empty mount point; when it is back, work goes on."""
    watched.drop("a.pdf", PDF)
    away = watched.root.rename(watched.root.with_name("away"))
    watched.root.mkdir()
    with pytest.raises(TryLater, match="share_away"):
        watched.watcher.turn()
    assert not list(watched.root.iterdir())
    assert condition(watched.intakes.contexts["scan_intake"]) == (
        False,
        "The hot folder or its inbox is not there.",
        "Mount the share and look at scan_intake.folder; scans wait there meanwhile.",
    )
    watched.root.rmdir()
    away.rename(watched.root)
    assert watched.wait() == 1


@pytest.mark.parametrize("fault", ["away", "full", "broken"])
def test_a_store_that_is_away_keeps_the_scan_waiting(watched: Watched, fault: str) -> None:
    """The file stays and is tried again; a fault of ours sets it aside instead, with a reason."""
    watched.drop("a.pdf", PDF)
    watched.drop("b.pdf", PDF)
    setattr(watched.intakes.store, fault, True)
    if fault == "broken":
        assert watched.wait() == 2
        assert watched.reason("a.pdf") == "internal"
        return
    with pytest.raises(TryLater):
        watched.wait()
    assert len(watched.inside("inbox")) == 1
    assert not watched.inside("failed")
    setattr(watched.intakes.store, fault, False)
    watched.wait()
    assert set(watched.receipts()) == {"a.pdf", "b.pdf"}
    watched.in_order()


def test_a_closed_folder_keeps_nobody_waiting(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a scanner holds open on the server (EBUSY) is left alone, the others are taken."""
    watched.drop("a.pdf", PDF)
    watched.drop("b.pdf", PDF)
    rename = os.rename

    def held(name: str, *told: object, **named: object) -> None:
        if name == "a.pdf":
            raise OSError(16, "busy")
        rename(name, *told, **named)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(os, "rename", held)
    assert watched.wait() == 1
    assert list(watched.receipts()) == ["b.pdf"]
    assert list(watched.inside("inbox")) == ["a.pdf"]
    monkeypatch.undo()
    watched.wait()
    assert list(watched.receipts()) == ["a.pdf", "b.pdf"]
    watched.in_order()


def test_a_share_without_hard_links_serves_as_well(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """As most SMB servers are: the note is written in two steps."""
    link = os.link

    def no_links(*told: object, **named: object) -> None:
        if "src_dir_fd" in named:
            raise OSError(95, "not supported")
        link(*told, **named)  # type: ignore[arg-type]  # as it came; the store's own disk has links

    monkeypatch.setattr(os, "link", no_links)
    for _ in range(2):
        watched.drop("a.pdf", PDF)
        watched.wait()
    assert len(watched.receipts()) == 2


def test_a_planted_verdict_leads_nowhere(watched: Watched, tmp_path: Path) -> None:
    """Who writes into our hand cannot make us move files of other folders."""
    (tmp_path / "secret").write_bytes(b"secret")
    ticket = watched.root / "taken/foyer" / f"{watched.watcher._owner}-0"
    ticket.mkdir(parents=True)
    (ticket / ".note").write_text("x")
    planted = {"outcome": "done", "content": "../../../../secret", "sidecar": ""}
    (ticket / ".verdict").write_text(json.dumps(planted))
    watched.wait()
    assert (tmp_path / "secret").exists()
    assert not watched.inside("done")


def test_it_runs_and_stops_with_the_process(watched: Watched) -> None:
    """A thread of its own, which ends when it is told to."""
    watched.watcher.start()
    watched.watcher.stop()
    assert not watched.watcher._thread.is_alive()
    assert "inbox" in str(watched.watcher)
