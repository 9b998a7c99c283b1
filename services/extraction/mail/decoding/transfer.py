"""Transfer encodings undone (RFC 2045 §6); what is broken or no such encoding gives what can be saved."""

import binascii
import contextlib
import re

from services.extraction.kinds.signatures import kind_of

PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})

_NAMES = {
    **dict.fromkeys(("base-64", "x-base64", "x-base-64", "base 64"), "base64"),
    **dict.fromkeys(
        ("quoted printable", "quotedprintable", "quoted_printable", "x-quoted-printable"), "quoted-printable"
    ),
    **dict.fromkeys(("8-bit", "7-bit", "8 bit", "7 bit", "8bits", "7bits", "none"), "8bit"),
}
"""What programs write for them."""
_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_OF_CODE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n"
_FOR_ADDRESSES = bytes.maketrans(b"-_", b"+/")
"""The two letters of base64 that stand in addresses (RFC 4648 §5)."""
_FULL_LINE = 40
"""Letters from which on a line of one word is code: no language has such words."""
_LATE_BREAK, _BREAK_OF_A_MAC = re.compile(rb"=[ \t]++\r?\n"), re.compile(rb"=\r(?!\n)")
"""A gateway hung blanks on the line, or a Mac wrote its end: the sign would stand in the word, or end the text."""
_LONGEST_WORD, _LOOK = 20, 2_000
"""Bytes between two blanks, on average, up to which it is a text that nobody encoded: lines of base64 have 60 to 76."""


def named(values: list[str]) -> str:
    """The encoding that these fields name, in lower case, without the comments that some programs write behind it.

    Of several the one that says something: a gateway that writes a field of its own does not undo what stands there.
    """
    plain = ""
    for value in values:
        name = value.lower().split(";", 1)[0].split("(", 1)[0].strip(' "')
        name = _NAMES.get(name, name)
        if name not in PLAIN_ENCODINGS:
            return name
        plain = plain or name
    return plain


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
    return not _is_readable(_decoded(_without_footer(raw[:_LOOK])[0]))


def _is_readable(content: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode().isprintable()
    return False


def _from_letters(raw: bytes) -> bytes:
    """What the letters stand for, also behind a padding: programs join texts that each were encoded by themselves."""
    raw, footer = _without_footer(raw)
    if b"+" not in raw and b"/" not in raw and (b"-" in raw or b"_" in raw):
        raw = raw.translate(_FOR_ADDRESSES)
    return _decoded(raw) + footer


def _without_footer(raw: bytes) -> tuple[bytes, bytes]:
    """The code, and the words in clear behind it: a list server or a virus scanner hung them on without looking.

    Behind a file that is no text nobody would read them.
    """
    if not raw[-_LOOK:].translate(None, _OF_CODE):
        return raw, b""
    lines = raw.splitlines(keepends=True)
    last = next((number for number in reversed(range(len(lines))) if _is_code(lines[number])), -1)
    if last + 1 < len(lines) and _is_code(lines[last + 1], at_least=4):
        last += 1  # the rest of the last letters
    code, footer = b"".join(lines[: last + 1]), b"".join(lines[last + 1 :])
    if not code or b" " not in footer.strip():
        return raw, b""
    begin = _decoded(code[:_LOOK])
    return (raw, b"") if b"\0" in begin or kind_of(begin) else (code, b"\n" + footer)


def _is_code(line: bytes, *, at_least: int = _FULL_LINE) -> bool:
    """Whether it is one word of base64, of so many letters or padded; a line of hyphens is none."""
    word = line.strip()
    fits = word.endswith(b"=") or (len(word) >= at_least and len(word) % 4 == 0)
    return fits and not word.translate(None, _OF_CODE) and bool(word.strip(b"-_="))


def _decoded(raw: bytes) -> bytes:
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"=\r\n \t"):
        with contextlib.suppress(binascii.Error):  # what is odd is read letter by letter below
            return binascii.a2b_base64(raw)
    return b"".join(_from_run(run) for run in re.split(rb"=+", raw))


def _from_run(raw: bytes) -> bytes:
    clean = raw.translate(None, _NO_BASE64)
    whole = len(clean) - (len(clean) % 4 == 1)
    return binascii.a2b_base64(clean[:whole] + b"=" * (-whole % 4))
