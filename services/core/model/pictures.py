"""Pictures by their first bytes: what senders say of a content is often something else."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_RESERVED = slice(6, 10)
"""Zero in every BMP: two letters alone begin many a text."""


def picture_in(head: bytes) -> str:
    """The media type of the image that begins like this, or an empty string."""
    if head.startswith(b"BM") and head[_RESERVED] == b"\0\0\0\0":
        return "image/bmp"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "")
