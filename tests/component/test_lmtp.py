"""The LMTP listener, for a mail server that hands over."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.core.errors import Misconfigured
from services.mail_intake.lmtp import LmtpListener
from services.mail_intake.service import SERVICE
from tests.component.session import MAIL
from tests.component.surroundings import Intakes

LIMITS = {"lmtp_port": 0, "max_size": 100_000, "byte_budget": 150_000}


@pytest.fixture
def intakes(tmp_path: Path) -> Intakes:
    """Both services, with LMTP and two domains of ours."""
    return Intakes(tmp_path, mail_intake=LIMITS | {"domains": ("stadt.example",)})


@pytest.fixture
def lmtp(intakes: Intakes) -> Iterator[LmtpListener]:
    """The LMTP listener of these listeners, open."""
    assert SERVICE.listeners
    [_, listener] = SERVICE.listeners(intakes.contexts["mail_intake"])
    assert isinstance(listener, LmtpListener)
    listener.start()
    yield listener
    listener.stop()


@contextmanager
def connected(listener: LmtpListener) -> Iterator[smtplib.LMTP]:
    """A session that has said LHLO."""
    with smtplib.LMTP("127.0.0.1", listener.port) as client:
        client.ehlo()
        yield client


def test_every_recipient_gets_a_reply(intakes: Intakes, lmtp: LmtpListener) -> None:
    """Two of ours hear of one receipt, in their order; the stranger was refused at RCPT and hears nothing more."""
    with connected(lmtp) as client:
        client.mail("a@example.org")
        codes = [client.rcpt(f"post@{domain}")[0] for domain in ("stadt.example", "elsewhere.example", "Stadt.Example")]
        assert codes == [250, 550, 250]
        replies = [client.data(MAIL), client.getreply()]
        assert client.noop()[0] == 250
    [receipt] = intakes.receipts()
    assert replies == [(250, f"2.0.0 Accepted {receipt.receipt}".encode())] * 2
    assert receipt.envelope
    assert receipt.envelope.recipients == ("post@stadt.example", "post@Stadt.Example")
    assert intakes.original(receipt.document) == MAIL


def test_a_refusal_at_the_end_is_told_to_each(intakes: Intakes, lmtp: LmtpListener) -> None:
    """A mail that is too large, or a store that is away: as many replies as recipients, and the session goes on."""
    with connected(lmtp) as client:
        for mail, away, code in ((b"x" * 120_000 + b"\r\n", False, 552), (MAIL, True, 451), (MAIL, False, 250)):
            intakes.store.away = away
            client.mail("a@example.org")
            for box in "ab":
                client.rcpt(f"{box}@stadt.example")
            assert [client.data(mail)[0], client.getreply()[0]] == [code, code]
    assert len(intakes.receipts()) == 1


def test_a_refusal_before_the_mail_is_one_reply(lmtp: LmtpListener) -> None:
    """Without recipients, or without room for the mail, DATA itself is refused, once."""
    with connected(lmtp) as first, connected(lmtp) as second:
        first.mail("a@example.org")
        assert first.docmd("DATA")[0] == 503
        for client in (first, second):
            client.rset()
            client.mail("a@example.org")
            client.rcpt("a@stadt.example")
            client.rcpt("b@stadt.example")
        assert first.docmd("DATA")[0] == 354
        assert second.docmd("DATA")[0] == 452
        assert second.noop()[0] == 250
        first.send(b"x\r\n.\r\n")
        assert [first.getreply()[0], first.getreply()[0]] == [250, 250]


def test_it_offers_what_lmtp_asks_for(lmtp: LmtpListener) -> None:
    """LHLO instead of EHLO, commands in one go, and an enhanced code in every reply."""
    with connected(lmtp) as client:
        assert client.has_extn("pipelining")
        assert client.has_extn("enhancedstatuscodes")
        assert client.has_extn("8bitmime")
        client.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<post@stadt.example>\r\nDATA\r\n")
        codes = [client.getreply() for _ in range(3)]
        assert [code for code, _ in codes] == [250, 250, 354]
        client.send(MAIL + b".\r\nEHLO x\r\nHELO x\r\nNOOP\r\n")
        codes += [client.getreply() for _ in range(4)]
        assert [code for code, _ in codes[3:]] == [250, 500, 500, 250]
        assert all(text[:4] in (b"2.0.", b"2.1.", b"5.5.") for code, text in codes if code != 354)


def test_lmtp_wants_its_own_greeting(lmtp: LmtpListener) -> None:
    """Whoever says nothing first is told what to say."""
    with smtplib.SMTP("127.0.0.1", lmtp.port) as client:
        code, text = client.docmd("DATA")
        assert (code, text) == (503, b"5.0.0 Error: send LHLO first")


def test_lmtp_is_spoken_only_where_it_has_a_port(tmp_path: Path, lmtp: LmtpListener) -> None:
    """Without the setting there is one listener; a port that is taken is named at start."""
    assert SERVICE.listeners
    assert len(SERVICE.listeners(Intakes(tmp_path / "without").contexts["mail_intake"])) == 1
    taken = Intakes(tmp_path / "taken", mail_intake={"lmtp_port": lmtp.port}).contexts["mail_intake"]
    with pytest.raises(Misconfigured, match=r"mail_intake\.lmtp_port"):
        SERVICE.listeners(taken)[1].start()
    assert str(lmtp) == f"Mail is taken in at 127.0.0.1, port {lmtp.port} (LMTP)."
