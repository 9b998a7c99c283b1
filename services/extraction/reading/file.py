"""One file of a document, and what its first bytes say it is."""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from services.core.model.pictures import picture_in

Place = tuple[int, ...]
"""Where a part stands in the tree, counted from 1; () is the document itself."""

SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
"""Nothing to read, and no problem."""
OWN_TEXT = frozenset(
    {
        "text/plain",
        "text/html",
        "text/csv",
        "text/calendar",
        "text/markdown",
        "text/vcard",
        "text/x-vcard",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
    }
)
"""Text that needs no extractor."""
PICTURES = frozenset(
    {
        "image/bmp",
        "image/gif",
        "image/heic",
        "image/heif",
        "image/jp2",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "image/x-ms-bmp",
    }
)
"""Images that OCR is asked for."""
ZIP = "application/zip"
ARCHIVES = frozenset(
    {
        ZIP,
        "application/gzip",
        "application/vnd.rar",
        "application/x-7z-compressed",
        "application/x-rar-compressed",
        "application/x-tar",
    }
)
"""Containers whose pictures were sent to be read, other than those that adorn a letter."""
LOGO_BYTES = 30_000
"""Pictures inside a mail's text below this size are signatures and logos; nobody is asked to read them."""

_ONE_PAGE = frozenset({"image/png", "image/jpeg"})
_ENVELOPED = bytes.fromhex("2a864886f70d010703")
"""Object identifier 1.2.840.113549.1.7.3 (RFC 5652 §6): S/MIME that only the recipient can open."""
_HEAD_BYTES = 4096


@dataclass(kw_only=True)
class File:
    """Bytes with what was said of them. `content` belongs to the caller and is read from any place."""

    place: Place
    content: BinaryIO
    media_type: str = "application/octet-stream"
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
        return self.content.read(_HEAD_BYTES)

    @property
    def picture(self) -> str:
        """The media type of an image that its first bytes give away, or an empty string."""
        return picture_in(self.head)

    @property
    def is_own_text(self) -> bool:
        """Whether it is text as it claims, and needs no extractor."""
        return self.media_type in OWN_TEXT and b"\0" not in self.head and not self.head.startswith(b"%PDF")

    @property
    def is_sealed(self) -> bool:
        """Whether it is an S/MIME envelope, whatever it is called."""
        return self.head.startswith(b"0") and _ENVELOPED in self.head[:64]

    def read(self, limit: int) -> bytes:
        """The bytes, up to a limit."""
        self.content.seek(0)
        return self.content.read(limit)


def part_id(place: Place) -> str:
    """The place as a part id."""
    return ".".join(map(str, place)) or "0"


def known_page_count(picture: str) -> int:
    """How many pages an image of this type has, 0 where only reading it tells."""
    return 1 if picture in _ONE_PAGE else 0
