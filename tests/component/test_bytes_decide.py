"""What a part is, where its sender calls it something else or nothing, and what is hidden in it."""

import base64
import gzip
import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from asn1crypto import cms

from services.core.model.record_files import Part
from services.core.ports.text_extractor import ReadPart
from services.extraction.reading.file import File
from services.extraction.reading.read_by_tika import never_silent
from tests.component.reading_service import ReadingService, a_mail

SCAN = b"%PDF eins\f\f"
LETTER = b"From: a@b.example\r\nSubject: Innen\r\nDate: Mon, 23 Nov 2026 09:12:00 +0100\r\n\r\nDie Dachrinne tropft."
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PGP = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"


def parts(content: bytes | EmailMessage, media_type: str = "message/rfc822", name: str = "") -> dict[str, Part]:
    """The parts that were read."""
    context = ReadingService()
    content = content if isinstance(content, bytes) else content.as_bytes()
    event = context.arrive(content, media_type, name=name)
    context.read(event)
    return context.parts(event.document)


def attached(content: bytes, media_type: str = "application/octet-stream", name: str = "") -> dict[str, Part]:
    """The parts of a mail on which this hangs."""
    mail = a_mail()
    maintype, _, subtype = media_type.partition("/")
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name or None)
    return parts(mail)


@pytest.mark.parametrize("media_type", ["image/jpeg", "application/zip", "text/html", "application/pkcs7-signature"])
def test_a_pdf_is_one_whatever_it_is_called(media_type: str) -> None:
    """Its pages are read and recognised, and the record tells its true type."""
    part = attached(SCAN, media_type)["1"]
    assert (part.media_type, part.recognised, part.problem) == ("application/pdf", True, None)


@pytest.mark.parametrize("media_type", ["application/msword", "text/plain", "message/rfc822"])
def test_a_scan_is_what_its_bytes_say(media_type: str) -> None:
    """Also what comes through the door for scans, or is called a mail there."""
    assert parts(SCAN, media_type, "brief.doc")["0"].recognised


def test_a_false_label_spoils_no_later_copy() -> None:
    """The extractor is not told a sender's word for bytes that speak for themselves: both copies are read alike."""
    context = ReadingService()
    for media_type in ("application/msword", "application/pdf"):
        mail = a_mail(media_type)
        mail.add_attachment(SCAN, maintype="application", subtype=media_type.partition("/")[2], filename="x.doc")
        event = context.arrive(mail.as_bytes())
        context.read(event)
        assert context.parts(event.document)["1"].recognised
    assert context.extractor.asked == [("", "")]


def office_file(*main_parts: str, entry: str = "[Content_Types].xml") -> bytes:
    """A package that lists these as its main parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = "".join(f'<Override PartName="/x" ContentType="{part}.main+xml"/>' for part in main_parts)
        archive.writestr(entry, f"<Types>{listed}</Types>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (office_file(WORD), WORD),
        (office_file(EXCEL), EXCEL),
        (office_file(WORD, EXCEL), ""),
        (office_file("application/vnd.ms-word.document.macroEnabled"), ""),
        (office_file(WORD)[:-30], ""),
        (office_file(WORD, entry="mimetype"), ""),
    ],
)
def test_an_office_file_is_told_by_the_part_it_lists(content: bytes, told: str) -> None:
    """What the package says of itself spares the extractor to look; where it says two things or nothing, it looks."""
    asked = []
    for called in ("application/msword", "application/pdf"):
        context = ReadingService()
        event = context.arrive(content, called, name="brief.pdf")
        context.read(event)
        asked += context.extractor.asked
    assert asked == [(told, "")] * 2


def test_a_mail_under_no_name_is_a_mail() -> None:
    """The fields at its beginning tell."""
    part = attached(LETTER)["1"]
    assert (part.role, part.text) == ("message", "Die Dachrinne tropft.")


def test_a_mailbox_is_not_read_as_its_first_mail() -> None:
    """The extractor takes it apart; the second mail is no text of the first."""
    part = attached(b"From a@b.example Mon Nov 23 09:12:00 2026\n" + LETTER, name="alt.mbox")["1"]
    assert part.role == "attachment"


def test_a_signed_mail_in_an_archive_is_opened() -> None:
    """What was signed is read like any mail, with what hangs on it, wherever the envelope lies."""
    inside = a_mail("Wohngeld")
    inside.add_attachment(SCAN, maintype="application", subtype="octet-stream", filename="a.bin")
    signed = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v1",
                "digest_algorithms": [],
                "encap_content_info": {"content_type": "data", "content": inside.as_bytes()},
                "signer_infos": [],
            },
        }
    ).dump()
    found = parts(gzip.compress(signed), "application/gzip", "smime.p7m.gz")
    assert found["1"].text == "Wohngeld"
    assert found["1.1"].recognised


@pytest.mark.parametrize(
    ("content", "name"), [(PGP, "brief.txt"), (b"\x85\x01\x0c\x03abc", "akte.pdf.gpg")], ids=["armoured", "binary"]
)
def test_pgp_in_an_attachment_is_encrypted(content: bytes, name: str) -> None:
    """Nobody but the recipient can open it, and the part says so."""
    assert attached(content, name=name)["1"].problem == "encrypted"


def test_words_before_a_pgp_block_are_kept() -> None:
    """What can be read is read, and the rest is told."""
    part = attached(b"Mit Gruss\n" + PGP, "text/plain", "brief.txt")["1"]
    assert part.problem == "encrypted"
    assert "Gruss" in part.text


@pytest.mark.parametrize("packed", [base64.b64encode, base64.encodebytes], ids=["one line", "folded"])
def test_a_file_in_xml_is_a_part_and_no_text(packed: Callable[[bytes], bytes]) -> None:
    """Whatever the element is called: its bytes tell what it is, and its letters are not indexed."""
    content = b"%PDF " + b"Rechnung " * 60 + b"\f"
    letters = packed(content)
    xml = (
        b"<?xml version='1.0'?><a><b>Betreff</b><c:Anlage xmlns:c='urn:x' name='r.pdf'>" + letters + b"</c:Anlage></a>"
    )
    found = attached(xml, "text/xml", "x.xml")
    assert (found["1.1"].name, found["1.1"].media_type) == ("r.pdf", "application/pdf")
    assert letters[:40].decode() not in found["1"].text
    assert "Betreff" in found["1"].text


def test_a_picture_that_no_page_shows_was_sent_to_be_read() -> None:
    """It has a Content-ID as programs give to each picture, but the HTML does not refer to it."""
    picture = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (300).to_bytes(4, "big") + (200).to_bytes(4, "big") + b"Quittung"
    mail = a_mail()
    mail.set_content("<p>anbei <img src='cid:logo@x'></p>", subtype="html")
    for name in ("logo", "beleg"):
        mail.add_related(picture, maintype="image", subtype="png", cid=f"<{name}@x>")
    found = parts(mail)
    assert (found["1"].recognised, found["2"].recognised) == (False, True)


def test_a_page_that_hangs_on_a_mail_gives_its_pictures() -> None:
    """A picture as `data:` in an attached page is a part of it and recognised, and the page has its text."""
    picture = b"\x89PNG\r\n\x1a\n" + b"Wasserrohrbruch " * 20
    page = f"<p>Siehe</p><img src='data:image/png;base64,{base64.b64encode(picture).decode()}'>"
    found = attached(page.encode(), "text/html", "seite.html")
    assert found["1"].text == "Siehe"
    assert "WASSERROHRBRUCH" in found["1.1"].text


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<p><!-- " + b"x" * 2_000 + b"--></p>", "text/html"),
        (b"<?xml version='1.0'?><a b='" + b"x" * 2_000 + b"'/>", "text/xml"),
    ],
    ids=["page", "xml"],
)
def test_text_without_words_is_no_silent_nothing(content: bytes, media_type: str) -> None:
    """What claims to be text and has none says so."""
    assert attached(content, media_type, "leer")["1"].problem == "no_text"


@pytest.mark.parametrize("media_type", ["application/x-tika-msoffice", "application/x-unknown"])
def test_a_file_in_which_nothing_is_read_says_so(media_type: str) -> None:
    """Whatever its kind; a few bytes may hold nothing."""
    assert attached(b" " * 2_000, media_type, "anlage")["1"].problem == "no_text"
    assert attached(b" " * 200, media_type, "anlage")["1"].problem is None


@pytest.mark.parametrize("media_type", ["font/woff2", "application/pkcs7-signature", "image/x-unknown"])
def test_what_has_no_words_is_not_missed(media_type: str) -> None:
    """Fonts, signatures and pictures without pages are no problem of a letter."""
    file = File(place=(1,), content=io.BytesIO(b" " * 2_000))
    read = [ReadPart(media_type=media_type)]
    assert never_silent(file, read) == read


def test_the_sealed_part_of_an_encrypted_mail_says_so() -> None:
    """Of the two parts of RFC 3156 the one with the content is `encrypted`, the one with the version no problem."""
    mail = (
        b'Subject: x\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=v\r\n\r\n'
        b"--v\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--v\r\nContent-Type: application/octet-stream; name=x.asc\r\n\r\n" + PGP + b"\r\n--v--\r\n"
    )
    found = parts(mail)
    assert (found["1"].problem, found["2"].problem) == (None, "encrypted")


CALENDAR = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Orts\r\n termin\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("media_type", ["text/plain", "image/jpeg", "message/rfc822", "multipart/x"])
def test_a_calendar_is_one_whatever_it_is_called(media_type: str) -> None:
    """Its folded lines are whole words."""
    part = attached(CALENDAR, media_type, "termin.dat")["1"]
    assert "Ortstermin" in part.text


def test_a_file_in_an_invitation_is_a_part() -> None:
    """Its letters are no words."""
    letters = base64.b64encode(SCAN + bytes(300)).decode()
    folded = "\r\n ".join(letters[place : place + 60] for place in range(0, len(letters), 60))
    line = f"ATTACH;FMTTYPE=application/pdf;ENCODING=BASE64;VALUE=BINARY;FILENAME=plan.pdf:{folded}\r\n"
    found = attached(CALENDAR.replace(b"END:VEVENT", line.encode() + b"END:VEVENT"), "text/calendar", "termin.ics")
    assert (found["1.1"].media_type, found["1.1"].name, found["1.1"].recognised) == (
        "application/pdf",
        "plan.pdf",
        True,
    )
    assert letters[50:90] not in found["1"].text


def test_a_picture_in_a_card_is_no_text() -> None:
    """As old programs fold it, too: without a blank before the next line."""
    letters = base64.b64encode(bytes(range(256))).decode()
    folded = "\r\n".join(letters[place : place + 60] for place in range(0, len(letters), 60))
    card = f"BEGIN:VCARD\r\nN:Ulm;Ida\r\nPHOTO;ENCODING=BASE64;TYPE=X:\r\n{folded}\r\n\r\nNOTE:Hecke\r\nEND:VCARD\r\n"
    part = attached(card.encode(), "text/vcard", "ida.vcf")["1"]
    assert "Ulm" in part.text
    assert "Hecke" in part.text
    assert letters[100:140] not in part.text


@pytest.mark.parametrize("media_type", ["multipart/mixed", "message/rfc822", "text/plain"])
def test_a_pdf_is_no_part_of_the_mail_that_it_is_called(media_type: str) -> None:
    """Neither a mail nor a multipart without parts, nor what the author wrote."""
    mail = (
        b"Subject: Plan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
        + media_type.encode()
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(SCAN)
        + b"\r\n--b--\r\n"
    )
    assert parts(mail)["1"].media_type == "application/pdf"


def test_a_text_that_is_called_a_signature_is_read() -> None:
    """A signature proves who wrote something; a letter says something."""
    assert "tropft" in attached(b"Die Dachrinne tropft.", "application/pkcs7-signature")["1"].text


def test_a_mail_at_the_door_for_scans_is_a_mail() -> None:
    """Whatever its name ends in."""
    assert parts(LETTER, "application/octet-stream", "brief.zip")["0"].media_type == "message/rfc822"


def test_a_calendar_at_the_door_for_scans_is_no_mail() -> None:
    """Though its name says so."""
    assert "Ortstermin" in parts(CALENDAR, "application/octet-stream", "termin.eml")["0"].text
