"""One file of a document, and what its bytes say it is: what a sender calls it counts only where they say nothing."""

import hashlib
import os
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from services.core.model.pictures import picture_in, size_of
from services.extraction.kinds import pdf_pictures
from services.extraction.kinds.signatures import (
    BZIP2,
    DRAWING,
    GZIP,
    HEAD_BYTES,
    PAGE,
    PDF,
    TAR,
    ZIP,
    is_office_xml,
    kind_of,
    text_kind_of,
)
from services.extraction.mail.cards import TYPES as CARDS
from services.extraction.mail.signed import content_of, is_sealed

PartPath = tuple[int, ...]
"""Where a part stands in the tree, counted from 1; () is the document itself."""

SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
"""Nothing to read, and no problem."""
OWN_TEXT = CARDS | {
    "text/plain",
    "text/enriched",
    "text/richtext",
    "text/html",
    DRAWING,
    "text/csv",
    "text/markdown",
    "text/rfc822-headers",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "message/global-delivery-status",
}
"""Text that needs no extractor."""
PGP_LINE = re.compile(rb"^[ \t]{0,8}-----BEGIN PGP MESSAGE-----[ \t]*\r?$", re.MULTILINE)
MESSAGES = frozenset({"message/rfc822", "message/global"})
PICTURES = frozenset(
    {
        *("image/avif", "image/bmp", "image/gif", "image/heic", "image/heif", "image/jp2", "image/jpeg", "image/png"),
        *("image/tiff", "image/vnd.zbrush.pcx", "image/webp", "image/x-jp2-codestream", "image/x-ms-bmp"),
        *("image/x-portable-bitmap", "image/x-portable-graymap", "image/x-portable-pixmap", "image/x-tga"),
    }
)
"""Images that OCR is asked for."""
XML = frozenset({"application/xml", "text/xml"})
UNPACKED_HERE = frozenset({ZIP, TAR, GZIP, BZIP2})
ARCHIVES = UNPACKED_HERE | {
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-rar-compressed",
    "application/x-xz",
    "application/mbox",
    "application/vnd.ms-tnef",
    "application/vnd.ms-outlook",
    "application/vnd.ms-outlook-pst",
}
"""Containers whose pictures were sent to be read, other than those that adorn a letter."""
PAGE_PIXELS, PAGE_SIDE, PAGE_RATIO = 400_000, 450, 4
"""A picture in a text with fewer pixels, a shorter side or a longer strip is a signature or a logo: the smallest fax of
a page has 864 by 1,100, the banner below a mail rarely more than 1,200 by 300."""
SPECK_SIDE = 48
"""Pixels of the longer side up to which a picture is a bullet or a counter, wherever it hangs."""

_ONE_PAGE = frozenset({"image/png", "image/jpeg"})
_SIGNATURE_BEGINS = (b"\x30", b"-----BEGIN ", b"MI")
"""A detached signature in DER, as PGP or PEM writes it, or in base64."""
_TRIFLES = (b"\0\x05\x16\x07\0\x02\0\0", b"\0\0\0\x01Bud1\0")
"""What a Mac keeps beside a file (RFC 1740) or of a folder."""
_OFFICE_ENTRIES = frozenset({"[Content_Types].xml", "mimetype", "META-INF/manifest.xml", "META-INF/container.xml"})
"""A zip with one of these is an office file, a book or a program, and read as a whole."""
_CONTENT_TYPES, _LISTING = "[Content_Types].xml", 256 * 1024
_OFFICE_MAIN = re.compile(
    rb'"(application/vnd\.openxmlformats-officedocument\.'
    rb'(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))\.main\+xml"'
)
"""The main part that an office file lists (ECMA-376 part 2 §7.2.3.3): Tika opens the whole package to find it out."""
_BAD_ZIP = (zipfile.BadZipFile, OSError, ValueError, RuntimeError)
_MARKUP = re.compile(rb"\s*<!?[A-Za-z]")
_MAIL_FIELD = re.compile(
    rb"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version|Return-Path|Content-Type|Delivered-To):",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_FIELDS = 3
_PGP_NAMES = (".gpg", ".pgp")
_MAIL_NAMES = (".eml", ".mht", ".mhtml")
_PAGE_NAMES = (".htm", ".html")
_UNSPECIFIC = frozenset({"", "application/octet-stream", "application/x-unknown", "application/unknown"})
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})$")


@dataclass(kw_only=True)
class File:
    """Bytes with what was said of them. `content` belongs to the caller and is read from any place."""

    place: PartPath
    content: BinaryIO
    media_type: str = "application/octet-stream"
    """What the sender calls it."""
    name: str = ""
    role: str = "attachment"
    charset: str = ""

    @property
    def part(self) -> str:
        """The part id: `0` for the document itself, else its place such as `2.1`."""
        return part_id(self.place)

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return self.content.seek(0, os.SEEK_END)

    @cached_property
    def sha256(self) -> str:
        """Of the bytes, in hexadecimal."""
        self.content.seek(0)
        digest = hashlib.sha256()
        while piece := self.content.read(1024 * 1024):
            digest.update(piece)
        return digest.hexdigest()

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        self.content.seek(0)
        return self.content.read(HEAD_BYTES)

    @property
    def picture(self) -> str:
        """The media type of an image that its first bytes give away, or an empty string."""
        return picture_in(self.head)

    @cached_property
    def kind(self) -> str:
        """The media type that the bytes give away, empty where they say nothing."""
        if found := kind_of(self.head):
            return found
        return PDF if b"%PDF-" in self.head[:1024] else ""

    @cached_property
    def text_type(self) -> str:
        """The media type of text: of its first words where they say one, else what the sender says, in its name too."""
        told = "" if self.kind else text_kind_of(self.head)
        is_named = self.media_type in _UNSPECIFIC and self.name.lower().endswith(_PAGE_NAMES)
        return told or (PAGE if is_named and not self.kind and b"\0" not in self.head else self.media_type)

    @property
    def known_type(self) -> str:
        """The media type as the record tells it: of the bytes where they say one, else what the sender says."""
        vague = self.kind in {"", "application/x-ole-storage"} or (self.kind == ZIP and not self.is_archive)
        return self.text_type if vague else self.kind

    @cached_property
    def is_archive(self) -> bool:
        """Whether other files were packed into it, and we can take them out ourselves."""
        return self.kind in UNPACKED_HERE and (self.kind != ZIP or not self._is_office)

    @property
    def is_signature(self) -> bool:
        """Whether it only proves who wrote something else, or says how a Mac showed it."""
        if self.head.startswith(_TRIFLES):
            return True
        is_one = self.head[:1] >= b"\x80" or self.head.lstrip().startswith(_SIGNATURE_BEGINS)
        return self.media_type in SIGNATURES and is_one and not self.kind and not content_of(self.head)

    @property
    def is_sealed(self) -> bool:
        """Whether it is an S/MIME envelope or a PGP message, whatever it is called."""
        if is_sealed(self.head) or PGP_LINE.match(self.head.lstrip()):
            return True
        # The binary form has no signature but the highest bit of its first packet (RFC 4880 §4.2): its name tells.
        named = self.name.lower().endswith(_PGP_NAMES) or self.media_type == "application/pgp-encrypted"
        return named and self.head[:1] >= b"\x80" and not self.kind

    @property
    def is_mail(self) -> bool:
        """Whether it is a mail: called so, or a block of the fields that mails begin with."""
        if self.kind or b"\0" in self.head or self.text_type != self.media_type:
            return False
        if self.head.startswith(b"From ") and self.media_type not in MESSAGES:
            return False  # a mailbox may hold many mails, and the second would be read as words of the first
        named = self.name.lower().endswith(_MAIL_NAMES)
        if self.media_type in MESSAGES or (named and self.media_type in _UNSPECIFIC | {"text/plain"}):
            return True
        block = re.split(rb"\r?\n\r?\n", self.head, maxsplit=1)[0]
        return self.media_type in _UNSPECIFIC and len(set(_MAIL_FIELD.findall(block))) >= _MAIL_FIELDS

    @property
    def is_own_text(self) -> bool:
        """Whether it is text as it claims, and needs no extractor."""
        is_text = b"\0" not in self.head or self.text_type != self.media_type
        return self.text_type in OWN_TEXT and not self.kind and is_text

    @property
    def hint(self) -> tuple[str, str]:
        """Media type and name as the extractor is told: what the bytes say, a name only where they say nothing.

        Of a media type only that of an office file helps it: it finds out the others as cheaply as by being told.

        What is told decides how the bytes are read, so it is a part of the key of the reading. Were it more than this,
        a stranger could spoil the reading of a form for everybody who sends it after him.
        """
        if self.kind == PDF and not self.head.startswith(b"%PDF"):
            return PDF, ""  # the extractor would take it for what stands before it, such as a header of HTTP
        if self.kind or b"\0" in self.head:
            return self._office_type, self._name_hint if not self.kind else ""
        says_itself = _MARKUP.match(self.head) or is_office_xml(self.head)
        return self.media_type if self.media_type.startswith("text/") and not says_itself else "", self._name_hint

    @cached_property
    def adorns(self) -> bool:
        """Whether it is a picture that nobody sent to be read: a logo, a bullet, a signature below a mail."""
        if not self.picture or self.picture == "image/tiff":
            return False  # nobody adorns a letter with a format that no browser shows
        self.content.seek(0)
        width, height = size_of(self.content)
        shorter, longer = sorted((width, height))
        if self.role != "inline":
            return 0 < longer <= SPECK_SIDE
        small = width * height < PAGE_PIXELS or shorter < PAGE_SIDE or longer > PAGE_RATIO * shorter
        return bool(longer) and small

    @cached_property
    def has_page_pictures(self) -> bool:
        """Whether a PDF holds pictures that make a scanned page."""
        return pdf_pictures.may_be_pages(self.content, enough=PAGE_PIXELS)

    def read(self, limit: int) -> bytes:
        """The bytes, up to a limit."""
        self.content.seek(0)
        return self.content.read(limit)

    @property
    def _name_hint(self) -> str:
        ending = _ENDING.search(self.name)
        return f"file.{ending[1].lower()}" if ending else ""

    @cached_property
    def _is_office(self) -> bool:
        try:
            with self._zip() as archive:
                return not _OFFICE_ENTRIES.isdisjoint(archive.namelist())
        except _BAD_ZIP:
            return True  # cut or forged: the extractor saves what can be saved

    @cached_property
    def _office_type(self) -> str:
        """The media type of a Word, Excel or PowerPoint file by the one main part it lists, else empty."""
        if self.kind != ZIP or not self._is_office:
            return ""
        try:
            with self._zip() as archive, archive.open(_CONTENT_TYPES) as listing:
                found = set(_OFFICE_MAIN.findall(listing.read(_LISTING)))
        except (*_BAD_ZIP, KeyError, EOFError, zlib.error):
            return ""  # the extractor looks for itself
        return found.pop().decode() if len(found) == 1 else ""

    def _zip(self) -> zipfile.ZipFile:
        self.content.seek(0)
        return zipfile.ZipFile(self.content)


def part_id(place: PartPath) -> str:
    """The place as a part id."""
    return ".".join(map(str, place)) or "0"


def hindrance(file: File, *, max_size: int, max_depth: int) -> str | None:
    """Why nobody looks into it."""
    if not file.size:
        return "empty"
    if file.size > max_size:
        return "too_large"
    if len(file.place) > max_depth:
        return "too_deep"
    return "encrypted" if file.is_sealed else None


def known_page_count(picture: str) -> int:
    """How many pages an image of this type has, 0 where only reading it tells."""
    return 1 if picture in _ONE_PAGE else 0
