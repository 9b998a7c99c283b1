"""`POST /scans` and `PUT /scans/{filename}`."""

import pytest

from tests.component.surroundings import Intakes
from tests.component.web import send

PDF = b"%PDF-1.7\n..."


def test_a_scan_is_stored_acknowledged_and_told(intakes: Intakes) -> None:
    """202; name and type are kept, the bytes are the document, the key's owner is the source."""
    answer = send(
        intakes, "POST", "/scans", content=PDF, content_disposition='attachment; filename="Brief vom 3.pdf"',
        content_type="application/pdf",
    )  # fmt: skip
    [receipt] = intakes.receipts()
    assert answer.status_code == 202
    assert answer.json()["receipt"] == receipt.receipt
    assert (receipt.name, receipt.media_type) == ("Brief vom 3.pdf", "application/pdf")
    assert (receipt.channel, receipt.source) == ("scan", "scanner-1")
    assert intakes.original(receipt.document) == PDF
    assert [facts.receipt for facts in intakes.log.received] == [receipt.receipt]


def test_each_call_is_a_delivery_of_its_own(intakes: Intakes) -> None:
    """The same bytes under two names: one document, two receipts, two events."""
    first = send(intakes, "PUT", "/scans/a.pdf", content=PDF).json()
    second = send(intakes, "PUT", "/scans/b.pdf", content=PDF).json()
    assert first["document"] == second["document"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert {receipt.name for receipt in intakes.receipts()} == {"a.pdf", "b.pdf"}
    assert len(intakes.log.received) == 2


def test_what_curl_sends_is_recognised_by_its_first_bytes(intakes: Intakes) -> None:
    """No content type, or that of a form which it is not: the content decides."""
    send(intakes, "PUT", "/scans/x", content=PDF)
    send(intakes, "POST", "/scans", content=b"II*\x00...", content_type="application/x-www-form-urlencoded")
    assert {receipt.media_type for receipt in intakes.receipts()} == {"application/pdf", "image/tiff"}


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
def test_a_hostile_name_is_only_shown(intakes: Intakes, path: str, kept: str) -> None:
    """Whatever a name says, the scan is kept under its id, and the name is made harmless."""
    answer = send(intakes, "PUT", "/scans/" + path.replace("..", "%2E%2E", 1), content=PDF)
    [receipt] = intakes.receipts()
    assert answer.status_code == 202
    assert receipt.name == kept


def test_large_scans_are_streamed(intakes: Intakes) -> None:
    """Pieces of any size, of unknown length."""
    pieces = [b"x" * 70_001] * 4
    assert send(intakes, "POST", "/scans", content=pieces).status_code == 202
    [receipt] = intakes.receipts()
    assert intakes.original(receipt.document) == b"".join(pieces)
    assert receipt.size_bytes == 280_004


def test_a_scan_over_the_limit_is_refused(intakes: Intakes) -> None:
    """413, nothing kept."""
    assert send(intakes, "POST", "/scans", content=[b"x" * 70_001] * 5).status_code == 413
    assert not intakes.receipts()
    assert not intakes.left_lying()


def test_an_empty_scan_is_refused(intakes: Intakes) -> None:
    """400 empty."""
    assert send(intakes, "PUT", "/scans/a.pdf").json()["code"] == "empty"


def test_a_form_is_not_a_scan(intakes: Intakes) -> None:
    """415: the file would be hidden inside the form."""
    assert (
        send(intakes, "POST", "/scans", content=b"x", content_type="multipart/form-data; boundary=b").status_code == 415
    )


def test_a_reused_key_is_refused_and_a_repeated_one_answered(intakes: Intakes) -> None:
    """The same key and bytes: the same receipt; other bytes: 422."""
    first = send(intakes, "POST", "/scans", content=PDF, idempotency_key="1").json()
    assert send(intakes, "POST", "/scans", content=PDF, idempotency_key="1").json()["receipt"] == first["receipt"]
    assert send(intakes, "POST", "/scans", content=b"other", idempotency_key="1").json()["code"] == "key_reused"


@pytest.mark.parametrize("word", ["originals", "receipts/", "arrivals/"])
def test_a_store_that_fails_on_the_way_accepts_nothing(intakes: Intakes, word: str) -> None:
    """Wherever it breaks off, the answer is 503 and no event tells of it; the repeat is accepted."""
    assert intakes.token
    intakes.store.fails_at = word if word != "originals" else "main/d"
    answer = send(intakes, "POST", "/scans", content=PDF, idempotency_key="1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert not intakes.log.received
    intakes.store.fails_at = ""
    assert send(intakes, "POST", "/scans", content=PDF, idempotency_key="1").status_code == 202
    assert len(intakes.receipts()) == 1


def test_the_scanner_tells_the_office(intakes: Intakes) -> None:
    """A source with an office brings its post there, others to the mail room."""
    settings = intakes.settings.scan_intake.model_copy(update={"offices": {"scanner-1": "bauamt"}})
    other = type(intakes)(intakes.settings.storage.folder / "other", scan_intake=settings.model_dump())
    send(intakes, "PUT", "/scans/a", content=PDF)
    send(other, "PUT", "/scans/a", content=PDF)
    assert [intakes.receipts()[0].office, other.receipts()[0].office] == ["poststelle", "bauamt"]
