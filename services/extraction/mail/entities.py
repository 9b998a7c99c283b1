"""MIME entities inside a buffer: where headers end, where parts begin, what the transfer encoding hides.

Nothing is copied before its text or bytes are asked for, and every step is linear in what it looks at: RFC 2045, 2046.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from services.extraction.kinds.signatures import HEAD_BYTES, PAGE, text_kind_of
from services.extraction.mail import cards, charsets, html, html_apart
from services.extraction.mail.decoding import line_ends, transfer
from services.extraction.mail.decoding.transfer import PLAIN_ENCODINGS
from services.extraction.mail.headers import Headers, parameters, words

Buffer = bytes | mmap.mmap

MAX_HEADER_BYTES = 2 * 1024 * 1024
"""Headers are looked at up to this length; what follows counts as body."""
MAX_HTML_CHARACTERS = 5_000_000
MIXED = "multipart/mixed"
LONGEST_PREAMBLE = 400
"""Bytes before its first part, up to which something is taken for a multipart that does not say so."""
MAX_BOUNDARY = 512
"""RFC 2046 allows 70 characters; longer ones were seen in the wild, absurd ones are no boundary."""

ENRICHED = frozenset({"text/enriched", "text/richtext"})
"""Text with commands in angle brackets; an angle bracket is written twice (RFC 1896)."""

_ENRICHED_TAG = re.compile(r"<param>[^<>]{0,200}</param>|</?[A-Za-z][A-Za-z0-9-]{0,60}>", re.IGNORECASE)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_FROM_LINE = re.compile(rb">?From [^\n]*+\n")
_BLANK_LINE = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\n\r?\n")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_GUESS = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200})\r?\n[Cc]ontent-")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


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
        """Type and subtype in lower case; what cannot be read is text (RFC 2045 §5.2).

        Where another type is named, or none, but the parts of a multipart stand there, it is one.
        """
        named = self._named_type
        if named.strip('" ') == "multipart":
            return MIXED
        if named in {"", "text/plain"} and self._shows_parts(named):
            return MIXED
        if not named:
            return self.default_type
        name = named.strip('"').split()[0]
        if _TYPE.fullmatch(name):
            return name
        return "text/plain" if "/" not in name else "application/octet-stream"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the content type, decoded."""
        return parameters(self._type_field)

    @cached_property
    def disposition(self) -> str:
        """`inline`, `attachment`, or an empty string."""
        return self.headers.first("content-disposition").split(";", 1)[0].strip().lower()

    @cached_property
    def name(self) -> str:
        """The file name for display: no folders, no control characters, at most 255 characters."""
        named = parameters(self.headers.first("content-disposition")).get("filename", "")
        found = named or self.parameters.get("name", "") or self._described()
        return display_name(found) if found else ""

    def content(self) -> bytes:
        """The bytes that the transfer encoding stands for; broken encodings give what can be saved."""
        return transfer.undone(self.buffer[self.start : self.end], self.encoding)

    @cached_property
    def text(self) -> str:
        """The body as text; HTML as a person sees it."""
        if self.html:
            return charsets.tidy(self.html.text)
        text = readable(self.content(), self.media_type, self._charset)
        is_flowed = self.parameters.get("format", "").lower() == "flowed"
        if is_flowed and self.parameters.get("delsp", "").lower() == "yes":
            return text.replace(" \n", "")  # the blank only marks that the line goes on (RFC 3676 §4.1)
        return text

    @cached_property
    def html(self) -> "html.HtmlText | None":
        """The body as a page with the pictures that lie in it, where it is HTML."""
        if self.media_type != PAGE and not (self.media_type == "text/plain" and text_kind_of(self.head) == PAGE):
            return None
        return html_apart.read(charsets.decoded_html(self.content(), self._charset)[:MAX_HTML_CHARACTERS])

    @property
    def _charset(self) -> str:
        return self.parameters.get("charset", "")

    @cached_property
    def encoding(self) -> str:
        """The transfer encoding in lower case, by its right name."""
        return transfer.named(self.headers.all("content-transfer-encoding"))

    @cached_property
    def head(self) -> bytes:
        """The first bytes of what the transfer encoding stands for."""
        return transfer.undone(self.buffer[self.start : min(self.end, self.start + 2 * HEAD_BYTES)], self.encoding)

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

    @cached_property
    def _type_field(self) -> str:
        """The content type: of several the one that says how the parts are told apart."""
        fields = self.headers.all("content-type")
        parted = (one for one in fields if one.lower().startswith("multipart/") and "boundary" in one.lower())
        return next(parted, fields[0] if fields else "")

    @property
    def _named_type(self) -> str:
        return self._type_field.split(";", 1)[0].strip().lower()

    def _shows_parts(self, named: str) -> bool:
        limit = min(self.end, self.start + LONGEST_PREAMBLE)
        if not named:
            return self.default_type == "text/plain" and bool(_GUESS.search(self.buffer, self.start, limit))
        boundary = self.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        return bool(boundary) and self.buffer.find(b"--" + boundary, self.start, limit) >= 0

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
    buffer, start, end = line_ends.mended(buffer, start, end)
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
    elif media_type in ENRICHED:
        text = _ENRICHED_TAG.sub("", text.replace("<<", "\0")).replace("\0", "<")
    return charsets.tidy(text).strip()


def display_name(name: str) -> str:
    r"""A file name that can be shown: without the folders of a path, printable, at most 255 characters.

    A slash inside a name is a slash: `Stellungnahme zu 52.10.02/1-2026.pdf` is no path, while `C:\\TEMP\\a.pdf` and
    `/mnt/a.pdf` are. Whoever saves it under this name replaces what a file system does not take.
    """
    last = _from_address(words(name)).split("\\")[-1]
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
        place = rest.end()
        # Behind the last boundary nothing is meant to be read, but where one follows after all, parts go on: a program
        # gave two multiparts inside each other the same boundary, or wrote its end too early.
        opened = -1 if rest[1] else place
    if 0 <= opened < entity.end:
        yield opened, entity.end


def _before(buffer: Buffer, start: int, delimiter: int) -> int:
    # The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
    end = delimiter - 1 if buffer[delimiter - 1 : delimiter] == b"\n" else delimiter
    end = end - 1 if buffer[end - 1 : end] == b"\r" else end
    return max(start, end)


def _from_address(name: str) -> str:
    """The name that was written as part of an address: `B%C3%BCro%20Plan.pdf`."""
    if " " in name or not _PERCENT.search(name):
        return name
    found = unquote(name, errors="replace")
    return name if "\ufffd" in found else found
