"""Which listener a foreign file goes through, and what other readers say of it."""

import zipfile
from pathlib import Path

import pytest

from tests.corpus import references
from tests.corpus.post import letters
from tests.ports import files

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


def test_the_words_of_an_office_file_are_those_a_reader_sees(tmp_path: Path) -> None:
    """A word may be cut into runs; a text box in a line and the reading above a Japanese word are words beside it."""
    box = "<w:r><w:txbxContent><w:p><w:r><w:t>Gebühr</w:t></w:r></w:p></w:txbxContent></w:r>"
    line = f"<w:p><w:r><w:t>Besch</w:t></w:r><w:r><w:t>eid</w:t></w:r>{box}<w:r><w:t>liegt</w:t></w:r></w:p>"
    text = "<s:si><s:t>株式会社</s:t><s:rPh><s:t>カブシキ</s:t></s:rPh><s:rPh><s:t>カイシャ</s:t></s:rPh></s:si>"
    for name, member, content in (
        ("a.docx", "word/document.xml", f'<w:body xmlns:w="urn:w">{line}</w:body>'),
        ("a.xlsx", "xl/sharedStrings.xml", f'<s:sst xmlns:s="urn:s">{text}</s:sst>'),
    ):
        (tmp_path / name).write_bytes(files.archive({member: content.encode()}))
    assert references.office_words(tmp_path / "a.docx") == {"bescheid", "gebühr", "liegt"}
    assert references.office_words(tmp_path / "a.xlsx") == {"株式会社", "カブシキ", "カイシャ"}


def test_a_pdf_is_asked_only_for_words_that_stand_on_its_pages(tmp_path: Path) -> None:
    """What PDFium takes for Chinese because a table says so is no word of a poster."""
    (tmp_path / "a.pdf").write_bytes(files.pdf("Stadtfest am Rathaus"))
    (tmp_path / "b.pdf").write_bytes(files.swapped_pdf("Stadtfest am Rathaus"))
    assert references.pdf_words(tmp_path / "a.pdf") == {"stadtfest", "rathaus"}
    assert references.pdf_words(tmp_path / "b.pdf") == set()


def test_an_invoice_is_known_by_its_number(tmp_path: Path) -> None:
    """UBL and CII say it in different places; a document type is not followed."""
    ubl = '<Invoice xmlns:c="urn:c"><c:ID>R-1</c:ID><c:Line><c:ID>2</c:ID></c:Line></Invoice>'
    cii = '<r xmlns:r="urn:r"><r:ExchangedDocument><r:ID>R-2</r:ID></r:ExchangedDocument></r>'
    for name, text in (("a.xml", ubl), ("b.xml", cii), ("c.xml", f"<!DOCTYPE x>{ubl}")):
        (tmp_path / name).write_text(text)
    numbers = [references.invoice_number(tmp_path / name) for name in ("a.xml", "b.xml", "c.xml")]
    assert numbers == ["R-1", "R-2", ""]
