"""Mailboxes that must not be captured: by every way in nothing of their mail is kept, and it is counted."""

import smtplib
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.core.bookkeeping import uncaptured_marks
from services.core.keys import Bucket
from services.core.model import record
from services.ledger.books.balancing import balance_of
from services.mail_intake.service import SERVICE
from tests.component.city_hall import API, CityHall
from tests.component.journal import BOX, ORIGINAL, report
from tests.component.journal import settings as journal_settings
from tests.component.session import MAIL, connected, deliver
from tests.component.surroundings import Intakes
from tests.component.web import send

COUNCIL, DOCTOR, BUILDING = "Personalrat@stadt.example", "arzt@stadt.example", "bau@stadt.example"
EXCLUDED = ("personalrat@stadt.example", "Arzt@Stadt.example")
OFFICES = {BUILDING: "bauamt"}


def intakes_that(folder: Path, answer: str = "discard", **more: Any) -> Intakes:
    """Listeners that capture nothing for the council and the doctor."""
    mail = {"excluded": EXCLUDED, "excluded_answer": answer, "offices": OFFICES, "lmtp_port": 0}
    return Intakes(folder, mail_intake=mail | more)


def counted(how: str) -> float:
    """The figure of /metrics."""
    return REGISTRY.get_sample_value("poststelle_mail_not_captured_total", {"how": how}) or 0.0


def everything(intakes: Intakes) -> list[tuple[str, str]]:
    """All that lies in the store but the marks that only count."""
    return [
        (bucket.name, key)
        for bucket in Bucket
        for key in intakes.store.keys(bucket, "main/")
        if not key.startswith("main/uncaptured/")
    ]


def test_refused_before_a_byte_of_it_is_sent(tmp_path: Path) -> None:
    """550 to RCPT, in any case of letters; the other recipients of the same mail are taken."""
    intakes, before = intakes_that(tmp_path, "refuse"), counted("refused")
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        assert [client.rcpt(box)[0] for box in (COUNCIL, BUILDING, DOCTOR)] == [550, 250, 550]
        assert client.data(MAIL)[0] == 250
    listener.stop()
    [receipt] = intakes.receipts()
    assert receipt.envelope
    assert receipt.envelope.recipients == (BUILDING,)
    assert counted("refused") == before + 2


def test_taken_and_let_go(tmp_path: Path) -> None:
    """Accepted without a receipt: nothing lies in the store or on the disk, and a mark counts it."""
    intakes, before = intakes_that(tmp_path), counted("taken")
    listener = intakes.open_smtp()
    mail = MAIL + b"x" * 3_000_000 + b"\r\n"
    assert deliver(listener, mail, COUNCIL, DOCTOR) == (250, "2.0.0 Accepted and not captured")
    listener.stop()
    assert everything(intakes) == []
    assert intakes.left_lying() == []
    assert counted("taken") == before + 1
    assert len(list(intakes.store.keys(Bucket.RECORDS, "main/uncaptured/"))) == 1


def test_for_a_normal_box_it_is_captured_without_the_other(tmp_path: Path) -> None:
    """By SMTP and LMTP, where each recipient is answered by itself; nothing stored names the excluded box."""
    intakes = intakes_that(tmp_path)
    assert SERVICE.listeners
    smtp, lmtp = SERVICE.listeners(intakes.contexts["mail_intake"])
    for each in (smtp, lmtp):
        each.start()
    code, text = deliver(smtp, MAIL, COUNCIL, BUILDING)  # type: ignore[arg-type]  # it is one of mail
    with smtplib.LMTP("127.0.0.1", lmtp.port) as client:  # type: ignore[attr-defined]  # so is this
        client.ehlo()
        client.mail("a@example.org")
        for box in (COUNCIL, BUILDING):
            client.rcpt(box)
        first, second = client.data(MAIL), client.getreply()
    for each in (smtp, lmtp):
        each.stop()
    numbers = {receipt.receipt for receipt in intakes.receipts()}
    assert (code, first) == (250, (250, b"2.0.0 Accepted and not captured"))
    assert {text.split()[-1], second[1].decode().split()[-1]} == numbers
    for bucket, key in everything(intakes):
        assert b"personalrat" not in intakes.store.read(Bucket[bucket], key).lower()


@pytest.mark.parametrize(
    ("to", "mail"),
    [
        (COUNCIL, MAIL),
        (f"{COUNCIL}, {DOCTOR}", MAIL),
        ("", b"To: Rat <personalrat@stadt.example>\r\nCc: fremd@example.org\r\n" + MAIL),
        (BOX, report(f"Bcc: {COUNCIL}")),
        (BOX, report(f"Bcc: anna@stadt.example, Expanded: {COUNCIL}", "To: fremd@example.org")),
        (BOX, report("To: fremd@example.org", sender=COUNCIL)),
        (BOX, report(f"Bcc: {COUNCIL}", f"To: {BUILDING}", end=b"")),
    ],
    ids=["envelope", "two", "headers", "journal", "list", "sent", "broken"],
)
def test_by_http_it_is_refused(tmp_path: Path, to: str, mail: bytes) -> None:
    """Also what an import delivers without an envelope and what a journal report names; nothing is kept."""
    journal = journal_settings(OFFICES, ("scanner-1",)) | {"domains": ("stadt.example",)}
    intakes, before = intakes_that(tmp_path, "refuse", **journal), counted("refused")
    answer = send(intakes, "POST", "/mails", content=mail, content_type="message/rfc822", rcpt_to=to)
    assert answer.status_code == 422
    assert answer.json()["code"] in {"recipient_excluded", "report_broken"}
    assert [key for _, key in everything(intakes) if "/configuration/" not in key] == []
    assert counted("refused") == before + (answer.json()["code"] == "recipient_excluded")


def test_a_journal_report_is_accepted_and_let_go(tmp_path: Path) -> None:
    """Refused it would only come again; for the normal boxes it is captured, without the lines that name the other."""
    journal = journal_settings(OFFICES, ("smtp-127.0.0.1",)) | {"domains": ("stadt.example",)}
    intakes = intakes_that(tmp_path, "refuse", **journal)
    listener = intakes.open_smtp()
    assert deliver(listener, report(f"Bcc: {COUNCIL}"), BOX) == (250, "2.0.0 Accepted and not captured")
    assert everything(intakes) == []
    assert deliver(listener, report(f"Bcc: {COUNCIL}", f"To: {BUILDING}"), BOX)[0] == 250
    listener.stop()
    [receipt] = intakes.receipts()
    assert receipt.office == "bauamt"
    assert intakes.original(receipt.document) == ORIGINAL
    for bucket, key in everything(intakes):
        assert b"personalrat" not in intakes.store.read(Bucket[bucket], key).lower()


def test_the_balance_tells_how_many(tmp_path: Path) -> None:
    """Of today, on the page and to programs; they stand in no line, for they have no receipts."""
    hall = CityHall(tmp_path, mail_intake={"excluded": EXCLUDED})
    now = hall.ports.clock.now()
    for name in "ab":
        hall.ports.blobs.create(Bucket.RECORDS, uncaptured_marks("main", now) + name, b"-")
    made = balance_of(hall.contexts["ledger"], now.date())
    assert (made.uncaptured, made.lines, made.balances) == (2, (), True)
    administrator = hall.key("administer", all_offices=True)
    assert administrator.get(f"{API}/balances/{now:%Y-%m-%d}").json()["uncaptured"] == 2
    hall.close()


def test_a_mail_whose_headers_name_another_box_too_is_captured(tmp_path: Path) -> None:
    """Without an envelope, as an import brings it."""
    hall = CityHall(tmp_path, mail_intake={"excluded": EXCLUDED, "domains": ("stadt.example",)})
    told = hall.deliver(b"To: personalrat@stadt.example, bau@stadt.example\r\n" + MAIL, "")
    assert record.load(hall.ports.blobs, "main", told["document"]).receipts
    hall.close()
