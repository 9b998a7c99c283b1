"""Where a list of hits goes on: an opaque word that holds a place, never a right."""

import base64
import binascii
import zlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.core.errors import Rejected
from services.core.ports.entries import Query

DEEPEST = 10_000
"""How far a list by relevance goes; lists by time have no end."""

_LONGEST = 8_192


class Cursor(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """By time: the last order key and the documents shown under it. By relevance: a snapshot and a place in it."""

    question: Annotated[int, Meta(ge=0)]
    """Checksum of the query; a cursor fits no other."""
    key: Annotated[int, Meta(ge=0)] = 0
    shown: tuple[str, ...] = ()
    snapshot: str = ""
    offset: Annotated[int, Meta(ge=0, le=DEEPEST)] = 0

    def word(self) -> str:
        """The cursor as it travels."""
        return base64.urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")


def checksum(query: Query) -> int:
    """What a cursor must fit to."""
    return zlib.crc32(repr((query.groups, query.filters, query.sort, query.match)).encode("utf-8", "backslashreplace"))


def cursor_of(query: Query) -> Cursor:
    """The place where this page begins; Rejected("bad_query") for a cursor that is none of ours or another query's."""
    question = checksum(query)
    if not query.cursor:
        return Cursor(question)
    try:
        if len(query.cursor) > _LONGEST:
            raise ValueError  # noqa: TRY301 - one way out for all that is malformed
        packed = base64.b64decode(query.cursor + "=" * (-len(query.cursor) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.msgpack.decode(packed, type=Cursor)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise Rejected("bad_query") from None
    if cursor.question != question:
        raise Rejected("bad_query")
    return cursor
