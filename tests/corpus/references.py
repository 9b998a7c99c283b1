"""What other readers say of a file: the standard library's mail parser, its zip and XML readers, and PDFium."""

import contextlib
import re
import unicodedata
import zipfile
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2

MOST_BYTES = 20_000_000
"""Of what is unpacked for a reference: among the files are bombs."""
FULL_PAGE = 16
"""Characters of a text layer below which a page counts as a picture."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_BROKEN_WORD = re.compile("[\xad\ufffe\u0002]\\s*")
_PARAGRAPHS = ("}p", "}si", "}h")
_BLANKS = ("}tab", "}br", "}line-break", "}s")
_TEXT_PARTS = re.compile(r"word/document\.xml|ppt/slides/slide\d+\.xml|xl/sharedStrings\.xml|content\.xml")


def words(text: str) -> set[str]:
    """Words of four letters and more, in lower case, without hyphenation and ligatures."""
    return set(_WORD.findall(unicodedata.normalize("NFKC", _BROKEN_WORD.sub("", text)).casefold()))


def subject(content: bytes) -> str | None:
    """The subject of a mail; None where there is none, or nobody can know what its bytes mean."""
    value = message_from_bytes(content)["subject"]
    if value is None:
        return None
    try:
        found = str(make_header(decode_header(value)))
    except (UnicodeError, LookupError, ValueError):
        return None
    found = " ".join(found.split())
    return None if re.search("[\ufffd\ud800-\udfff]", found) else found


def attachments(content: bytes) -> int:
    """How many things hang on a mail itself; an attached mail is one."""
    return _hanging(message_from_bytes(content))


def pdf_words(path: Path) -> set[str]:
    """The words of a PDF's text layer, without pages that are pictures or that name other letters than one sees.

    Empty where PDFium cannot open it.
    """
    found: set[str] = set()
    with contextlib.suppress(pypdfium2.PdfiumError):
        document = pypdfium2.PdfDocument(path)
        for number in range(len(document)):
            text = document[number].get_textpage().get_text_bounded()
            found |= words(text) if len(text.strip()) >= FULL_PAGE and not _is_swapped(text) else set()
    return found


def office_words(path: Path) -> set[str]:
    """The words of an office file of our century: OOXML and OpenDocument are XML in a zip."""
    found: set[str] = set()
    faults = (zipfile.BadZipFile, ET.ParseError, RuntimeError, OSError)
    with contextlib.suppress(*faults), zipfile.ZipFile(path) as package:
        for member in package.infolist():
            if _TEXT_PARTS.fullmatch(member.filename) and member.file_size < MOST_BYTES:
                found |= _xml_words(package.read(member))
    return found


def members(path: Path) -> int | None:
    """How many files a zip holds; None where it cannot be opened without a password."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            return None if any(one.flag_bits & 1 for one in files) else len(files)
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return None


def invoice_number(path: Path) -> str:
    """The number of an electronic invoice (EN 16931 BT-1), UBL or CII, also from within a PDF; empty where none is."""
    for content in invoices(path):
        with contextlib.suppress(ET.ParseError):
            root = parsed(content)
            for own in ("./{*}ID", "./{*}ExchangedDocument/{*}ID", "./{*}HeaderExchangedDocument/{*}ID"):
                if found := (root.findtext(own) or "").strip():
                    return found
    return ""


def invoices(path: Path) -> list[bytes]:
    """XML that may be an invoice: the file itself, or what is attached to a PDF."""
    if path.suffix.lower() == ".xml":
        return [path.read_bytes()]
    with contextlib.suppress(pypdfium2.PdfiumError):
        document = pypdfium2.PdfDocument(path)
        attached = [document.get_attachment(number) for number in range(document.count_attachments())]
        return [bytes(one.get_data()) for one in attached if one.get_name().lower().endswith(".xml")]
    return []


def parsed(content: bytes) -> ET.Element:
    """XML without a document type: what declares entities is hostile here, and no reference."""
    if b"<!DOCTYPE" in content:
        raise ET.ParseError
    return ET.fromstring(content)  # noqa: S314 - nothing can be declared in it


def _hanging(message: Message) -> int:
    kind = message.get_content_type()
    if message.get_content_maintype() == "multipart":
        parts = message.get_payload() if message.is_multipart() else ()
        return sum(_hanging(part) for part in parts if isinstance(part, Message))
    is_body = kind in {"text/plain", "text/html"} and message.get_content_disposition() != "attachment"
    return 0 if is_body and not message.get_filename() else 1


def _is_swapped(text: str) -> bool:
    """Whether most letters end in a zero byte: `䴀` (4D00) was read where `M` (004D) stands on the page.

    That is what the file's table says, and no word of the document. Read back it would be no witness either: what
    stands for the blank is left out, so that PDFium joins the words of a line.
    """
    letters = [letter for letter in text if letter.isalpha()]
    return sum(ord(letter) % 256 == 0 for letter in letters) * 2 > len(letters)


def _xml_words(content: bytes) -> set[str]:
    # Whole paragraphs: a word may be cut into runs of its letters. One inside another, as in a text box, is its own.
    root = parsed(content)
    paragraphs = [node for node in root.iter() if node.tag.endswith(_PARAGRAPHS)]
    return {word for node in paragraphs for word in words(_spoken(node))}


def _spoken(node: ET.Element) -> str:
    plain = node.tag.startswith("{urn:oasis")
    found = [node.text or ""] if plain or node.tag.endswith("}t") else []
    for child in node:
        if child.tag.endswith((*_BLANKS, *_PARAGRAPHS)):
            found.append(" ")
        elif child.tag.endswith("}rPh"):
            # How a word is pronounced, set in small above it: beside the word, never a part of it.
            found.append(f" {_spoken(child)} ")
        else:
            found.append(_spoken(child))
        found += [child.tail or ""] if plain else []
    return "".join(found)
