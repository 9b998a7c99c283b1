"""The text of a mail as it passes through DATA: where it ends, and the dots that were put before its lines.

RFC 5321 §4.1.1.4 and §4.5.2. Only CRLF ends a line here: a bare LF before a dot ends nothing, so that no second mail
can be smuggled inside a first.
"""

import asyncio
from collections.abc import AsyncIterator

END = b".\r\n"
_LINE = b"\r\n"


async def content(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The mail in pieces of any size, up to its last line; what the peer sends behind that stays in the reader."""
    text = _Unstuffing()
    while True:
        piece, complete = await _next_piece(reader)
        if complete and text.at_line_start(piece[: -len(END)]):
            yield text.feed(piece[: -len(END)])
            yield text.rest()
            return
        yield text.feed(piece)


async def _next_piece(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    # Only a dot before CRLF can be the end: everything between two of those comes as it lies in the buffer.
    try:
        return await reader.readuntil(END), True
    except asyncio.LimitOverrunError as error:
        return await reader.read(error.consumed), False
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError from error


class _Unstuffing:
    """Takes the first of the dots at the beginning of a line away. Begins behind an imagined line end."""

    def __init__(self) -> None:
        self._held = _LINE
        self._imagined = len(_LINE)

    def at_line_start(self, piece: bytes) -> bool:
        """Whether a line begins behind this piece."""
        return (self._held + piece[-len(_LINE) :]).endswith(_LINE)

    def feed(self, piece: bytes) -> bytes:
        """The text as it was written, without a line end that the next piece may continue."""
        if not piece:
            return b""
        piece = self._held + piece
        held = len(_LINE) if piece.endswith(_LINE) else int(piece.endswith(b"\r"))
        self._held = piece[len(piece) - held :]
        text = piece[: len(piece) - held].replace(b"\r\n.", _LINE)
        imagined, self._imagined = self._imagined, 0
        return text[imagined:]

    def rest(self) -> bytes:
        """The last line end."""
        return b"" if self._imagined else self._held
