"""What kind of pages a content has, by its first bytes: events say nothing of it."""

from typing import BinaryIO

from services.core.model.pictures import picture_in

OTHER = "application/octet-stream"
_HEAD_BYTES = 1024


def media_type_of(content: BinaryIO) -> str:
    """A PDF or a picture, else `OTHER`; the content stands at its beginning afterwards."""
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    content.seek(0)
    return "application/pdf" if b"%PDF" in head else picture_in(head) or OTHER
