"""Header fields as programs write them, right and wrong."""

import pytest

from services.core.model.record_files import MailHead
from services.extraction.mail.entities import display_name, parse
from services.extraction.mail.headers import addresses, head_of, parameters, words


def head(text: str | bytes) -> MailHead:
    """The head of a mail with this header block."""
    content = (text.encode() if isinstance(text, str) else text) + b"\r\n\r\n"
    return head_of(parse(content, 0, len(content)).headers)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?B?S/ZsbiE=?=", "Grüße aus Köln!"),
        ("=?utf-8?b?R3LDvMOfZQ==?=\r\n =?utf-8?q?_aus?=", "Grüße aus"),
        ("=?utf-8?q?M=C3?= =?utf-8?q?=BCller?=", "Müller"),
        ("=?UTF-8*de?Q?Stra=C3=9Fe?=", "Straße"),
        ("=?windows-1252?q?100_=80?=", "100 €"),
        ("=?nonsense?q?abc?=", "abc"),
        ("=?utf-8?b?kaputt", "=?utf-8?b?kaputt"),
        ("Grüße roh", "Grüße roh"),
        ("gefaltet\r\n  weiter", "gefaltet weiter"),
        ("=?utf-8?q?M=C3=\r\n =BCllerstra=C3=9Fe?=", "Müllerstraße"),
        ("=?utf-8?q?M=C3=BCller\r\n\tstra=C3=9Fe_12?=", "Müllerstraße 12"),
        ("=?utf-8?q?M=C3=BCller wohnt\r\n hier?=", "Müller wohnt hier"),
        ("=?utf-8?b?TcO8bGxl\r\n cnN0cmHDn2U=?=", "Müllerstraße"),
        ("=?utf-8?b?" + "TcO8bGxlciB1bmQg" * 70 + "U29obg==?=", "Müller und " * 70 + "Sohn"),
    ],
)
def test_subjects_are_decoded(written: str, read: str) -> None:
    """Encoded words, also split, mislabelled, broken or missing, become the text that was meant."""
    assert head(f"Subject: {written}").subject == read


def test_raw_latin_bytes_are_read_as_windows_1252() -> None:
    """Headers in raw eight-bit Latin, which no standard allows, are common."""
    assert head(b"Subject: Gr\xfc\xdfe \x80").subject == "Grüße €"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("filename*=UTF-8''Stra%C3%9Fe.pdf", "Straße.pdf"),
        ("filename*0*=iso-8859-1'de'Stra%DF; filename*1=\"e.pdf\"", "Straße.pdf"),
        ("filename*0=Gro; filename*1*=iso-8859-1''%DFe%20Stra%DFe; filename*2=.pdf", "Große Straße.pdf"),
        ('filename="=?utf-8?q?Stra=C3=9Fe.pdf?="', "Straße.pdf"),
        ("filename=Plan A.pdf", "Plan A.pdf"),
        ('filename="a\\"b;c.pdf"', 'a"b;c.pdf'),
        ("filename=a.pdf; filename=b.pdf", "a.pdf"),
        ('filename="offen', "offen"),
    ],
)
def test_file_names_are_decoded(written: str, read: str) -> None:
    """RFC 2231, RFC 2047 where it does not belong, blanks without quotes: each gives the name."""
    assert parameters(f"attachment; {written}")["filename"] == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Briefe\\a.doc", "a.doc"),
        ("a\x00b\x1b[31m\u202e.pdf", "a b [31m.pdf"),
        ("x" * 300 + ".pdf", "x" * 255),
    ],
)
def test_file_names_can_be_shown(written: str, read: str) -> None:
    """Folders, control characters and direction marks go, and length is bounded."""
    assert display_name(written) == read


def test_addresses_are_split_and_decoded() -> None:
    """Commas in names do not split, groups are opened, empty ones vanish."""
    values = [
        '"Muster, Erika" <e@example.org>, =?utf-8?q?M=C3=BCller,_Jan?= <j@example.org>',
        "Amt: a@example.org, b@example.org;, undisclosed-recipients:;",
    ]
    assert addresses(values) == (
        '"Muster, Erika" <e@example.org>',
        "Müller, Jan <j@example.org>",
        "a@example.org",
        "b@example.org",
    )


def test_thousands_of_addresses_are_bounded() -> None:
    """A list of recipients is kept up to its limit."""
    assert len(addresses([", ".join(f"a{n}@b" for n in range(5000))])) == 2000


@pytest.mark.parametrize("date", ["", "gestern", "Mon, 99 Nov 2026 99:99:99", "Mon, 23 Nov 99999 09:00:00 +0100"])
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    """What cannot be read as a date is no date, and no fault."""
    assert head(f"Date: {date}").sent_at is None


def test_dates_are_kept_in_utc() -> None:
    """The time zone of the sender is taken out."""
    sent = head("Date: Mon, 23 Nov 2026 09:12:00 +0100").sent_at
    assert sent
    assert sent.isoformat() == "2026-11-23T08:12:00+00:00"


def test_threads_are_told_by_their_ids() -> None:
    """Message id, replies and references are kept without brackets; nonsense between them goes."""
    found = head("Message-ID: <a@b>\r\nIn-Reply-To: <c@d>\r\nReferences: <e@f> kaputt\r\n <c@d>")
    assert (found.message_id, found.in_reply_to, found.references) == ("a@b", ("c@d",), ("e@f", "c@d"))


@pytest.mark.parametrize(
    "block",
    ["Auto-Submitted: auto-replied", "Content-Type: multipart/report; report-type=x", "Precedence: auto_reply"],
)
def test_system_notices_are_known_by_their_headers(block: str) -> None:
    """Automatic replies (RFC 3834) and reports (RFC 6522) are marked."""
    assert head(block).automatic


@pytest.mark.parametrize("block", ["Auto-Submitted: no", "Precedence: bulk", "Subject: Abwesend"])
def test_other_mail_is_post(block: str) -> None:
    """Mass mail, and what only looks like a notice, is post."""
    assert not head(block).automatic


def test_words_without_encoding_are_left_alone() -> None:
    """A value without encoded words is returned as it is."""
    assert words("a = b?") == "a = b?"
