"""The SMTP listener under bad input and in a bad world: who is refused, how, and what is left behind."""

import smtplib
import time
from pathlib import Path

import pytest

from services.mail_intake.listener import SmtpListener
from tests.component.session import MAIL, connected, deliver, soon
from tests.component.surroundings import Intakes


def test_a_mail_without_content_is_refused(intakes: Intakes, smtp: SmtpListener) -> None:
    """Nothing at all is no mail: 554, and nothing is kept."""
    with connected(smtp) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        client.docmd("DATA")
        client.send(b".\r\n")
        assert client.getreply() == (554, b"5.6.0 The delivery is empty.")
    assert not intakes.receipts()


def test_an_announced_size_above_the_limit_is_refused_at_once(smtp: SmtpListener) -> None:
    """SIZE is announced, and a mail that announces more is refused before it is sent (RFC 1870)."""
    with connected(smtp) as client:
        assert client.esmtp_features["size"] == "100000"
        assert client.mail("a@example.org", ["size=100001"])[1].startswith(b"5.3.4 ")
        assert client.mail("a@example.org", ["size=100000"])[0] == 250


def test_a_mail_over_the_limit_is_refused_and_the_session_goes_on(intakes: Intakes, smtp: SmtpListener) -> None:
    """552 after the last byte, nothing kept, the next mail is taken."""
    with connected(smtp) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        code, text = client.data(b"X: y\r\n\r\n" + b"x" * 400_000)
        assert (code, text.split()[0]) == (552, b"5.3.4")
        client.sendmail("a@example.org", ["post@stadt.example"], MAIL)
    assert len(intakes.receipts()) == 1
    assert not intakes.left_lying()


def test_strangers_are_turned_away(tmp_path: Path) -> None:
    """A peer outside the networks hears 554 before it can say anything."""
    listener = Intakes(tmp_path, mail_intake={"networks": ["192.0.2.0/24"]}).open_smtp()
    with pytest.raises(smtplib.SMTPConnectError, match=r"5\.7\.1"):
        smtplib.SMTP("127.0.0.1", listener.port, timeout=60)
    listener.stop()


def test_only_our_recipients_are_accepted(tmp_path: Path) -> None:
    """Other domains get 550, our own in any case and the bare postmaster 250."""
    listener = Intakes(tmp_path, mail_intake={"domains": ["stadt.example", "müller.example"]}).open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        assert client.rcpt("x@elsewhere.example") == (550, b"5.1.1 This recipient is not ours.")
        assert client.docmd("DATA")[0] == 503
        for ours in ("x@STADT.example", "Postmaster", "x@xn--mller-kva.example"):
            assert client.rcpt(ours)[0] == 250
    listener.stop()


def test_a_store_that_is_away_or_full_accepts_nothing(intakes: Intakes, smtp: SmtpListener) -> None:
    """451 and 452: the sender keeps the mail, nothing half-stored counts, and later it is taken."""
    intakes.store.away = True
    assert deliver(smtp)[:1] == (451,)
    intakes.store.away, intakes.store.full = False, True
    assert deliver(smtp)[:1] == (452,)
    intakes.store.full, intakes.store.fails_at = False, "receipts/"
    assert deliver(smtp)[:1] == (451,)
    assert not intakes.receipts()
    intakes.store.fails_at = ""
    assert deliver(smtp)[0] == 250
    assert len(intakes.receipts()) == 1
    assert soon(lambda: len(intakes.log.received) == 1)


def test_a_fault_of_ours_leaves_the_mail_with_the_sender(intakes: Intakes, smtp: SmtpListener) -> None:
    """A bug answers 451 and says nothing of itself."""
    intakes.store.broken = True
    assert deliver(smtp) == (451, "4.3.0 A fault of the program; it was recorded.")


def test_mail_is_accepted_while_the_log_is_away(intakes: Intakes, smtp: SmtpListener) -> None:
    """Receipts are given, events are left to the sweeper, and the dead log is not asked for each mail."""
    intakes.log.away, intakes.log.asked = True, 0
    with connected(smtp) as client:
        for number in range(20):
            client.sendmail("a@example.org", ["post@stadt.example"], b"Subject: %d\r\n\r\nx\r\n" % number)
            time.sleep(0.005)
    assert len(intakes.receipts()) == 20
    assert not intakes.log.received
    assert intakes.log.asked < 5


def test_the_byte_budget_is_claimed_before_data(intakes: Intakes, smtp: SmtpListener) -> None:
    """Two mails of unknown size fill the budget: the third hears 452 before it sends, and 250 when there is room."""
    with connected(smtp) as first, connected(smtp) as second, connected(smtp) as third:
        for client in (first, second, third):
            client.mail("a@example.org")
            client.rcpt("post@stadt.example")
        assert first.docmd("DATA")[0] == second.docmd("DATA")[0] == 354
        code, text = third.docmd("DATA")
        assert (code, text.split()[0]) == (452, b"4.3.1")
        first.send(b"x\r\n.\r\n")
        assert first.getreply()[0] == 250
        second.close()
        third.sendmail("a@example.org", ["post@stadt.example"], MAIL)
    assert soon(lambda: intakes.contexts["mail_intake"].under_way.size_bytes == 0)


def test_a_sender_that_breaks_off_leaves_nothing(intakes: Intakes, smtp: SmtpListener) -> None:
    """Half a mail is no mail: no receipt, no file, no claim on the budget."""
    client = smtplib.SMTP("127.0.0.1", smtp.port, timeout=60)
    client.ehlo()
    client.mail("a@example.org")
    client.rcpt("post@stadt.example")
    client.docmd("DATA")
    client.send(b"x" * 60_000)
    client.close()
    assert soon(lambda: intakes.contexts["mail_intake"].under_way.size_bytes == 0)
    assert not intakes.receipts()
    assert not intakes.left_lying()


def test_a_silent_sender_is_not_waited_for(tmp_path: Path) -> None:
    """In the middle of a mail as well as before it."""
    intakes = Intakes(tmp_path, mail_intake={"timeout": 1})
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        client.docmd("DATA")
        client.send(b"begun, not ended")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.getreply()
    listener.stop()
    assert not intakes.receipts()


def test_a_slow_sender_is_waited_for_while_it_sends(tmp_path: Path) -> None:
    """The silence between two pieces counts, not the time of the whole mail."""
    intakes = Intakes(tmp_path, mail_intake={"timeout": 2})
    listener = intakes.open_smtp()
    with connected(listener) as client:
        client.mail("a@example.org")
        client.rcpt("post@stadt.example")
        client.docmd("DATA")
        for _ in range(9):
            client.send(b"a piece\r\n")
            time.sleep(0.25)
        client.send(b".\r\n")
        assert client.getreply()[0] == 250
    listener.stop()


def test_connections_are_limited(tmp_path: Path) -> None:
    """One more than the setting hears 421; when one leaves, the next is welcome."""
    listener = Intakes(tmp_path, mail_intake={"connections": 2}).open_smtp()
    with connected(listener), connected(listener), pytest.raises(smtplib.SMTPConnectError, match="421"):
        smtplib.SMTP("127.0.0.1", listener.port, timeout=60)
    with connected(listener) as client:
        assert client.noop()[0] == 250
    listener.stop()
