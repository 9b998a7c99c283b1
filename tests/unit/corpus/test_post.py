"""Which door a foreign file goes through, and what other readers say of it."""

import zipfile
from pathlib import Path

import pytest

from tests.corpus import references
from tests.corpus.post import letters

MAIL = b"From: a@example.org\nSubject: =?utf-8?q?Stra=C3=9Fe?=\n\nText\n"


@pytest.mark.parametrize(
    ("name", "content", "mail"),
    [
        ("ohne-endung", MAIL, True),
        ("a.txt", b"From a@example.org Mon Nov 23 09:00:00 2026\n" + MAIL, True),
        ("kaputt.eml", b"nichts", True),
        ("viele.mbox", b"From a@example.org Mon Nov 23 09:00:00 2026\n" + MAIL, False),
        ("brief.txt", b"Sehr geehrte Damen und Herren,\n", False),
        ("seite.pdf", b"%PDF-1.7\n", False),
    ],
)
def test_what_begins_like_a_mail_goes_through_the_mail_door(
    tmp_path: Path, name: str, content: bytes, *, mail: bool
) -> None:
    """Decided by the content; only a folder of mails is no mail, and what is called one is."""
    (tmp_path / name).write_bytes(content)
    (letter,) = letters(tmp_path, ())
    assert (letter.name, letter.is_mail) == (name, mail)


def test_a_mail_is_sent_with_the_line_ends_of_the_wire(tmp_path: Path) -> None:
    """RFC 5321 §2.3.8, whatever the file has; other files keep their bytes."""
    (tmp_path / "a.eml").write_bytes(b"A: b\nC: d\r\n\rx")
    (tmp_path / "b.txt").write_bytes(b"a\nb")
    assert [letter.as_sent() for letter in letters(tmp_path, ())] == [b"A: b\r\nC: d\r\n\r\nx", b"a\nb"]


def test_the_references_read_subjects_attachments_and_members(tmp_path: Path) -> None:
    """They know nothing of our own readers."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/", "")
        archive.writestr("a/b.txt", "x")
    mixed = b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nText\n--x\nContent-Type: image/png\n\nx\n--x--\n'
    assert references.subject(MAIL) == "Straße"
    assert (references.attachments(MAIL), references.attachments(mixed)) == (0, 1)
    assert references.members(tmp_path / "a.zip") == 1
    assert references.words("Die Straßen-Ord\xad\nnung, ﬁnal") == {"strassen", "ordnung", "final"}


def test_an_invoice_is_known_by_its_number(tmp_path: Path) -> None:
    """UBL and CII say it in different places; a document type is not followed."""
    ubl = '<Invoice xmlns:c="urn:c"><c:ID>R-1</c:ID><c:Line><c:ID>2</c:ID></c:Line></Invoice>'
    cii = '<r xmlns:r="urn:r"><r:ExchangedDocument><r:ID>R-2</r:ID></r:ExchangedDocument></r>'
    for name, text in (("a.xml", ubl), ("b.xml", cii), ("c.xml", f"<!DOCTYPE x>{ubl}")):
        (tmp_path / name).write_text(text)
    numbers = [references.invoice_number(tmp_path / name) for name in ("a.xml", "b.xml", "c.xml")]
    assert numbers == ["R-1", "R-2", ""]
