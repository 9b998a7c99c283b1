"""One mail to several offices: each of them has it, and none learns who else got it."""

import smtplib
from pathlib import Path

import pytest

from services.mail_intake.service import SERVICE
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.session import MAIL, connected
from tests.component.surroundings import Intakes
from tests.component.web import send

OFFICES = {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}
BOTH = ("bau@stadt.example", "kasse@stadt.example")


@pytest.fixture
def intakes(tmp_path: Path) -> Intakes:
    """Listeners that know the boxes of two offices."""
    return Intakes(tmp_path, mail_intake={"offices": OFFICES, "lmtp_port": 0})


def test_a_mail_to_two_offices_is_seen_by_both(tmp_path: Path) -> None:
    """By one transaction: both find it, see their own receipt of it and not the other's."""
    hall = CityHall(tmp_path, mail_intake={"offices": OFFICES})
    told = hall.deliver(a_mail("Abwasserbescheid"), ", ".join(BOTH))
    hall.work()
    for office, own in zip(("bauamt", "kasse"), told["receipts"], strict=True):
        machine = hall.key("search", offices=(office,))
        assert [hit["document"] for hit in machine.get(f"{API}/search?q=Abwasserbescheid").json()["items"]]
        seen = machine.get(f"{API}/documents/{told['document']}")
        assert [(one["receipt"], one["office"]) for one in seen.json()["receipts"]] == [(own, office)]
    assert hall.key("search", offices=("poststelle",)).get(f"{API}/documents/{told['document']}").status_code == 404
    hall.close()


def test_smtp_names_a_receipt_for_each_office(intakes: Intakes) -> None:
    """The reply names all of them, an occurrence holds only its own recipients, and an event tells of each."""
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        for box in (*BOTH, "BAU@stadt.example"):
            client.rcpt(box)
        code, text = client.data(MAIL)
    listener.stop()
    receipts = {receipt.office: receipt for receipt in intakes.receipts()}
    assert (code, text.decode()) == (
        250,
        f"2.0.0 Accepted {receipts['bauamt'].receipt} {receipts['kasse'].receipt}",
    )
    assert {receipt.document for receipt in receipts.values()} == {receipts["kasse"].document}
    kept = {office: receipt.envelope.recipients for office, receipt in receipts.items() if receipt.envelope}
    assert kept == {"bauamt": ("bau@stadt.example", "BAU@stadt.example"), "kasse": ("kasse@stadt.example",)}


def test_a_reply_stays_within_its_line(tmp_path: Path) -> None:
    """Thirty offices: a reply has at most 512 octets (RFC 5321 §4.5.3.1.5), and names as many as it may."""
    boxes = {f"a{number}@stadt.example": f"amt{number}" for number in range(30)}
    intakes = Intakes(tmp_path, mail_intake={"offices": boxes})
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        for box in boxes:
            client.rcpt(box)
        code, text = client.data(MAIL)
    listener.stop()
    assert code == 250
    assert 400 < len(f"250 {text.decode()}\r\n") <= 512
    assert len(intakes.receipts()) == 30


def test_lmtp_tells_each_recipient_its_own(intakes: Intakes) -> None:
    """In the order of RCPT, with the receipt of the office that the box belongs to."""
    assert SERVICE.listeners
    [_, lmtp] = SERVICE.listeners(intakes.contexts["mail_intake"])
    lmtp.start()
    with smtplib.LMTP("127.0.0.1", lmtp.port) as client:  # type: ignore[attr-defined]  # both are listeners of mail
        client.ehlo()
        client.mail("a@example.org")
        for box in ("kasse@stadt.example", *BOTH):
            client.rcpt(box)
        replies = [client.data(MAIL), client.getreply(), client.getreply()]
    lmtp.stop()
    numbers = {receipt.office: receipt.receipt for receipt in intakes.receipts()}
    expected = [f"2.0.0 Accepted {numbers[office]}".encode() for office in ("kasse", "bauamt", "kasse")]
    assert replies == [(250, text) for text in expected]


def test_a_repeat_under_the_same_key_gets_the_same_receipts(intakes: Intakes) -> None:
    """Also where the recipients come in another order; other content under the key is refused."""
    first, second = (
        send(
            intakes,
            "POST",
            "/mails",
            content=MAIL,
            content_type="message/rfc822",
            idempotency_key="k-1",
            rcpt_to=", ".join(boxes),
        ).json()
        for boxes in (BOTH, BOTH[::-1])
    )
    assert first["receipts"] == second["receipts"][::-1]
    assert len(intakes.receipts()) == 2
    other = send(
        intakes,
        "POST",
        "/mails",
        content=MAIL + b"x",
        content_type="message/rfc822",
        idempotency_key="k-1",
        rcpt_to=", ".join(BOTH),
    )
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_store_that_ends_in_between_refuses_the_mail(intakes: Intakes) -> None:
    """What the second office did not get is not accepted: the sender brings it again, and then both have it."""
    listener = intakes.open_smtp()
    create, calls = intakes.store.create, []

    def once(*told: object) -> bool:
        calls.append(told)
        intakes.store.away = len(calls) > 3  # original, pointer and receipt of the first
        return create(*told)  # type: ignore[arg-type]

    intakes.store.create = once  # type: ignore[method-assign, assignment]
    with connected(listener) as client:
        codes = []
        for _ in range(2):
            client.mail("a@example.org")
            for box in BOTH:
                client.rcpt(box)
            codes.append(client.data(MAIL)[0])
            intakes.store.create, intakes.store.away = create, False  # type: ignore[method-assign]
    listener.stop()
    assert codes == [451, 250]
    assert {receipt.office for receipt in intakes.receipts()} == {"bauamt", "kasse"}
