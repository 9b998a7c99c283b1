"""Whether a file that lies still has its end: a copy that halts half-way is as still as one that is finished."""

import os
from typing import BinaryIO

_LAST_BYTES = 1024
"""Readers look for `%%EOF` so far before the end (ISO 32000-1, Annex H.3, note 18)."""


def lacks_its_end(stream: BinaryIO) -> bool:
    """Whether a PDF has no `%%EOF` near its end, or a TIFF's first directory would lie behind it (TIFF 6.0, section 2).

    Only ever a reason to wait longer: a damaged file is a document too.
    """
    size = os.fstat(stream.fileno()).st_size
    beginning = stream.read(8)
    if beginning.startswith(b"%PDF-"):
        stream.seek(max(0, size - _LAST_BYTES))
        return b"%%EOF" not in stream.read(_LAST_BYTES)
    if beginning.startswith(b"II*\x00"):
        return int.from_bytes(beginning[4:], "little") >= size
    return beginning.startswith(b"MM\x00*") and int.from_bytes(beginning[4:], "big") >= size
