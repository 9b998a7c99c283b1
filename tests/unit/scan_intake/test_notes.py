"""Notes of ours are known again; nothing else is ever taken for one."""

from datetime import UTC, datetime

import pytest

from services.core.protocol.receiving import Accepted
from services.scan_intake.hot_folder import notes
from services.scan_intake.hot_folder.directory_access import Folder
from services.scan_intake.hot_folder.ingest import Delivery
from services.scan_intake.hot_folder.pairing import Pair
from services.scan_intake.intake import Submission

AT = datetime(2026, 11, 24, 7, 14, tzinfo=UTC)
DELIVERY = Delivery(source="foyer", ticket="0123abcd-0123456789abcdef", pair=Pair("a.pdf"), desk=Folder(-1))
REASON = notes.reason_note(DELIVERY, "digest_mismatch", at=AT).encode()


def test_a_note_is_known_again() -> None:
    """Also behind an editor that has put Windows' line ends into it."""
    accepted = Accepted.__new__(Accepted)
    object.__setattr__(accepted, "receipt", "PE-2026-AAAA-AAAA")
    object.__setattr__(accepted, "document", "d0")
    receipt = notes.receipt_note(DELIVERY, accepted, Submission(source="foyer", name="a.pdf"), at=AT).encode()
    assert notes.is_note("a.pdf.receipt.json", receipt)
    assert notes.is_note("a.pdf.reason.txt", REASON)
    assert notes.is_note("a.pdf.reason.txt", REASON.replace(b"\n", b"\r\n"))
    assert not notes.is_note("a.pdf.receipt.json", REASON)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Code: x",
        REASON + b"Bitte neu einscannen. Mit Gruss",
        b"Sehr geehrte Damen\n" + REASON,
        REASON + b"\n" * notes.MAX_BYTES,
        REASON[:-5],
    ],
)
def test_what_somebody_wrote_is_no_note(content: bytes) -> None:
    """Whatever the name says: a word more or less, and it is post."""
    assert not notes.is_note("a.pdf.reason.txt", content)
    assert not notes.is_note("a.pdf.receipt.json", content)


def test_a_letter_that_quotes_a_note_is_no_note() -> None:
    """Only the two names that we give are looked at."""
    assert not notes.is_note("a.pdf.txt", REASON)
