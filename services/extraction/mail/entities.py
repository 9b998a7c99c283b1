"""MIME entities inside a buffer: where headers end, where parts begin, what the transfer encoding hides.

Nothing is copied before its text or bytes are asked for, and every step is linear in what it looks at: RFC 2045, 2046.
"""

import binascii
import contextlib
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from services.extraction.mail import cards, charsets, html, html_apart
from services.extraction.mail.headers import Headers, parameters, words

Buffer = bytes | mmap.mmap

PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})

MAX_HEADER_BYTES = 2 * 1024 * 1024
"""Headers are looked at up to this length; what follows counts as body."""
MAX_HTML_CHARACTERS = 5_000_000
MAX_BOUNDARY = 512
"""RFC 2046 allows 70 characters; longer ones were seen in the wild, absurd ones are no boundary."""

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_FROM_LINE = re.compile(rb">?From [^\n]*+\n")
_BLANK_LINE = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\n\r?\n")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_GUESS = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200})\r?\n[Cc]ontent-")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


@dataclass(eq=False)
class Entity:
    """One entity: its headers, and where its body lies in the buffer."""

    buffer: Buffer
    headers: Headers
    start: int
    end: int
    default_type: str = "text/plain"

    @cached_property
    def media_type(self) -> str:
        """Type and subtype in lower case; what cannot be read is text (RFC 2045 §5.2)."""
        named = self.headers.first("content-type")
        if not named.strip():
            return self.default_type
        name = named.split(";", 1)[0].strip().lower()
        name = name.split()[0] if name else ""
        if _TYPE.fullmatch(name):
            return name
        return "text/plain" if "/" not in name else "application/octet-stream"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the content type, decoded."""
        return parameters(self.headers.first("content-type"))

    @cached_property
    def disposition(self) -> str:
        """`inline`, `attachment`, or an empty string."""
        return self.headers.first("content-disposition").split(";", 1)[0].strip().lower()

    @cached_property
    def name(self) -> str:
        """The file name for display: no folders, no control characters, at most 255 characters."""
        named = parameters(self.headers.first("content-disposition")).get("filename", "")
        return display_name(named or self.parameters.get("name", "") or self._described())

    def content(self) -> bytes:
        """The bytes that the transfer encoding stands for; broken encodings give what can be saved."""
        return _unpacked(self.buffer[self.start : self.end], self.encoding)

    @cached_property
    def text(self) -> str:
        """The body as text; HTML as a person sees it."""
        return self.html.text if self.html else readable(self.content(), self.media_type, self._charset)

    @cached_property
    def html(self) -> "html.HtmlText | None":
        """The body as a page with the pictures that lie in it, where it is HTML."""
        if self.media_type != "text/html":
            return None
        return html_apart.read(charsets.decoded_html(self.content(), self._charset)[:MAX_HTML_CHARACTERS])

    @property
    def _charset(self) -> str:
        return self.parameters.get("charset", "")

    @cached_property
    def encoding(self) -> str:
        """The transfer encoding in lower case."""
        return self.headers.first("content-transfer-encoding").split(";", 1)[0].strip().lower()

    def parts(self) -> Iterator["Entity"]:
        """The entities of a multipart, in order; none when no boundary can be found."""
        boundary = self._boundary()
        default = "message/rfc822" if self.media_type == "multipart/digest" else "text/plain"
        for start, end in _pieces(self, boundary) if boundary else ():
            yield parse(self.buffer, start, end, default_type=default)

    def unwrapped(self) -> "Entity":
        """A multipart without its transfer encoding: RFC 2045 §6.4 forbids one, programs write base64."""
        if self.encoding in PLAIN_ENCODINGS:
            return self
        content = self.content()
        inner = Entity(content, self.headers, 0, len(content), self.default_type)
        inner.encoding = ""
        return inner

    def _boundary(self) -> bytes:
        named = self.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        if named and len(named) <= MAX_BOUNDARY and self.buffer.find(b"--" + named, self.start, self.end) >= 0:
            return named
        guessed = _GUESS.search(self.buffer, self.start, min(self.end, self.start + MAX_HEADER_BYTES))
        return guessed[1].rstrip() if guessed else b""

    def _described(self) -> str:
        description = self.headers.text("content-description")
        return description if re.search(r"\.\w{2,4}$", description) else ""


def parse(buffer: Buffer, start: int, end: int, *, default_type: str = "text/plain") -> Entity:
    """The entity between two places of the buffer. Where no header is, all is body."""
    headers = Headers()
    place = start
    mailbox_line = _FROM_LINE.match(buffer, place, end)
    if mailbox_line:
        place = mailbox_line.end()
    limit = min(end, place + MAX_HEADER_BYTES)
    while field := _FIELD.match(buffer, place, limit):
        headers.add(field[1], field[2])
        place = field.end()
    if place == limit < end:
        # Cut inside a header block: the body begins behind the next empty line.
        head_end = _HEAD_END.search(buffer, limit, end)
        return Entity(buffer, headers, head_end.end() if head_end else limit, end, default_type)
    blank = _BLANK_LINE.match(buffer, place, end)
    return Entity(buffer, headers, blank.end() if blank else place, end, default_type)


def readable(content: bytes, media_type: str, charset: str) -> str:
    """What a person would read in text of this type."""
    if media_type == "text/html":
        return html_apart.read(charsets.decoded_html(content, charset)[:MAX_HTML_CHARACTERS]).text
    text = charsets.decoded(content, charset)
    if media_type in cards.TYPES:
        text = cards.text_of(text)
    return charsets.tidy(text).strip()


def display_name(name: str) -> str:
    r"""A file name that can be shown: without the folders of a path, printable, at most 255 characters.

    A slash inside a name is a slash: `Stellungnahme zu 52.10.02/1-2026.pdf` is no path, while `C:\\TEMP\\a.pdf` and
    `/mnt/a.pdf` are. Whoever saves it under this name replaces what a file system does not take.
    """
    last = words(name).split("\\")[-1]
    last = last.rpartition("/")[2] if last.startswith(("/", "~/", "./", "../", "file:")) else last
    return "".join(c for c in charsets.tidy(last) if c.isprintable()).strip()[:255]


def _pieces(entity: Entity, boundary: bytes) -> Iterator[tuple[int, int]]:
    buffer, mark = entity.buffer, b"--" + boundary
    place, opened = entity.start, -1
    while (found := buffer.find(mark, place, entity.end)) >= 0:
        place = found + len(mark)
        rest = _AFTER_BOUNDARY.match(buffer, place, entity.end)
        if rest is None or (found > entity.start and buffer[found - 1 : found] != b"\n"):
            continue
        if opened >= 0:
            yield opened, _before(buffer, opened, found)
        place = opened = rest.end()
        if rest[1]:
            return
    if 0 <= opened < entity.end:
        yield opened, entity.end


def _before(buffer: Buffer, start: int, delimiter: int) -> int:
    # The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
    end = delimiter - 1 if buffer[delimiter - 1 : delimiter] == b"\n" else delimiter
    end = end - 1 if buffer[end - 1 : end] == b"\r" else end
    return max(start, end)


def _unpacked(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return _from_letters(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _from_uuencoded(raw)
    return raw


def _from_letters(raw: bytes) -> bytes:
    """What the letters stand for, also behind a padding: programs join texts that each were encoded by themselves."""
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"=\r\n \t"):
        with contextlib.suppress(binascii.Error):  # what is odd is read letter by letter below
            return binascii.a2b_base64(raw)
    return b"".join(_from_run(run) for run in re.split(rb"=+", raw))


def _from_run(raw: bytes) -> bytes:
    clean = raw.translate(None, _NO_BASE64)
    whole = len(clean) - (len(clean) % 4 == 1)
    return binascii.a2b_base64(clean[:whole] + b"=" * (-whole % 4))


def _from_uuencoded(raw: bytes) -> bytes:
    lines = raw.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    found = bytearray()
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        with contextlib.suppress(binascii.Error):  # a broken line is lost, not the file
            # Encoders that pad wrongly: the length in the first character tells how much counts.
            found += binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3] if line else b"")
    return bytes(found)
