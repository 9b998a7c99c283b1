"""Transfer encodings undone (RFC 2045 §6); what is broken or no such encoding gives what can be saved."""

import binascii
import contextlib
import re

PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})

_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_FOR_ADDRESSES = bytes.maketrans(b"-_", b"+/")
"""The two letters of base64 that stand in addresses (RFC 4648 §5)."""
_LATE_BREAK, _BREAK_OF_A_MAC = re.compile(rb"=[ \t]++\r?\n"), re.compile(rb"=\r(?!\n)")
"""A gateway hung blanks on the line, or a Mac wrote its end: the sign would stand in the word, or end the text."""
_LONGEST_WORD, _LOOK = 20, 2_000
"""Bytes between two blanks, on average, up to which it is a text that nobody encoded: lines of base64 have 60 to 76."""


def undone(raw: bytes, encoding: str) -> bytes:
    """The bytes that it stands for."""
    if encoding == "base64":
        return raw if _was_never_encoded(raw) else _from_letters(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(_BREAK_OF_A_MAC.sub(b"=\n", _LATE_BREAK.sub(b"=\n", raw)))
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return from_uuencoded(raw)
    return raw


def from_uuencoded(raw: bytes) -> bytes:
    """What the lines behind `begin` stand for; a broken one is lost, not the file."""
    lines = raw.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    found = bytearray()
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        with contextlib.suppress(binascii.Error):
            # Encoders that pad wrongly: the length in the first character tells how much counts.
            found += binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3] if line else b"")
    return bytes(found)


def _was_never_encoded(raw: bytes) -> bool:
    """Whether a program named an encoding that it did not apply: words with blanks between them are no base64."""
    words = raw[:_LOOK].split()
    if len(words) < 3 or sum(map(len, words)) > _LONGEST_WORD * len(words):  # noqa: PLR2004  # two may be chance
        return False
    return not _is_readable(_from_letters(raw[:_LOOK]))


def _is_readable(content: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode().isprintable()
    return False


def _from_letters(raw: bytes) -> bytes:
    """What the letters stand for, also behind a padding: programs join texts that each were encoded by themselves."""
    if b"+" not in raw and b"/" not in raw and (b"-" in raw or b"_" in raw):
        raw = raw.translate(_FOR_ADDRESSES)
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"=\r\n \t"):
        with contextlib.suppress(binascii.Error):  # what is odd is read letter by letter below
            return binascii.a2b_base64(raw)
    return b"".join(_from_run(run) for run in re.split(rb"=+", raw))


def _from_run(raw: bytes) -> bytes:
    clean = raw.translate(None, _NO_BASE64)
    whole = len(clean) - (len(clean) % 4 == 1)
    return binascii.a2b_base64(clean[:whole] + b"=" * (-whole % 4))
