"""The vectors of docs/identity.md, recomputed: by the code, and where it is short by the words of the page."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.core.crockford import check_character, encode
from services.core.messages.envelope import NAMESPACE, event_id
from services.core.model.documents import BytesIdentity, MailIdentity, document_id, part_digest
from services.core.model.receipts import parse_receipt

PAGE = Path(__file__).resolve().parents[3] / "docs/identity.md"
DOCUMENTS, RECEIPTS, HEARD, EVENTS = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)


@pytest.mark.parametrize("vector", DOCUMENTS, ids=lambda vector: vector["says"])
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_documents_have_the_ids_of_the_page(vector: dict[str, Any], piece: int) -> None:
    """Digest and id are as documented, in pieces of any size."""
    identity = MailIdentity() if vector["kind"] == "mail" else BytesIdentity()
    content = vector["content"].encode()
    for start in range(0, len(content), piece):
        identity.update(content[start : start + piece])
    digest = identity.digest()
    assert digest == vector["digest"]
    found = document_id(vector["tenant"], identity.kind, digest, incarnation=vector["incarnation"])
    assert found == vector["document"]


@pytest.mark.parametrize("header_bytes", [262_100, 262_139, 262_140, 262_141, 262_144, 300_000, 700_000])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_long_header_blocks_give_one_id_in_pieces_of_any_size(header_bytes: int, line_end: bytes) -> None:
    """Whether it came in pieces of a network, of a disk or as a whole, the same bytes are the same document."""
    start = b"Subject: Antrag" + line_end + b"X-Long: "
    mail = start + b"x" * (header_bytes - len(start)) + line_end * 2 + b"Guten Tag" + line_end
    told = set()
    for piece in (997, 65_536, 262_144, 262_145, len(mail)):
        identity = MailIdentity()
        for place in range(0, len(mail), piece):
            identity.update(mail[place : place + piece])
        told.add((identity.digest(), identity.header_block))
    assert len(told) == 1
    whole = header_bytes + 2 * len(line_end) <= 262_144
    assert len(told.pop()[1]) == (header_bytes if whole else 262_144)


def test_the_digest_of_a_part_is_made_of_batch_and_pages() -> None:
    """As the page says: the batch's id, a line feed, and its pages with commas between."""
    batch = DOCUMENTS[0]["document"]
    assert part_digest(batch, (3, 4, 6)) == hashlib.sha256(f"{batch}\n3,4,6".encode()).hexdigest()
    assert part_digest(batch, (3, 4), (0, 90)) == hashlib.sha256(f"{batch}\n3,4@90".encode()).hexdigest()


def test_ids_follow_from_the_words_of_the_page() -> None:
    """Hashing the five lines by hand leads to the same id."""
    vector = DOCUMENTS[0]
    digest = hashlib.sha256(vector["content"].encode()).hexdigest()
    lines = f"poststelle\n{vector['tenant']}\nbytes-1\n{digest}\n{vector['incarnation']}"
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(lines.encode()).digest())[:130]
    digits = "".join("0123456789abcdefghjkmnpqrstvwxyz"[int(bits[n : n + 5], 2)] for n in range(0, 130, 5))
    assert f"d{digits}" == vector["document"]


def test_copies_of_a_mail_are_one_document() -> None:
    """The two copies on the page differ in bytes and have one id; everything else there is a document of its own."""
    mail, copy = DOCUMENTS[4:6]
    assert mail["content"] != copy["content"]
    assert mail["document"] == copy["document"]
    assert len({vector["document"] for vector in DOCUMENTS}) == len(DOCUMENTS) - 1


@pytest.mark.parametrize("vector", RECEIPTS, ids=lambda vector: vector["receipt"])
def test_receipts_have_the_check_character_of_the_page(vector: dict[str, Any]) -> None:
    """Day and number give the receipt, and the receipt is understood."""
    code = encode(vector["number"], 8)
    check = check_character(int(vector["day"]) * 2**40 + vector["number"])
    assert vector["receipt"] == f"PE-{vector['day']}-{code[:4]}-{code[4:]}-{check}"
    assert parse_receipt(vector["receipt"]) == vector["receipt"]


@pytest.mark.parametrize("vector", HEARD, ids=lambda vector: vector["typed"])
def test_receipts_are_understood_as_the_page_says(vector: dict[str, Any]) -> None:
    """What a person typed means this receipt, or none."""
    assert parse_receipt(vector["typed"]) == vector["means"]


@pytest.mark.parametrize("vector", EVENTS, ids=lambda vector: vector["says"])
def test_events_have_the_ids_of_the_page(vector: dict[str, Any]) -> None:
    """Cause, name and ordinal give the id, in the namespace that the page names."""
    assert event_id(vector["cause"], vector["name"], vector["ordinal"]) == vector["id"]
    assert str(NAMESPACE) in PAGE.read_text(encoding="utf-8")


def test_every_wrong_character_of_a_receipt_is_found() -> None:
    """Whichever one character of a receipt is misread as another, the check character tells."""
    receipt = RECEIPTS[2]["receipt"]
    for place in (index for index, character in enumerate(receipt) if character != "-" and index > 2):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if other != receipt[place]:
                assert parse_receipt(receipt[:place] + other + receipt[place + 1 :]) is None


@pytest.mark.parametrize("line_end", [b"\r", b"\r\r\n"])
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_mails_without_an_end_of_their_header_differ_by_their_letters(line_end: bytes, piece: int) -> None:
    """A program that ends lines in CR alone has no empty line: what it wrote counts, or the second letter were lost."""

    def digest(letter: bytes) -> str:
        identity = MailIdentity()
        content = line_end.join((b"From: a@b.example", b"Subject: Antrag", b"", letter))
        for start in range(0, len(content), piece):
            identity.update(content[start : start + piece])
        return identity.digest()

    assert digest(b"Die Hecke") == digest(b"Die Hecke") != digest(b"Der Zaun")
