"""`POST /scans` and `PUT /scans/{filename}`."""

import pytest

from tests.component.surroundings import Doors
from tests.component.web import send

PDF = b"%PDF-1.7\n..."


def test_a_scan_is_stored_acknowledged_and_told(doors: Doors) -> None:
    """202; name and type are kept, the bytes are the document, the key's owner is the source."""
    answer = send(
        doors, "POST", "/scans", content=PDF, content_disposition='attachment; filename="Brief vom 3.pdf"',
        content_type="application/pdf",
    )  # fmt: skip
    [receipt] = doors.receipts()
    assert answer.status_code == 202
    assert answer.json()["receipt"] == receipt.receipt
    assert (receipt.name, receipt.media_type) == ("Brief vom 3.pdf", "application/pdf")
    assert (receipt.channel, receipt.source) == ("scan", "scanner-1")
    assert doors.original(receipt.document) == PDF
    assert [facts.receipt for facts in doors.log.received] == [receipt.receipt]


def test_each_call_is_a_delivery_of_its_own(doors: Doors) -> None:
    """The same bytes under two names: one document, two receipts, two events."""
    first = send(doors, "PUT", "/scans/a.pdf", content=PDF).json()
    second = send(doors, "PUT", "/scans/b.pdf", content=PDF).json()
    assert first["document"] == second["document"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert {receipt.name for receipt in doors.receipts()} == {"a.pdf", "b.pdf"}
    assert len(doors.log.received) == 2


def test_what_curl_sends_is_recognised_by_its_first_bytes(doors: Doors) -> None:
    """No content type, or that of a form which it is not: the content decides."""
    send(doors, "PUT", "/scans/x", content=PDF)
    send(doors, "POST", "/scans", content=b"II*\x00...", content_type="application/x-www-form-urlencoded")
    assert {receipt.media_type for receipt in doors.receipts()} == {"application/pdf", "image/tiff"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C:%5CScans%5C1.tif", "1.tif"),
        ("a%00b%0d%0ac.pdf", "ab c.pdf"),
        ("gnp.%E2%80%AEfdp.exe", "gnp.fdp.exe"),
        ("..", ""),
        ("%20", ""),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_hostile_name_is_only_shown(doors: Doors, path: str, kept: str) -> None:
    """Whatever a name says, the scan is kept under its id, and the name is made harmless."""
    answer = send(doors, "PUT", "/scans/" + path.replace("..", "%2E%2E", 1), content=PDF)
    [receipt] = doors.receipts()
    assert answer.status_code == 202
    assert receipt.name == kept


def test_large_scans_are_streamed(doors: Doors) -> None:
    """Pieces of any size, of unknown length."""
    pieces = [b"x" * 70_001] * 4
    assert send(doors, "POST", "/scans", content=pieces).status_code == 202
    [receipt] = doors.receipts()
    assert doors.original(receipt.document) == b"".join(pieces)
    assert receipt.size_bytes == 280_004


def test_a_scan_over_the_limit_is_refused(doors: Doors) -> None:
    """413, nothing kept."""
    assert send(doors, "POST", "/scans", content=[b"x" * 70_001] * 5).status_code == 413
    assert not doors.receipts()
    assert not doors.left_lying()


def test_an_empty_scan_is_refused(doors: Doors) -> None:
    """400 empty."""
    assert send(doors, "PUT", "/scans/a.pdf").json()["code"] == "empty"


def test_a_form_is_not_a_scan(doors: Doors) -> None:
    """415: the file would be hidden inside the form."""
    assert (
        send(doors, "POST", "/scans", content=b"x", content_type="multipart/form-data; boundary=b").status_code == 415
    )


def test_a_reused_key_is_refused_and_a_repeated_one_answered(doors: Doors) -> None:
    """The same key and bytes: the same receipt; other bytes: 422."""
    first = send(doors, "POST", "/scans", content=PDF, idempotency_key="1").json()
    assert send(doors, "POST", "/scans", content=PDF, idempotency_key="1").json()["receipt"] == first["receipt"]
    assert send(doors, "POST", "/scans", content=b"other", idempotency_key="1").json()["code"] == "key_reused"


@pytest.mark.parametrize("word", ["originals", "receipts/", "arrivals/"])
def test_a_store_that_fails_on_the_way_accepts_nothing(doors: Doors, word: str) -> None:
    """Wherever it breaks off, the answer is 503 and no event tells of it; the repeat is accepted."""
    assert doors.token
    doors.store.fails_at = word if word != "originals" else "main/d"
    answer = send(doors, "POST", "/scans", content=PDF, idempotency_key="1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert not doors.log.received
    doors.store.fails_at = ""
    assert send(doors, "POST", "/scans", content=PDF, idempotency_key="1").status_code == 202
    assert len(doors.receipts()) == 1


def test_the_scanner_tells_the_office(doors: Doors) -> None:
    """A source with an office brings its post there, others to the mail room."""
    settings = doors.settings.scan_intake.model_copy(update={"offices": {"scanner-1": "bauamt"}})
    other = type(doors)(doors.settings.storage.folder / "other", scan_intake=settings.model_dump())
    send(doors, "PUT", "/scans/a", content=PDF)
    send(other, "PUT", "/scans/a", content=PDF)
    assert [doors.receipts()[0].office, other.receipts()[0].office] == ["poststelle", "bauamt"]
