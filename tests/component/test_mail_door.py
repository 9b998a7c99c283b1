"""The SMTP listener, spoken to by Python's own client: what it takes in, and how it closes."""

import logging
import socket
import threading
from pathlib import Path

import pytest

from services.core.errors import Misconfigured
from services.mail_intake.listener import SmtpListener
from tests.component.session import MAIL, connected, deliver, soon
from tests.component.surroundings import Intakes


def test_a_mail_is_stored_acknowledged_and_told(intakes: Intakes, smtp: SmtpListener) -> None:
    """The answer names the receipt, every byte, the envelope and the header block are kept, an event follows."""
    code, text = deliver(smtp, MAIL, "Bauamt@stadt.example", "x@stadt.example")
    [receipt] = intakes.receipts()
    assert (code, text) == (250, f"2.0.0 Accepted {receipt.receipt}")
    assert intakes.original(receipt.document) == MAIL
    assert receipt.envelope
    assert receipt.envelope.mail_from == "a@example.org"
    assert receipt.envelope.recipients == ("Bauamt@stadt.example", "x@stadt.example")
    assert receipt.envelope.header_block == b"Subject: Antrag\r\nMessage-ID: <1@example.org>"
    assert (receipt.channel, receipt.source, receipt.media_type) == ("mail", "smtp-127.0.0.1", "message/rfc822")
    assert soon(lambda: [facts.receipt for facts in intakes.log.received] == [receipt.receipt])


@pytest.mark.parametrize(
    "mail",
    [
        b".\r\n",
        b"..\r\n.x\r\n...\r\n",
        b"a\r\n\r\n.\r\n\r\nb\r\n",
        b"\r\n",
        b"X: y\r\n\r\nNUL \x00 and bytes \xff\xfe\r\n",
        b"X: y\r\n\r\n" + b"l" * 70_000 + b"\r\n",
        b"X: y\r\n\r\nbare\nfeeds\n.\nand\rreturns\r.\r\r\n",
        b"X: " + b"h" * 90_000 + b"\r\n\r\nlong head\r\n",
        b"X: y\r\n\r\n" + b"line.\r\n" * 10_000,
    ],
    ids=["dot", "dots", "lonely dot", "empty line", "bytes", "long line", "bare ends", "long head", "many lines"],
)
def test_real_mail_is_kept_as_it_is(intakes: Intakes, smtp: SmtpListener, mail: bytes) -> None:
    """Dots, long lines, bare line ends, NUL and a long header block arrive byte for byte."""
    with connected(smtp) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        assert client.docmd("DATA")[0] == 354
        client.send((b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        assert client.getreply()[0] == 250
    [receipt] = intakes.receipts()
    assert intakes.original(receipt.document) == mail


def test_a_feed_before_a_dot_ends_nothing(intakes: Intakes, smtp: SmtpListener) -> None:
    """No second mail can be smuggled in behind a bare LF, dot, LF."""
    hidden = b"X: y\r\n\r\nhello\n.\nMAIL FROM:<evil@example.org>\nRCPT TO:<a@b>\nDATA\n\nsecond\r\n"
    assert deliver(smtp, hidden)[0] == 250
    with connected(smtp) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        client.docmd("DATA")
        client.send(b"X: z\n\nfirst\n.\nDATA\n\nsecond\n.\r\n.\r\n")
        assert client.getreply()[0] == 250
    assert len(intakes.receipts()) == 2


def test_the_null_sender_is_kept_as_empty(intakes: Intakes, smtp: SmtpListener) -> None:
    """Reports of other mail systems come without a sender (RFC 5321 §4.5.5)."""
    assert deliver(smtp, sender="")[0] == 250
    [receipt] = intakes.receipts()
    assert receipt.envelope
    assert not receipt.envelope.mail_from


def test_an_address_in_any_bytes_is_kept_readable(intakes: Intakes, smtp: SmtpListener) -> None:
    """UTF-8 addresses (SMTPUTF8) are kept, other bytes are replaced, and the receipt stays readable."""
    with connected(smtp) as client:
        assert client.has_extn("smtputf8")
        client.send("MAIL FROM:<jörg@example.org> SMTPUTF8\r\n".encode())
        assert client.getreply()[0] == 250
        client.send("RCPT TO:<jörg@stadt.example>\r\n".encode("latin-1"))
        assert client.getreply()[0] == 250
        assert client.data(MAIL)[0] == 250
    [receipt] = intakes.receipts()
    assert receipt.envelope
    assert receipt.envelope.mail_from == "jörg@example.org"
    assert receipt.envelope.recipients == ("j\ufffdrg@stadt.example",)


def test_two_identical_mails_are_one_document_with_two_receipts(intakes: Intakes, smtp: SmtpListener) -> None:
    """Every occurrence is kept, the document is one."""
    assert {deliver(smtp)[0], deliver(smtp)[0]} == {250}
    first, second = intakes.receipts()
    assert first.document == second.document
    assert first.receipt != second.receipt


def test_the_mailbox_tells_the_office(tmp_path: Path) -> None:
    """Each box brings the mail to its office; others belong to the mail room."""
    intakes = Intakes(tmp_path, mail_intake={"offices": {"bau@stadt.example": "bauamt"}})
    listener = intakes.open_smtp()
    deliver(listener, MAIL, "Bau@Stadt.example")
    deliver(listener, MAIL, "x@stadt.example")
    listener.stop()
    assert sorted(receipt.office for receipt in intakes.receipts()) == ["bauamt", "poststelle"]


def test_many_mails_are_stored_at_the_same_time(intakes: Intakes, smtp: SmtpListener) -> None:
    """Eight mails that wait for each other inside the store are all accepted."""
    intakes.store.meeting = threading.Barrier(8)

    def send(number: int) -> None:
        with connected(smtp) as client:
            client.sendmail("a@example.org", ["post@stadt.example"], b"Subject: %d\r\n\r\nx\r\n" % number)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(intakes.receipts()) == 8


def test_a_stop_finishes_the_mail_in_hand(intakes: Intakes, smtp: SmtpListener) -> None:
    """No new connection, idle ones are told goodbye, the mail under way gets its answer."""
    with connected(smtp) as idle, connected(smtp) as busy:
        busy.mail("a@example.org")
        busy.rcpt("post@stadt.example")
        busy.docmd("DATA")
        stopping = threading.Thread(target=smtp.stop)
        stopping.start()
        assert idle.getreply()[0] == 421
        busy.send(b"the last one\r\n.\r\n")
        assert busy.getreply()[0] == 250
        assert busy.getreply()[0] == 421
        stopping.join(60)
        assert not stopping.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", smtp.port), timeout=1)
    assert len(intakes.receipts()) == len(intakes.log.received) == 1


def test_a_taken_port_is_named_at_start(tmp_path: Path, smtp: SmtpListener) -> None:
    """The operator hears which setting is wrong; the process does not start."""
    second = Intakes(tmp_path / "second", mail_intake={"port": smtp.port})
    with pytest.raises(Misconfigured, match=r"mail_intake\.port"):
        second.open_smtp()


def test_nothing_personal_is_logged(intakes: Intakes, smtp: SmtpListener, caplog: pytest.LogCaptureFixture) -> None:
    """Neither we nor the library write an address or a line of the mail."""
    caplog.set_level(logging.DEBUG)
    intakes.store.broken = True
    deliver(smtp, b"Subject: Geheimnis\r\n\r\nx", "jemand@stadt.example", sender="mensch@example.org")
    for word in ("Geheimnis", "jemand", "mensch"):
        assert word not in caplog.text
