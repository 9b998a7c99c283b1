"""What kind of pages a content has, by its first bytes: senders say all sorts of things of it, and events nothing."""

from typing import BinaryIO

OTHER = "application/octet-stream"
_HEAD_BYTES = 1024
_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"RIFF", "image/webp"),
)


def media_type_of(content: BinaryIO) -> str:
    """A PDF or a picture, else `OTHER`; the content stands at its beginning afterwards."""
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    content.seek(0)
    if b"%PDF" in head:
        return "application/pdf"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), OTHER)
