"""The words of a mail that Outlook packed by itself (winmail.dat, MS-OXTNEF), where they stand as a bare attribute.

The extractor reads the body among the newer properties; older programs and gateways write it as `attBody` alone.
"""

import struct
from collections.abc import Iterator

TNEF = "application/vnd.ms-tnef"
MOST_ATTRIBUTES = 1_000
"""Of one file; a mail has some thirty, and as many for each of its files."""
_HEAD, _ATTRIBUTE = 6, struct.Struct("<BII")
_CHECKSUM = 2
_SUBJECT, _BODY, _CODE_PAGE = 0x8004, 0x800C, 0x9007
"""Lower halves of the ids; the upper one is the kind of the value, which programs name in several ways (§2.1.3.2)."""
_OF_MESSAGE = 1


def words_of(content: bytes) -> str:
    """Subject and body, each where it stands as an attribute; empty where neither does. What is cut is read so far."""
    found = dict(_attributes(content))
    named = found.get(_CODE_PAGE, b"")[:4]
    told = (
        _decoded(found.get(kind, b"").split(b"\0")[0], int.from_bytes(named, "little")) for kind in (_SUBJECT, _BODY)
    )
    return "\n\n".join(filter(None, told))


def _decoded(content: bytes, code_page: int) -> str:
    """By the code page named; gateways name none, and write UTF-8 or what Windows has in Europe."""
    for charset in (f"cp{code_page}", "utf-8"):
        try:
            return content.decode(charset).strip()
        except (LookupError, UnicodeDecodeError):
            continue  # the next one
    return content.decode("cp1252", "replace").strip()


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Those of the message itself, by their ids."""
    place = _HEAD
    for _ in range(MOST_ATTRIBUTES):
        if place + _ATTRIBUTE.size > len(content):
            return
        level, name, length = _ATTRIBUTE.unpack_from(content, place)
        place += _ATTRIBUTE.size
        if level == _OF_MESSAGE:
            yield name & 0xFFFF, content[place : place + length]
        place += length + _CHECKSUM
