"""What mail programs write against the standard, and what a person means by it."""

import base64

import pytest

from services.extraction.mail.cards import text_of
from services.extraction.mail.charsets import decoded, decoded_html
from services.extraction.mail.entities import display_name, parse
from services.extraction.mail.html import read
from services.extraction.mail.signed import is_sealed
from services.extraction.mail.tree import Mail, MailLimits, open_mail


def opened(content: bytes) -> Mail:
    """The mail, opened."""
    return open_mail(content, 0, len(content), limits=MailLimits(depth=20, parts=200))


def alternative(plain: str, page: str) -> bytes:
    """A mail in two forms."""
    return (
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=q\r\n\r\n--q\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--q\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--q--\r\n"
    ).encode()


def test_a_false_byte_at_the_beginning_spoils_no_umlaut() -> None:
    """Text that is UTF-8 but for one byte is UTF-8, and the byte is read as Windows-1252."""
    assert decoded(b"\xa7 34 " + "Grünfläche, Straße".encode(), "utf-8") == "§ 34 Grünfläche, Straße"


def test_latin_text_stays_latin() -> None:
    """Umlauts in Windows-1252 are not taken for broken UTF-8."""
    assert decoded("Grünfläche für Fußgänger".encode("cp1252"), "utf-8") == "Grünfläche für Fußgänger"


@pytest.mark.parametrize(
    "meta",
    [b'<meta charset="koi8-r">', b"<META http-equiv='Content-Type' content='text/html; charset=koi8-r'>"],
    ids=["short", "http-equiv"],
)
def test_a_page_names_its_charset_itself(meta: bytes) -> None:
    """Where the mail names none, the page's own word counts."""
    assert "Справка" in decoded_html(meta + "Справка".encode("koi8-r"))


def test_the_mail_outranks_the_page_on_the_charset() -> None:
    """What the mail names counts before what the page says (WHATWG HTML §13.2.3.2)."""
    assert decoded_html(b"<meta charset=koi8-r>" + "Справка".encode("cp1251"), "windows-1251").endswith("Справка")


def test_a_quote_in_a_link_swallows_nothing() -> None:
    """A browser goes on behind the tag, and so do we."""
    assert read('<p>Frist: <a href=x" title="Termin">12. Mai</a></p><p>Mit Gruß</p>').text == "Frist: 12. Mai\nMit Gruß"


def test_a_pasted_jpeg_is_taken_out_of_the_page() -> None:
    """A picture as `data:` gives its bytes, also with blanks in its letters, and is no text."""
    picture = b"\xff\xd8\xff" + bytes(range(250))
    letters = base64.encodebytes(picture).decode()
    page = read(f'<td>oben<img alt="" src="DATA:image/jpeg;name=a.jpg;base64,{letters}">unten</td>')
    assert [found.content for found in page.pictures] == [picture]
    assert page.text.split() == ["oben", "unten"]


def test_an_alternative_with_other_words_is_read_as_well() -> None:
    """A long notice in plain text does not hide the letter, and the letter does not hide the notice."""
    text = opened(
        alternative("Diese Nachricht ist vertraulich. " * 12, "<p>Der Zaun am Spielplatz ist kaputt</p>")
    ).text
    assert "vertraulich" in text
    assert "Spielplatz" in text


def test_an_alternative_with_the_same_words_is_read_once() -> None:
    """What both say is found once."""
    plain = "Der Zaun am Spielplatz Birkenallee ist kaputt, bitte reparieren. " * 5
    assert opened(alternative(plain, f"<div>{plain}</div>")).text.count("Spielplatz") == 5


@pytest.mark.parametrize(
    "line", ["Kassenzeichen 4711.0815.33-7", "Neuer Termin: 4. Mai um 9.30 Uhr", "<b>abgelehnt</b>"]
)
def test_a_line_that_the_plain_alternative_leaves_out_is_read(line: str) -> None:
    """Programs that write the plain text of a page lose what stands in tables; the rest is read once."""
    said = "Der Zaun am Spielplatz Birkenallee ist kaputt, wir bitten um Nachricht. "
    page = "".join(f"<p>{said} Nummer{number}</p>" for number in range(60))
    plain = "\r\n".join(f"{said} Nummer{number}" for number in range(60))
    text = opened(alternative(plain, f"<table><tr><td>{line}</td></tr></table>{page}")).text
    assert text.count("Spielplatz") == 60
    assert text.splitlines()[-1] == line.removeprefix("<b>").removesuffix("</b>")


def test_the_dots_of_a_page_stand_on_their_letters() -> None:
    """As in all other text."""
    assert opened(b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bu\xcc\x88ro</p>").text == "Büro"


def test_base64_goes_on_behind_its_padding_more_than_once() -> None:
    """Three texts that each were encoded by themselves give all three."""
    letters = b"\r\n".join(base64.b64encode(text) for text in (b"eins, ", b"zwei, zwei, ", b"drei."))
    mail = b"Content-Transfer-Encoding: base64\r\n\r\n" + letters
    assert parse(mail, 0, len(mail)).content() == b"eins, zwei, zwei, drei."


def test_a_multipart_in_quoted_printable_is_unpacked() -> None:
    """A transfer encoding around a multipart is undone before its parts are looked for."""
    mail = (
        b'Content-Type: multipart/mixed; boundary="=_b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        b'--=3D_b\r\nContent-Type: application/pdf; name=3D"a.pdf"\r\n\r\n%PDF\r\n--=3D_b--\r\n'
    )
    assert [leaf.entity.name for leaf in opened(mail).leaves] == ["a.pdf"]


def test_a_multipart_without_a_semicolon_is_one() -> None:
    """The boundary is found behind a blank, too, and the letter is no source text."""
    mail = b'Content-Type: multipart/related boundary="z"\r\n\r\n--z\r\n\r\nGuten Tag\r\n--z--\r\n'
    assert opened(mail).text == "Guten Tag"


def test_a_card_is_unfolded_unescaped_and_decoded() -> None:
    """Names and notes of a visiting card are found as they were meant."""
    name = "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg"
    card = f"BEGIN:VCARD\r\n{name}\r\nNOTE:Zimmer 3\\, Alt\r\n bau\\nHof\r\n"
    text = text_of(card)
    assert "Müller;Jörg" in text
    assert "Zimmer 3, Altbau\nHof" in text


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Tue, 7 Jul 2026 10:30:00 MESZ", 8),
        ("7 Jul 2026 10:30:00 (CEST)", 8),
        ("Tue, 13 Jan 2026 10:30:00 mez", 9),
        ("=?utf-8?Q?Tue,_13_Jan_2026_10:30:00_+0100?=", 9),
    ],
)
def test_german_zones_are_known_in_dates(date: str, hour: int) -> None:
    """The moment is the one the writer's clock showed."""
    sent = opened(f"Date: {date}\r\n\r\nx".encode()).head.sent_at
    assert sent
    assert (sent.hour, sent.minute) == (hour, 30)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Antrag 2026/17.docx", "Antrag 2026/17.docx"),
        (r"\\server\akten\Vermerk.doc", "Vermerk.doc"),
        (r"D:\Scan\Bild.jpg", "Bild.jpg"),
        ("../../etc/passwd", "passwd"),
    ],
)
def test_names_lose_folders_and_keep_slashes(name: str, shown: str) -> None:
    """A file number keeps its slash, a path loses its folders."""
    assert display_name(name) == shown


def test_authenticated_envelopes_are_sealed() -> None:
    """AuthEnvelopedData is told by its identifier, in definite and in indefinite length."""
    identifier = bytes.fromhex("060b2a864886f70d0109100117")
    assert is_sealed(b"\x30\x82\x01\x00" + identifier)
    assert is_sealed(b"\x30\x80" + identifier)
    assert not is_sealed(b"\x30\x82\x01\x00" + bytes.fromhex("06092a864886f70d010702"))
