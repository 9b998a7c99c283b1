"""The kind of a file by its first bytes: binary formats by their signatures, text formats by how they open."""

import re

from services.core.model.pictures import picture_in

HEAD_BYTES = 4_096
PDF = "application/pdf"
ZIP, TAR, GZIP, BZIP2 = "application/zip", "application/x-tar", "application/gzip", "application/x-bzip2"
CALENDAR, CARD, PAGE, DRAWING = "text/calendar", "text/vcard", "text/html", "image/svg+xml"

_KINDS = (
    (b"%PDF", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b\x08", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (b"!BDN", "application/vnd.ms-outlook-pst"),
)
_TAR_WORD = slice(257, 262)
_BZIP2_LEVELS = b"123456789"
_MARK = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*"
_TEXTS = (
    (re.compile(_MARK + rb"BEGIN:VCALENDAR\s", re.IGNORECASE), CALENDAR),
    (re.compile(_MARK + rb"BEGIN:VCARD\s", re.IGNORECASE), CARD),
    (
        re.compile(_MARK + rb"(?:<\?xml[^>]{0,300}>\s*)?(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE),
        PAGE,
    ),
    (
        re.compile(
            _MARK + rb"(?:<\?xml[^>]{0,300}>\s*)?(?:<!--[^>]{0,300}-->\s*){0,3}"
            rb"(?:<!doctype\s+svg[^>\[]{0,300}(?:\[[^\]]{0,2000}\]\s*)?>\s*)?(?:<!--[^>]{0,300}-->\s*){0,3}<svg[\s>]",
            re.IGNORECASE,
        ),
        DRAWING,
    ),
)

_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml|\xff\xfe<\0\?\0x\0|\xfe\xff\0<\0\?\0x")
_OFFICE_XML = re.compile(
    rb"urn:oasis:names:tc:opendocument:xmlns:office:|schemas\.microsoft\.com/office/word/2003/wordml"
)


def is_xml(head: bytes) -> bool:
    """Whether content that begins like this says that it is XML; pages are HTML all the same, letters are letters."""
    return bool(_XML.match(head)) and not is_office_xml(head) and b"<html" not in head[:1024].lower()


def is_office_xml(head: bytes) -> bool:
    """Whether it is a letter in one XML: the extractor knows which of its elements are one word."""
    return _OFFICE_XML.search(head) is not None


def kind_of(head: bytes) -> str:
    """The media type of a binary format that begins like this, or an empty string."""
    if found := picture_in(head):
        return found
    if head[_TAR_WORD] == b"ustar":
        return TAR
    if head.startswith(b"BZh") and head[3:4] not in _BZIP2_LEVELS:
        return ""  # three letters alone begin many a text
    return next((kind for signature, kind in _KINDS if head.startswith(signature)), "")


def text_kind_of(head: bytes) -> str:
    """The media type of a text that opens like this, also in UTF-16, or an empty string."""
    plain = head[:HEAD_BYTES].replace(b"\0", b"")
    return next((kind for opening, kind in _TEXTS if opening.match(plain)), "")
