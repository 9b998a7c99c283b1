"""Reading DATA: the end of the mail and the dots before its lines, whatever the pieces look like."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_intake.transparency import content

LIMIT = 16
"""So small that every mail overruns the reader's buffer."""


def stuffed(mail: bytes) -> bytes:
    """The mail as a client sends it (RFC 5321 §4.5.2), with its last line."""
    return (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def received(sent: bytes, *, cuts: list[int], behind: bytes = b"") -> tuple[bytes, bytes]:
    """What `content` makes of it when it comes in pieces cut at these places, and what it leaves in the reader."""

    async def read() -> tuple[bytes, bytes]:
        reader = asyncio.StreamReader(limit=LIMIT)
        mail = asyncio.create_task(_collect(reader))
        places = [0, *sorted(cut % (len(sent) + 1) for cut in cuts), len(sent)]
        for start, end in pairwise(places):
            reader.feed_data(sent[start:end])
            await asyncio.sleep(0)
        reader.feed_data(behind)
        reader.feed_eof()
        return await mail, await reader.read()

    return asyncio.run(read())


async def _collect(reader: asyncio.StreamReader) -> bytes:
    return b"".join([piece async for piece in content(reader)])


@given(
    lines=st.lists(
        st.sampled_from([b"", b".", b"..", b".\n.", b"a.", b"\r", b"\n", b".\r", b"long line." * 5, b"\x00"])
    ),
    cuts=st.lists(st.integers(0, 10_000), max_size=20),
)
def test_any_mail_in_any_pieces_comes_out_as_it_went_in(lines: list[bytes], cuts: list[int]) -> None:
    """What a client stuffs is what we keep, byte for byte; what follows the last line stays for the next command."""
    mail = b"".join(line + b"\r\n" for line in lines)
    assert received(stuffed(mail), cuts=cuts, behind=b"QUIT\r\n") == (mail, b"QUIT\r\n")


def test_a_mail_without_a_byte_is_seen_as_empty() -> None:
    """The last line alone."""
    assert received(b".\r\n", cuts=[]) == (b"", b"")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_only_a_dot_between_line_ends_ends_a_mail(end: bytes) -> None:
    """Anything else is content; a peer that then goes away has sent no mail."""
    with pytest.raises(ConnectionResetError):
        received(b"a" + end + b"b", cuts=[])
