"""Files of kinds that few people send, and of usual ones that were packed, signed or hidden in odd ways."""

import base64
import io
import zipfile
import zlib

import pytest
from asn1crypto import cms

from services.core.model.pictures import picture_in
from services.core.ports.text_extractor import ReadPart
from services.extraction.kinds.pdf_pictures import may_be_pages
from services.extraction.kinds.signatures import is_xml
from services.extraction.mail.html import read
from services.extraction.reading.file import File
from services.extraction.reading.read_by_tika import numbered, wants_bytes
from tests.component.test_bytes_decide import LETTER, SCAN, attached, parts

MARK = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n"
APPLE = b"\0\x05\x16\x07\0\x02\0\0" + bytes(1_200)


def signed(content: bytes) -> bytes:
    """Signed so that what was signed lies inside (RFC 5652 §5)."""
    inside = {"content_type": "data", "content": content}
    known = {"version": "v1", "digest_algorithms": [], "encap_content_info": inside, "signer_infos": []}
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(known)}).dump())


def compressed(content: bytes) -> bytes:
    """Compressed as S/MIME does it (RFC 3274)."""
    inside = {"content_type": "data", "content": zlib.compress(content)}
    algorithm = {"algorithm": "1.2.840.113549.1.9.16.3.8"}
    known = {"version": "v0", "compression_algorithm": algorithm, "encap_content_info": inside}
    return bytes(cms.ContentInfo({"content_type": "compressed_data", "content": cms.CompressedData(known)}).dump())


def test_a_file_that_was_signed_by_itself_is_read() -> None:
    """CAdES: inside is no mail but the file, with its own name."""
    found = attached(signed(SCAN), "application/octet-stream", "plan.pdf.p7m")
    assert (found["1.1"].name, found["1.1"].media_type, found["1.1"].recognised) == (
        "plan.pdf",
        "application/pdf",
        True,
    )
    assert attached(signed(SCAN), "application/pkcs7-mime", "plan.pdf.p7m")["1"].recognised
    assert parts(signed(SCAN), "application/octet-stream", "plan.pdf.p7m")["1"].recognised


@pytest.mark.parametrize("packed", [compressed(LETTER), b"-----BEGIN PKCS7-----\n%s-----END PKCS7-----\n"])
def test_a_mail_is_read_however_it_was_wrapped(packed: bytes) -> None:
    """Compressed, or with its signature in letters."""
    content = packed.replace(b"%s", base64.encodebytes(signed(LETTER))) if packed.startswith(b"-") else packed
    assert "tropft" in attached(content, "application/octet-stream", "smime.p7m")["1"].text


def test_what_is_compressed_beyond_measure_is_left_as_it_is() -> None:
    """Nobody's memory is filled."""
    assert "1.1" not in attached(compressed(bytes(70_000_000)), "application/octet-stream", "smime.p7z")


@pytest.mark.parametrize("content", [b"Version: 1\r\n\r\n" + MARK, b"Hallo\r\n\r\n  " + MARK])
def test_a_sealed_message_is_told_wherever_it_begins(content: bytes) -> None:
    """Behind other lines, and set in."""
    assert attached(content, "application/octet-stream", "brief.asc")["1"].problem == "encrypted"


def test_what_a_mac_keeps_beside_a_file_is_no_problem() -> None:
    """It says how the file was shown, and nothing to anybody else."""
    assert attached(APPLE, "application/applefile", "plan.pdf")["1"].problem is None
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__MACOSX/._plan.pdf", APPLE)
    assert attached(packed.getvalue(), "application/zip", "a.zip")["1.1"].problem is None


@pytest.mark.parametrize("charset", ["cp850", "cp1252"])
def test_names_in_a_zip_are_those_of_the_console_or_of_windows(charset: str) -> None:
    """What gives more umlauts was meant."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("XXXXX.txt", "Hecke")
    content = packed.getvalue().replace(b"XXXXX", "Größe".encode(charset))
    assert attached(content, "application/zip", "a.zip")["1.1"].name == "Größe.txt"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"II+\0\x08\0\0\0", "image/tiff"),
        (b"MM\0+\0\x08\0\0", "image/tiff"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x1cftypheic", "image/heic"),
        (b"\0\0\0\x1cftypmp42", ""),
        (b"\xff\x4f\xff\x51\0\x29", "image/jp2"),
    ],
)
def test_newer_pictures_are_known_by_their_beginning(head: bytes, kind: str) -> None:
    """A film that begins alike is none."""
    assert picture_in(head + bytes(20)) == kind


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"<</Subtype /Image /Width 12 0 R /Height 13 0 R>>", True),
        (
            b"<</Subtype/Image/Width 1240/Height 150>> stream\n"
            + b"x" * 2_000
            + b"<</Subtype/Image/Width 1240/Height 200>>",
            True,
        ),
        (b"<</Subtype/Image/Width 200/Height 100>>", False),
    ],
)
def test_a_scanned_page_is_seen_in_a_pdf(source: bytes, expected: bool) -> None:  # noqa: FBT001  # a row of the table
    """Also where a scanner wrote it in strips, or its sides elsewhere; a logo is none."""
    assert may_be_pages(io.BytesIO(source), enough=400_000) is expected


@pytest.mark.parametrize(
    "page",
    [
        "<div style=\"background-image:url('data:image/png;base64,{}')\"></div>",
        '<div style="background:url(data:image/png;base64,{}) no-repeat"></div>',
        '<embed src="data:image/png;base64,{}">',
        '<a href="data:image/png;base64,{}">Plan</a>',
    ],
)
def test_a_file_in_a_page_is_found_wherever_it_lies(page: str) -> None:
    """As a background, embedded, or behind a link."""
    content = bytes(range(256))
    found = read(page.format(base64.b64encode(content).decode())).pictures
    assert [one.content[:256] for one in found] == [content]


def test_a_file_keeps_its_name_in_whatever_order_it_is_unpacked() -> None:
    """Names that stand there once tell; those that do not are numbered alike, where both find as many."""
    names = {1: "a.pdf", 2: "b.tif", 3: "x", 4: "x"}
    found = [("b.tif", b"b"), ("x", b"3"), ("a.pdf", b"a"), ("x", b"4")]
    assert numbered(names, found) == {1: b"a", 2: b"b", 3: b"3", 4: b"4"}
    assert numbered(names, found[:3]) == {1: b"a", 2: b"b"}


@pytest.mark.parametrize(
    "container", ["application/vnd.ms-tnef", "application/x-7z-compressed", "application/vnd.ms-outlook"]
)
@pytest.mark.parametrize("kind", ["application/pdf", "application/xml", "text/xml", "application/zip"])
def test_an_invoice_is_read_as_one_in_whatever_it_was_packed(container: str, kind: str) -> None:
    """Its bytes are asked for: the extractor gives its words and no more."""
    assert wants_bytes(ReadPart(path=(1,), media_type=kind, text="Rechnung"), container)


def test_a_letter_in_an_archive_is_its_words() -> None:
    """And is not read twice."""
    assert not wants_bytes(ReadPart(path=(1,), media_type="text/plain", text="Hecke"), "application/x-7z-compressed")


def test_a_drawing_is_read_for_its_words() -> None:
    """Words of several pieces are whole, what only describes it is none, and a page in it is recognised."""
    page = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1240).to_bytes(4) + (1754).to_bytes(4) + bytes(300)
    picture = base64.b64encode(page).decode()
    drawing = (
        "<?xml version='1.0'?><!-- gezeichnet --><svg xmlns='http://www.w3.org/2000/svg'><style>.a{fill:red}</style>"
        "<title>Plan</title><text>Rot<tspan>buche</tspan></text>"
        f"<image href='data:image/png;base64,{picture}'/></svg>"
    )
    found = attached(drawing.encode(), "image/svg+xml", "plan.svg")
    assert (found["1"].text, found["1"].media_type) == ("Rotbuche", "image/svg+xml")
    assert found["1.1"].recognised


@pytest.mark.parametrize("name", ["plan.htm", "plan.HTML"])
def test_a_page_is_one_by_its_name(name: str) -> None:
    """Where it does not say so, and no type was told: the extractor would guess its charset."""
    assert attached("<p>Größe</p>".encode("cp1252"), "application/octet-stream", name)["1"].text == "Größe"


@pytest.mark.parametrize(
    ("named", "written"), [("UTF-8", "cp1252"), ("ISO-8859-1", "utf-8"), ("ISO-8859-1", "cp1252"), ("UTF-16", "utf-16")]
)
def test_xml_is_read_in_the_charset_in_which_it_is_written(named: str, written: str) -> None:
    """Whatever it names."""
    content = f'<?xml version="1.0" encoding="{named}"?><antrag>Größe <b>der</b> Straße</antrag>'.encode(written)
    assert set(attached(content, "text/xml", "antrag.xml")["1"].text.split()) == {"Größe", "der", "Straße"}


def test_an_invitation_folded_inside_a_letter_is_read() -> None:
    """Lines are folded after so many bytes, wherever that is (RFC 5545 §3.1)."""
    content = b"BEGIN:VCALENDAR\r\nSUMMARY:Grundst\xc3\r\n \xbcck\r\nEND:VCALENDAR\r\n"
    assert "SUMMARY:Grundstück" in attached(content, "text/calendar", "termin.ics")["1"].text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7 Hecke", ("application/pdf", "")),
        (b"<html></html>\n%PDF-1.7 Hecke", ("application/pdf", "")),
        (b"%PDF-1.7 Hecke", ("", "")),
        (
            b"<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'/>",
            ("", "file.xml"),
        ),
    ],
)
def test_the_extractor_is_told_what_it_would_not_see(content: bytes, told: tuple[str, str]) -> None:
    """What stands before a PDF hides it; a letter in one XML is read by who knows where its words end."""
    file = File(place=(1,), content=io.BytesIO(content), media_type="text/xml", name="brief.xml")
    assert file.hint == told
    assert not is_xml(file.head)
