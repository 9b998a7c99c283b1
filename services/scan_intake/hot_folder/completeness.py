"""Whether a file that lies still has its end: a copy that halts half-way is as still as one that is finished."""

import os
from typing import BinaryIO

_LAST_BYTES = 1024
"""Readers look for `%%EOF` so far before the end (ISO 32000-1, Annex H.3, note 18); what scanners pad is no longer."""
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
"""Signature and last chunk, with its checksum (ISO 15948, 5.2 and 11.2.5)."""
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_START_OF_SCAN, _FILL = 0xDA, 0xFF
_MOST_SEGMENTS = 1_000
"""Segments before the picture itself; a colour profile of 16 MiB has 255."""


def lacks_its_end(stream: BinaryIO) -> bool:
    """Whether the last thing that a finished file of its kind has is missing.

    A PDF has `%%EOF` near its end, a JPEG EOI behind its picture (ISO 10918-1, B.1.1.3), a PNG the chunk IEND; a TIFF's
    first directory lies within the file (TIFF 6.0, section 2). Only ever a reason to wait longer: a damaged file is a
    document too.
    """
    size = os.fstat(stream.fileno()).st_size
    beginning = stream.read(8)
    if beginning.startswith(b"%PDF-"):
        return b"%%EOF" not in _tail(stream, size)
    if beginning == _PNG:
        return _PNG_END not in _tail(stream, size)
    if beginning.startswith(_JPEG):
        picture = _picture_of_jpeg(stream, size)
        return picture >= size or _JPEG_END not in _tail(stream, size, picture)
    if beginning.startswith(b"II*\x00"):
        return int.from_bytes(beginning[4:], "little") >= size
    return beginning.startswith(b"MM\x00*") and int.from_bytes(beginning[4:], "big") >= size


def _tail(stream: BinaryIO, size: int, first: int = 0) -> bytes:
    """The last bytes, none of them from before `first`."""
    stream.seek(max(first, size - _LAST_BYTES))
    return stream.read(_LAST_BYTES)


def _picture_of_jpeg(stream: BinaryIO, size: int) -> int:
    """Where the coded picture begins, or the size where it does not: the small one in a camera's notes ends as well."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        stream.seek(place)
        head = stream.read(4)
        if len(head) < 4 or head[0] != _FILL:  # noqa: PLR2004  # marker and length, two bytes each
            return size
        if head[1] == _FILL:
            place += 1
            continue
        place += 2 + int.from_bytes(head[2:], "big")
        if head[1] == _START_OF_SCAN:
            return min(place, size)
    return size
