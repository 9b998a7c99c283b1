"""The bytes of what lies in a zip: the extractor gives texts, and pages that are pictures have to be recognised."""

import zipfile
import zlib
from typing import BinaryIO

MAX_MEMBER = 64 * 1024 * 1024
"""Bytes of one file; larger ones are left to a person."""
_KNOWN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What unpacks within little memory."""
_LOCKED = 0x1
_FAULTS = (KeyError, OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What a zip that was damaged, locked, packed by an unknown method or made to harm brings about."""


def member(content: BinaryIO, name: str, limit: int) -> bytes:
    """The file of this name, nothing where there is none, it is locked or broken, or larger than the limit."""
    try:
        with zipfile.ZipFile(content) as archive:
            told = archive.getinfo(name)
            if told.flag_bits & _LOCKED or told.compress_type not in _KNOWN or told.file_size > limit:
                return b""
            with archive.open(told) as file:
                found = file.read(limit + 1)
    except _FAULTS:
        return b""
    return found if len(found) <= limit else b""
