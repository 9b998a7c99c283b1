"""Pictures by their first bytes: what senders say of a content is often something else."""

import struct
from typing import BinaryIO

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0\x08\0", "image/tiff"),
    (b"MM\0+\0\x08", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51\0", "image/jp2"),
)
_RESERVED = slice(6, 10)
"""Zero in every BMP: two letters alone begin many a text."""
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_SEGMENTS = 200
"""Segments looked at for the size of a JPEG; cameras write a few dozen before it."""


def picture_in(head: bytes) -> str:
    """The media type of the image that begins like this, or an empty string."""
    if head.startswith(b"BM") and head[_RESERVED] == b"\0\0\0\0":
        return "image/bmp"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in _AVIF_BRANDS else "image/heic" if head[8:12] in _HEIF_BRANDS else ""
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "")


def size_of(content: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels as PNG, JPEG, GIF and BMP say them at their beginning; (0, 0) of others."""
    head = content.read(32)
    try:
        if head.startswith(b"\x89PNG"):
            return _pair(">II", head[16:24])
        if head.startswith(b"GIF8"):
            return _pair("<HH", head[6:10])
        if head.startswith(b"BM"):
            width, height = _pair("<ii", head[18:26])
            return width, abs(height)
        return _jpeg(content) if head.startswith(b"\xff\xd8\xff") else (0, 0)
    except struct.error:
        return 0, 0


def _pair(form: str, content: bytes) -> tuple[int, int]:
    first, second = struct.unpack(form, content)
    return int(first), int(second)


def _jpeg(content: BinaryIO) -> tuple[int, int]:
    place = 2
    for _ in range(_JPEG_SEGMENTS):
        content.seek(place)
        marker = content.read(9)
        if marker[:1] != b"\xff":
            break
        if marker[1] in _JPEG_FRAMES:
            height, width = _pair(">HH", marker[5:9])
            return width, height
        place += 2 + int.from_bytes(marker[2:4], "big")
    return 0, 0
