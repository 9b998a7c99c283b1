"""STARTTLS and AUTH of the SMTP listener, spoken to by Python's client and by openssl."""

import os
import shutil
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.core.errors import Misconfigured
from services.core.keys import Bucket
from services.mail_intake import policy
from services.mail_intake.listener import SmtpListener
from tests.component.session import MAIL, connected
from tests.component.surroundings import Intakes


@contextmanager
def opened(folder: Path, **mail: Any) -> Iterator[tuple[Intakes, SmtpListener]]:
    """A listener that offers TLS."""
    intakes = Intakes(folder, mail_intake={"tls": "offered"} | mail)
    intakes.configuration.refresh("accounts")
    listener = intakes.open_smtp()
    try:
        yield intakes, listener
    finally:
        listener.stop()


def context_for(folder: Path) -> ssl.SSLContext:
    """Trusts the listener's own certificate, and nobody else's."""
    context = ssl.create_default_context(cafile=str(folder / "smtp-tls" / "certificate.pem"))
    context.check_hostname = False
    return context


def test_a_mail_over_tls(tmp_path: Path) -> None:
    """With the certificate of the first start, which is verified; it is its owner's and the same at the next start."""
    with opened(tmp_path) as (intakes, listener):
        with connected(listener) as client:
            assert client.has_extn("starttls")
            assert client.starttls(context=context_for(tmp_path))[0] == 220
            client.ehlo()
            assert not client.has_extn("starttls")
            assert client.sock.version() in {"TLSv1.2", "TLSv1.3"}  # type: ignore[union-attr]  # connected, and TLS
            client.sendmail("a@example.org", ["post@stadt.example"], MAIL + b"x" * 90_000)
        [receipt] = intakes.receipts()
        assert receipt.source == "smtp-127.0.0.1"
    made = sorted((tmp_path / "smtp-tls").iterdir())
    before = [(path.name, path.stat().st_mode & 0o777, path.read_bytes()) for path in made]
    assert [mode for _, mode, _ in before] == [0o600, 0o600]
    with opened(tmp_path):
        assert [(path.name, path.stat().st_mode & 0o777, path.read_bytes()) for path in made] == before


def test_openssl_speaks_to_it(tmp_path: Path) -> None:
    """`openssl s_client -starttls smtp` verifies the certificate and has its commands answered."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is part of every system that runs the tests"
    with opened(tmp_path) as (_, listener):
        ca = str(tmp_path / "smtp-tls" / "certificate.pem")
        asked = [openssl, "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{listener.port}", "-CAfile", ca]
        told = subprocess.run(
            [*asked, "-crlf", "-quiet", "-verify_return_error", "-ign_eof"],
            input=b"EHLO x\nQUIT\n",
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert b"250-SIZE" in told.stdout, told.stderr
    assert b"221 " in told.stdout


def test_required_means_nothing_before_it(tmp_path: Path) -> None:
    """530 to every command of a mail; behind the handshake it is taken."""
    with opened(tmp_path, tls="required") as (intakes, listener):
        with connected(listener) as client:
            assert client.mail("a@example.org")[0] == 530
            client.starttls(context=context_for(tmp_path))
            client.sendmail("a@example.org", ["post@stadt.example"], MAIL)
        assert len(intakes.receipts()) == 1


@pytest.mark.parametrize("tls", ["offered", "required"])
def test_what_is_injected_before_the_handshake_is_refused(tmp_path: Path, tls: str) -> None:
    """A stranger on the line puts commands behind STARTTLS: the connection ends, and they are not heard behind TLS."""
    with opened(tmp_path, tls=tls) as (intakes, listener):
        with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as plain:
            lines = plain.makefile("rb")
            said = [lines.readline()]
            plain.sendall(b"EHLO x\r\n")
            while said[-1] and not said[-1].startswith(b"250 "):
                said.append(lines.readline())
            assert said[-1], said
            plain.sendall(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<post@stadt.example>\r\n")
            assert lines.readline().startswith(b"501 5.5.1")
            assert lines.read() == b""
        assert intakes.receipts() == []


def test_behind_the_handshake_everything_begins_anew(tmp_path: Path) -> None:
    """What was said before TLS does not count behind it (RFC 3207 §4.2): neither EHLO nor the sender."""
    with opened(tmp_path) as (_, listener), connected(listener) as client:
        client.mail("evil@example.org")
        client.starttls(context=context_for(tmp_path))
        assert client.rcpt("post@stadt.example")[0] == 503


def test_no_handshake_ends_the_connection_alone(tmp_path: Path) -> None:
    """Who speaks no TLS behind STARTTLS is put out, and the next one is served."""
    with opened(tmp_path) as (intakes, listener):
        with connected(listener) as client:
            client.docmd("STARTTLS")
            client.send(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.getreply()
        with connected(listener) as client:
            client.sendmail("a@example.org", ["post@stadt.example"], MAIL)
        assert len(intakes.receipts()) == 1


def test_a_changed_certificate_is_taken_without_a_start(tmp_path: Path) -> None:
    """As a renewal does it; one that is broken leaves the old one in force."""
    with opened(tmp_path / "one") as (_, one):
        other = tmp_path / "two"
        with opened(other):
            pass
        own = tmp_path / "one" / "smtp-tls"
        for name in ("certificate.pem", "key.pem"):
            (own / name).write_bytes((other / "smtp-tls" / name).read_bytes())
            os.utime(own / name, ns=(1, 1))
        with connected(one) as client:
            client.starttls(context=context_for(other))
        (own / "key.pem").write_bytes(b"kaputt")
        with connected(one) as client:
            client.starttls(context=context_for(other))


def test_a_sending_system_signs_in(tmp_path: Path) -> None:
    """By its key, behind TLS alone; the receipt names its source. Wrong keys and readers' are refused."""
    with opened(tmp_path, auth="required") as (intakes, listener):
        token, reader = intakes.token, intakes.reader_token
        with connected(listener) as client:
            assert not client.has_extn("auth")
            assert client.docmd("AUTH", "PLAIN AAAA")[0] == 538
            client.starttls(context=context_for(tmp_path))
            client.ehlo()
            assert client.mail("a@example.org")[0] == 530
            for wrong in (token + "x", reader, "psk_", ""):
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    client.login("scanner-1", wrong)
            client.login("scanner-1", token)
            client.sendmail("a@example.org", ["post@stadt.example"], MAIL)
        [receipt] = intakes.receipts()
        assert receipt.source == "scanner-1"
        assert not any(token in key for key in intakes.store.keys(Bucket.RECORDS, "main/"))


@pytest.mark.parametrize("tls", ["off", "offered"])
def test_what_is_off_is_not_spoken(tmp_path: Path, tls: str) -> None:
    """Neither is offered, and whoever asks hears that."""
    with opened(tmp_path, tls=tls) as (_, listener), connected(listener) as client:
        if tls == "off":
            assert not client.has_extn("starttls")
            assert client.docmd("STARTTLS")[0] == 454
        else:
            client.starttls(context=context_for(tmp_path))
            client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AAAA")[0] == 502


@pytest.mark.parametrize(
    "mail",
    [
        {"tls": "off", "auth": "offered"},
        {"tls": "offered", "tls_certificate": "/nowhere/c.pem", "tls_key": "/nowhere/k.pem"},
        {"tls": "offered", "tls_certificate": "/nowhere/c.pem"},
    ],
    ids=["auth alone", "no file", "no key"],
)
def test_wrong_settings_are_named_at_start(tmp_path: Path, mail: dict[str, Any]) -> None:
    """The process does not start."""
    with pytest.raises(Misconfigured, match=r"mail_intake\."), opened(tmp_path, **mail):
        pass


def test_one_peer_has_its_share_of_connections(tmp_path: Path) -> None:
    """The third of one address is told to come later."""
    with (
        opened(tmp_path, connections_per_peer=2) as (_, listener),
        connected(listener),
        connected(listener),
        socket.create_connection(("127.0.0.1", listener.port), timeout=60) as third,
    ):
        assert third.recv(100).startswith(b"421 ")


def test_one_sender_has_its_share_of_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it 452: the sender keeps the mail."""
    monkeypatch.setattr(policy, "_MINUTE", 1e12)  # none ends while we look
    with opened(tmp_path, mails_per_minute=3) as (_, listener), connected(listener) as client:
        codes = []
        for _ in range(5):
            codes.append(client.mail("a@example.org")[0])
            client.rset()
        assert codes == [250, 250, 250, 452, 452]
