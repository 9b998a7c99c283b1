"""Files that stand in the text of a mail itself, as programs wrote them before MIME: uuencode and yEnc."""

import binascii
import re
from dataclasses import dataclass

from services.extraction.mail.decoding.transfer import from_uuencoded

MAX_FILES = 50

_BEGIN = re.compile(
    rb"^(?:begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255}?)|=ybegin [^\r\n]{0,200}?name=([^\r\n]{1,255}?))[ \t]*\r?$",
    re.MULTILINE,
)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$\n?", re.MULTILINE)
_UU_LINE = re.compile(rb"([!-`])([ -`]{2,62})[ \t]*\r?(?:\n|\Z)")
_Y_END = re.compile(rb"^=yend [^\r\n]{0,200}\r?$\n?", re.MULTILINE)
_Y_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_Y_BACK = bytes((number - 42) % 256 for number in range(256))
_FULL_LINE = 61


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file with the name that its first line gives it, in the charset of the mail."""

    name: bytes
    content: bytes


def taken_out(content: bytes) -> tuple[bytes, list[Enclosed]]:
    """The text without the files in it, and these; the text as it is where it has none."""
    if b"begin" not in content:
        return content, []
    files: list[Enclosed] = []
    kept, place = [], 0
    while len(files) < MAX_FILES and (begin := _BEGIN.search(content, place)):
        end = (_Y_END if begin[2] else _UU_END).search(content, begin.end())
        last, behind = end.span() if end else (_cut_off(content, begin),) * 2
        found = _file(begin, content[begin.end() + 1 : last])
        if not (end or found):
            break  # else each line that begins so would be looked behind, to the end of the mail
        if found:
            files.append(Enclosed(begin[1] or begin[2], found))
            kept.append(content[place : begin.start()])
        else:
            kept.append(content[place:behind])
        place = behind
    return b"".join([*kept, content[place:]]), files


def _cut_off(content: bytes, begin: re.Match[bytes]) -> int:
    """Where the packed lines of a file end that has no end of its own: a program or a limit of size cut the mail."""
    if begin[2] or begin[0].startswith(b"begin-base64"):
        return begin.end()  # their lines look like those of any text
    place = min(begin.end() + 1, len(content))
    while line := _UU_LINE.match(content, place):
        count = (line[1][0] - 32) & 63  # of the bytes that the line holds, each three of them as four signs
        if len(line[2]) < -(-count // 3) * 4:
            break
        place = line.end()
    return place


def _file(begin: re.Match[bytes], packed: bytes) -> bytes:
    """Its bytes; none where the lines are no such encoding but a text that begins a line with this word."""
    if begin[2]:
        return _Y_ESCAPE.sub(_unescaped, b"".join(_y_lines(packed))).translate(_Y_BACK)
    lines = packed.splitlines()
    if begin[0].startswith(b"begin-base64"):
        return _of_letters(packed)
    is_encoded = len(lines) > 0 and all(len(line) <= _FULL_LINE + 2 and b" " <= line[:1] <= b"`" for line in lines)
    return from_uuencoded(b"begin 644 x\n" + packed) if is_encoded else b""


def _of_letters(packed: bytes) -> bytes:
    try:
        return binascii.a2b_base64(packed)
    except binascii.Error:
        return b""


def _y_lines(packed: bytes) -> list[bytes]:
    return [line for line in packed.replace(b"\r", b"").split(b"\n") if not line.startswith(b"=ypart ")]


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([(found[1][0] - 64) % 256])
