"""Journal reports as Exchange writes them, made for the tests."""

from collections.abc import Sequence

BOX = "journal@stadt.example"
SOURCE = "gateway"
ORIGINAL = (
    b"From: Erika <erika@example.org>\r\nTo: liste@stadt.example\r\nSubject: Abwasserbescheid\r\n"
    b"Message-ID: <4711@example.org>\r\n\r\nGuten Tag, der Bescheid liegt bei.\r\n"
)


def report(
    *lines: str,
    original: bytes = ORIGINAL,
    subject: str = "Abwasserbescheid",
    sender: str = "erika@example.org",
    marked: bool = True,
    end: bytes = b"\r\n--grenze--\r\n",
) -> bytes:
    """A report of one mail; each line names a recipient."""
    text = "\r\n".join(
        (f"Sender: {sender}", f"Subject: {subject}", "Message-Id: <4711@example.org>", *(lines or ("To: a@b.example",)))
    )
    head = b"X-MS-Journal-Report: \r\n" if marked else b""
    return (
        b"From: <MicrosoftExchange@stadt.example>\r\nTo: <"
        + BOX.encode()
        + b">\r\nSubject: Bericht\r\n"
        + head
        + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="grenze"\r\n\r\n--grenze\r\n'
        + b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
        + text.encode()
        + b"\r\n\r\n--grenze\r\nContent-Type: message/rfc822\r\n\r\n"
        + original
        + end
    )


def settings(offices: dict[str, str], sources: Sequence[str] = (SOURCE,)) -> dict[str, object]:
    """Settings of a mail intake that believes the reports of these."""
    return {"offices": offices, "journal_mailboxes": (BOX,), "journal_sources": tuple(sources)}
