"""A journal report of the demo, as Exchange writes it: around the mail stands who got it, by blind copy too."""

from email import message_from_bytes

from services.cli.demo.folder import JOURNAL_MAILBOX
from services.cli.demo.letters import TOWN

BLIND = f"umweltamt@{TOWN}"
"""Who got it by blind copy; no header of the mail says so."""
_BOUNDARY = "=_journal"


def report(original: bytes, *, sender: str, to: str, subject: str) -> bytes:
    """The report of this mail."""
    named = message_from_bytes(original)["Message-ID"]
    lines = (f"Sender: {sender}", f"Subject: {subject}", f"Message-Id: {named}", f"To: {to}", f"Bcc: {BLIND}")
    head = (
        f"From: <MicrosoftExchange@{TOWN}>\r\nTo: <{JOURNAL_MAILBOX}>\r\nSubject: Journalbericht\r\n"
        "X-MS-Journal-Report: \r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{_BOUNDARY}"\r\n\r\n--{_BOUNDARY}\r\n'
        'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    )
    text = "\r\n".join(lines)
    middle = f"{text}\r\n\r\n--{_BOUNDARY}\r\nContent-Type: message/rfc822\r\n\r\n"
    return (head + middle).encode() + original + f"\r\n--{_BOUNDARY}--\r\n".encode()
