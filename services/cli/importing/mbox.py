"""The mails of an mbox file, one by one, whatever its size; of its dialects the quoting of `From ` lines is undone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BEGINNING = b"From "
LINE_BYTES = 1024 * 1024
"""Read at one time: a line without an end fills no memory."""
_QUOTED = re.compile(rb">+From ")
_SEPARATOR = re.compile(rb"From .*\d\d:\d\d.*\d{4}|From \S+@\S+ |From -|From \S+\s*$")
"""An envelope line has an address or a time: not every line that begins so is one (RFC 4155, Mozilla)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the file."""

    content: bytes
    problem: str = ""
    """`too_large`: its bytes were not kept. `empty`. `cut`: nothing but the beginning of its header is there."""
    is_cut: bool = False
    """The file ends in the middle of it, as far as one can see; what is there is a mail all the same."""


def mails(stream: BinaryIO, *, largest: int) -> Iterator[Mail]:
    """Every mail of the stream, in its order. What stands before the first envelope line is a mail, too."""
    held = _Held(largest)
    begun, blank = False, True
    while line := stream.readline(LINE_BYTES):
        if blank and _SEPARATOR.match(line):
            if begun or held:
                yield held.mail()
            held, begun, blank = _Held(largest), True, False
            continue
        held.take(line[1:] if _QUOTED.match(line) else line)
        blank = line in (b"\n", b"\r\n")
    if begun or held:
        yield held.mail(last=True)


class _Held:
    """The lines of one mail."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._lines: list[bytes] = []
        self._size = 0
        self._ended = True

    def __bool__(self) -> bool:
        return self._size > 0

    def take(self, line: bytes) -> None:
        self._size += len(line)
        self._ended = line.endswith(b"\n")
        if self._size > self._largest:
            self._lines.clear()
        else:
            self._lines.append(line)

    def mail(self, *, last: bool = False) -> Mail:
        if self._size > self._largest:
            return Mail(b"", "too_large")
        if self._lines and self._lines[-1] in (b"\n", b"\r\n"):
            self._lines.pop()  # the empty line belongs to the file, not to the mail
        content = b"".join(self._lines)
        if not content.strip():
            return Mail(b"", "empty")
        is_cut = last and not self._ended
        headless = b"\n\n" not in content and b"\r\n\r\n" not in content
        return Mail(content, "cut" if is_cut and headless else "", is_cut=is_cut)
