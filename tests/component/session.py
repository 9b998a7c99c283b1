"""Sessions with the SMTP listener, by Python's own client."""

import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.mail_intake.listener import SmtpListener

MAIL = b"Subject: Antrag\r\nMessage-ID: <1@example.org>\r\n\r\nGuten Tag\r\n"


@contextmanager
def connected(listener: SmtpListener) -> Iterator[smtplib.SMTP]:
    """A session that has said EHLO."""
    with smtplib.SMTP("127.0.0.1", listener.port, timeout=60) as client:
        client.ehlo()
        yield client


def deliver(
    listener: SmtpListener, mail: bytes = MAIL, *recipients: str, sender: str = "a@example.org"
) -> tuple[int, str]:
    """The answer to one mail; no SIZE is announced."""
    with connected(listener) as client:
        client.mail(sender)
        for recipient in recipients or ("post@stadt.example",):
            client.rcpt(recipient)
        code, text = client.data(mail)
        return code, text.decode()


def soon(holds: Callable[[], object]) -> bool:
    """Whether something comes true within a minute: the event follows the answer."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(holds())
