"""A relay that is spoken to by SMTP (RFC 5321), with STARTTLS or TLS from the beginning."""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from services.adapters.telling import warn
from services.core.ports.mail_relay import Outcome

_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8})")
_REFUSED_FOR_GOOD = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """Where the relay is, and how it is spoken to."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    domains: tuple[str, ...]
    """Of the recipients, in lower case."""
    timeout_s: float
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


class SmtpMailRelay:
    """A connection for each mail: there are few, and none waits for another."""

    def __init__(self, relay: Relay, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._relay = relay
        self._now = now

    def may_have(self, recipient: str) -> bool:
        """One address at one of the domains."""
        found = _ADDRESS.fullmatch(recipient.lower())
        return found is not None and found["domain"] in self._relay.domains

    def send(self, recipient: str, subject: str, text: str, message_id: str) -> Outcome:
        """As the port says; what went wrong is told in the log by its kind, never in the relay's words."""
        if not self.may_have(recipient):
            return "refused"
        content = self._mail(recipient, subject, text, message_id).as_bytes(policy=SMTP)
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            warn("mail_relay", "mail_relay_away", kind=type(error).__name__)
            return "away"
        outcome = _handed_over(connection, self._relay.sender, recipient, content)
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()
        return outcome

    def _connected(self) -> smtplib.SMTP:
        """Signed in where there is a user; a certificate that is not trusted ends it before anything is sent."""
        relay = self._relay
        trusted = ssl.create_default_context(cafile=str(relay.ca_file) if relay.ca_file else None)
        connection = (
            smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout_s, context=trusted)
            if relay.security == "tls"
            else smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout_s)
        )
        try:
            if relay.security == "starttls":
                connection.starttls(context=trusted)
            if relay.user:
                connection.login(relay.user, relay.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _mail(self, recipient: str, subject: str, text: str, message_id: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._relay.sender, recipient, subject
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{message_id}@{self._relay.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notice answers it
        mail.set_content(text)
        return mail


def _handed_over(connection: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Outcome:
    try:
        connection.ehlo_or_helo_if_needed()
        for code, _ in (connection.mail(sender), connection.rcpt(recipient)):
            if code >= _REFUSED_FOR_GOOD:
                return "refused"
            if code >= 300:  # noqa: PLR2004 - neither 250 nor 251: later, perhaps (RFC 5321 §4.2.1)
                return "away"
    except (OSError, smtplib.SMTPException):
        return "away"
    try:
        code, _ = connection.data(content)
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except (OSError, smtplib.SMTPException):
        return "unknown"
    if code >= _REFUSED_FOR_GOOD:
        return "refused"
    return "sent" if code < 300 else "away"  # noqa: PLR2004 - as above
