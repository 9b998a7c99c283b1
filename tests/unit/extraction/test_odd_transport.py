"""What programs do to a mail on its way that no standard allows: it is read as a person would have meant it."""

import base64
import binascii
import time
from datetime import UTC, datetime

import pytest

from services.extraction.mail.charsets import decoded, tidy
from services.extraction.mail.decoding import enclosed, transfer
from services.extraction.mail.decoding.dates import date_of
from services.extraction.mail.entities import display_name
from services.extraction.mail.headers import parameters
from services.extraction.mail.tree import Mail, MailLimits, open_mail

NINE = datetime(2026, 11, 27, 9, tzinfo=UTC)
HEAD = b"From: a@b.example\r\nSubject: Hecke\r\nDate: Fri, 27 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
PARTS = (
    b"--TRENNUNG\r\nContent-Type: text/plain\r\n\r\nDie Hecke\r\n"
    b"--TRENNUNG\r\nContent-Type: text/csv; name=a.csv\r\n\r\nx;1\r\n--TRENNUNG--\r\n"
)


def opened(content: bytes) -> Mail:
    """The mail, opened."""
    return open_mail(content, 0, len(content), limits=MailLimits(depth=20, parts=2000))


@pytest.mark.parametrize(
    "written",
    [
        "27.11.2026, 10:00:00 +0100",
        "2026-11-27T10:00:00+01:00",
        "2026-11-27 09:00:00Z",
        "Freitag, 27. November 2026 10:00:00 +0100",
        "Fri Nov 27 10:00:00 MEZ 2026",
        "Fri, 27 Nov 2026 10:00:00 +01:00",
        "Fri, 27 Nov 2026 10:00:00 GMT+1",
        "Fri, 27 Nov 2026 10:00:00 GMT+0100 (CET)",
        "Fri, 27 Nov 2026 10:00:00 (MEZ)",
        "Fri, 27 Nov 2026 10:00:00.123 +0100",
        "Fri, 27 Nov 2026 10.00.00 +0100",
        "Fri, 27 Nov 2026 (Freitag) 10:00 AM +0100",
        'Fri, 27 Nov 2026 10:00:00 "CET"',
        "Fri, 27 Nov 126 10:00:00 +0100",
        "Fri, 27 Nov 2026 10:00:00 Europe/Berlin",
        "Fri, 27 Nov 2026 10:00:00 W. Europe Standard Time",
        "Fri, 27 Nov 2026 11:00:00 EET",
    ],
)
def test_a_date_is_read_as_programs_write_it(written: str) -> None:
    """RFC 5322 allows none of these."""
    assert date_of(written) == NINE


@pytest.mark.parametrize(
    ("written", "month"),
    [("Di, 1 Dez 2026 9:00:00 +0000", 12), ("Mi, 1 Mai 2026 9:00:00 +0000", 5), ("Mo, 1 Mrz 2026 9:00:00 +0000", 3)],
)
def test_german_months_are_known(written: str, month: int) -> None:
    """Also where they differ from the English ones."""
    assert date_of(written) == datetime(2026, month, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Fri, 27 Nov 2026 10:24:00 +0100", datetime(2026, 11, 27, 9, 24, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 10:24:00 MEZ", datetime(2026, 11, 27, 9, 24, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 00:24 +0100", datetime(2026, 11, 26, 23, 24, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 24:00:00 +0100", datetime(2026, 11, 27, 23, tzinfo=UTC)),
        ("27 Nov 2026 10:00:24 -0530 (EST)", datetime(2026, 11, 27, 15, 30, 24, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_day_is_no_minute(written: str, read: datetime) -> None:
    """24:00 ends a day; the 24th minute of an hour ends none."""
    assert date_of(written) == read


@pytest.mark.parametrize("written", ["", "gestern", "32.13.2026 10:00", "9" * 200, "Fri, 27 Nov 2026 10:00 Nix/Da"])
def test_what_is_no_date_is_none(written: str) -> None:
    """And nothing fails."""
    assert date_of(written) is None


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("windows-31j", "cp932", "申請書"),
        ("x-gbk", "gbk", "申请书"),
        ("windows-874", "cp874", "คำขอ"),
        ("iso-8859-8-i", "iso-8859-8", "בקשה"),
        ("x-mac-roman", "mac-roman", "Größe"),
        ("'utf-8'", "utf-8", "Größe"),
        ("windows1252", "cp1252", "„Größe“"),
    ],
)
def test_charsets_are_known_by_the_names_that_programs_give_them(charset: str, codec: str, text: str) -> None:
    """Python knows each by another name, or not so wide."""
    assert decoded(text.encode(codec), charset) == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_letters_of_two_bytes_are_seen(codec: str) -> None:
    """Whatever charset is named: no text of one byte a letter is full of zeros."""
    assert decoded("Die Größe der Straße".encode(codec), "utf-8") == "Die Größe der Straße"


def test_a_letter_with_its_dots_apart_is_one() -> None:
    """As Macs write file names and text; else nobody finds it."""
    assert tidy("Bu\u0308ro") == "Büro"
    assert display_name("Bu\u0308ro.pdf") == "Büro.pdf"


@pytest.mark.parametrize(
    ("encoding", "raw", "content"),
    [
        ("quoted-printable", b"Heck= \r\nenschnitt", b"Heckenschnitt"),
        ("quoted-printable", b"Heck=\renschnitt", b"Heckenschnitt"),
        ("base64", b"Sehr geehrte Frau Ulm, die Hecke ist hoch.", b"Sehr geehrte Frau Ulm, die Hecke ist hoch."),
        ("base64", base64.urlsafe_b64encode("ÿÿ??>>~~".encode()), "ÿÿ??>>~~".encode()),
    ],
)
def test_a_spoiled_encoding_gives_the_text(encoding: str, raw: bytes, content: bytes) -> None:
    """Blanks that a gateway hung on, the line ends of a Mac, an encoding that was named and not applied."""
    assert transfer.undone(raw, encoding) == content


@pytest.mark.parametrize(
    "letter", ["Die Größe der Hecke. " * 9, "Die Größe der Hecken. " * 9, "Die Hecke ist sehr hoch"]
)
@pytest.mark.parametrize("footer", ["_" * 44 + "\r\nRundbrief der Gärtner\r\n", "\r\n-- \r\nGeprüft von Wächter 3.1"])
def test_words_behind_encoded_ones_are_read(letter: str, footer: str) -> None:
    """A list server hung them on in clear; padded, not padded, in one line."""
    raw = base64.encodebytes(letter.encode()) + footer.encode()
    assert transfer.undone(raw, "base64").decode().split() == (letter + "\n" + footer).split()


def test_words_behind_an_encoded_file_do_not_spoil_it() -> None:
    """Nor is anything lost of a text that was encoded in several pieces, or in lines with stray signs."""
    content = b"%PDF-1.4 " + bytes(range(1, 250)) * 9
    found = transfer.undone(base64.encodebytes(content) + b"Von Hand gepr\xfcft\r\n", "base64")
    assert found.startswith(content)
    pieces = [base64.encodebytes(text) for text in (b"Die Hecke ist hoch. ", b"Der Zaun ist neu und steht im Garten. ")]
    assert (
        transfer.undone(b"\r\n".join(pieces), "base64") == b"Die Hecke ist hoch. Der Zaun ist neu und steht im Garten. "
    )
    assert transfer.undone(b"RGll IEhl\r\n!Y2tl", "base64") == b"Die Hecke"


@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        (b"Content-Transfer-Encoding: quoted printable\r\n", b"Gr=C3=B6=C3=9Fe"),
        (b"Content-Transfer-Encoding: X-Base64\r\n", b"R3LDtsOfZQ=="),
        (b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n", b"R3LDtsOfZQ=="),
        (b"Content-Transfer-Encoding: base64 (MIME)\r\n", b"R3LDtsOfZQ=="),
    ],
)
def test_an_encoding_is_known_by_the_names_that_programs_give_it(fields: bytes, raw: bytes) -> None:
    """And by the field that says something, where a gateway wrote a second one."""
    assert opened(HEAD + b"Content-Type: text/plain; charset=utf-8\r\n" + fields + b"\r\n" + raw).text == "Größe"


def test_a_file_in_the_text_is_a_part() -> None:
    """As programs wrote them before MIME; the text around it stays."""
    content = b"%PDF-1.4 " + bytes(range(200))
    lines = b"".join(binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45))
    mail = opened(HEAD + b"\r\nvorher\r\nbegin 644 plan.pdf\r\n" + lines + b"`\r\nend\r\nnachher\r\n")
    assert [(leaf.entity.name, leaf.entity.content()) for leaf in mail.leaves] == [("plan.pdf", content)]
    assert mail.text.split() == ["vorher", "nachher"]


@pytest.mark.parametrize("behind", [b"", b"\r\nMit Gru\xc3\x9f\r\n", b"M too short\r\n"])
def test_a_file_whose_end_was_cut_off_is_a_part(behind: bytes) -> None:
    """What came of it is read; words behind it stay words."""
    content = b"%PDF-1.4 " + bytes(range(200))
    lines = b"".join(binascii.b2a_uu(content[place : place + 45]) for place in range(0, len(content), 45))
    mail = opened(HEAD + b"\r\nvorher\r\nbegin 644 plan.pdf\r\n" + lines + behind)
    assert [(leaf.entity.name, leaf.entity.content()) for leaf in mail.leaves] == [("plan.pdf", content)]
    assert mail.text.encode().split() == [b"vorher", *behind.split()]


def test_a_news_file_in_the_text_is_a_part() -> None:
    """In yEnc, whose letters are bytes."""
    content = bytes(range(256))
    packed = b"".join(
        b"=" + bytes([(byte + 106) % 256]) if (byte + 42) % 256 in {0, 10, 13, 61} else bytes([(byte + 42) % 256])
        for byte in content
    )
    text = b"vorher\r\n=ybegin line=999 size=256 name=a.bin\r\n" + packed + b"\r\n=yend size=256\r\n"
    assert enclosed.taken_out(text) == (b"vorher\r\n", [enclosed.Enclosed(b"a.bin", content)])


@pytest.mark.parametrize("text", [b"begin 644 of the story\r\nnothing\r\nend\r\n", b"begin 644 x\r\nnie zu Ende"])
def test_a_line_that_only_looks_like_a_file_stays_text(text: bytes) -> None:
    """Nothing is taken out of a letter."""
    assert enclosed.taken_out(text) == (text, [])


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=TRENNUNG\r\n",
        b'Content-Type: "multipart/mixed"; boundary=TRENNUNG\r\n',
        b"Content-Type: multipart; boundary=TRENNUNG\r\n",
        b"Content-Type: text/plain; boundary=TRENNUNG\r\n",
        b"Content-Type: multipart/mixed; boundary='TRENNUNG'\r\n",
        b"",
    ],
)
def test_a_multipart_is_seen_by_its_parts(fields: bytes) -> None:
    """Whatever its header says of it."""
    mail = opened(HEAD + fields + b"\r\n" + PARTS)
    assert (mail.text, [leaf.entity.name for leaf in mail.leaves]) == ("Die Hecke", ["a.csv"])


def test_parts_go_on_behind_an_end_that_came_too_early() -> None:
    """Two multiparts inside each other with one boundary, and a program that ended the outer before its last part."""
    inner = b"Content-Type: multipart/alternative; boundary=T\r\n\r\n--T\r\n\r\nDie Hecke\r\n--T--\r\n"
    whole = b"Content-Type: multipart/mixed; boundary=T\r\n\r\n--T\r\n" + inner + b"--T\r\n\r\nDer Zaun\r\n--T--\r\n"
    assert opened(HEAD + whole).text == "Die Hecke\n\nDer Zaun"
    early = b"Content-Type: multipart/mixed; boundary=T\r\n\r\n--T\r\n\r\nDie Hecke\r\n--T--\r\n--T\r\n\r\nDer Zaun\r\n"
    assert opened(HEAD + early + b"--T--\r\nNachsatz").text == "Die Hecke\n\nDer Zaun"


@pytest.mark.parametrize(
    "mail",
    [
        b"\r\n\r\n" + HEAD + b"\r\nText",
        b"\xef\xbb\xbf" + HEAD + b"\r\nText",
        (HEAD + b"\r\nText").replace(b"\r\n", b"\r"),
        (HEAD + b"\r\nText").replace(b"\r\n", b"\r\r\n"),
    ],
)
def test_a_header_is_found_behind_what_stands_before_it(mail: bytes) -> None:
    """Blank lines, a byte order mark, and other line ends."""
    found = opened(mail)
    assert (found.head.subject, found.head.sent_at, found.text) == ("Hecke", NINE, "Text")


def test_a_text_that_begins_with_a_blank_line_is_no_header() -> None:
    """Also where its first words look like one."""
    assert opened(HEAD + b"\r\n\r\nSubject: nur zitiert\r\n").text == "Subject: nur zitiert"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('filename="Plan 3.pdf"', "Plan 3.pdf"),
        ("attachment; filename='Plan 4.pdf'", "Plan 4.pdf"),
        ('attachment; filename="B%C3%BCro%20Plan.pdf"', "Büro Plan.pdf"),
        ('attachment; filename="100% Recht.pdf"', "100% Recht.pdf"),
    ],
)
def test_names_are_those_that_people_gave(field: str, name: str) -> None:
    """Without a disposition, in the wrong quotes, or as part of an address."""
    assert display_name(parameters(field)["filename"]) == name


def test_words_cut_by_a_program_that_flows_text_are_whole() -> None:
    """The blank at the end only marks that the line goes on (RFC 3676 §4.1)."""
    mail = opened(HEAD + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nHecken \r\nschnitt")
    assert mail.text == "Heckenschnitt"


def test_a_page_that_is_called_text_is_shown_as_one() -> None:
    """Nobody wants to read its tags."""
    mail = opened(HEAD + b"Content-Type: text/plain\r\n\r\n<html><style>p {}</style><p>Gr&ouml;&szlig;e</p></html>")
    assert mail.text == "Größe"


def test_text_with_commands_loses_them() -> None:
    """RFC 1896."""
    mail = opened(HEAD + b"Content-Type: text/enriched\r\n\r\n<bold>Hecke</bold> <<sauber")
    assert (mail.text, [leaf.entity.text for leaf in mail.leaves]) == ("", ["Hecke <sauber"])


@pytest.mark.parametrize(
    "content",
    [b"begin 644 a\n" * 100_000, b"=ybegin name=a\n" * 100_000, b"= \r\n" * 200_000, b"\r" * 500_000],
    ids=["uu", "yenc", "qp", "cr"],
)
def test_absurd_input_costs_little(content: bytes) -> None:
    """Each is read in a moment."""
    began = time.process_time()
    for encoding in (b"7bit", b"quoted-printable"):
        opened(HEAD + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + content)
    assert time.process_time() - began < 10
