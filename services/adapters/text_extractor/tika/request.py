"""What is sent to Tika with a file: headers from untrusted names and types, and text in a charset we are sure of."""

import codecs
import io
import re
import zipfile
from typing import BinaryIO
from urllib.parse import quote

import msgspec

from services.adapters.text_extractor.tika.result import clean_name, media_type_of, printable

_ASCII_NAME = re.compile(r"[^A-Za-z0-9._-]")
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_PLAIN = {"text/plain", "text/csv"}
_HTML = {"text/html", "application/xhtml+xml"}
# A form type makes the server look for form fields and find no file. The others say nothing, and Tika would believe
# them: an office file is a zip, and read as one its words are lost among styles and settings.
_NEVER_SENT = (
    *("multipart/", "application/x-www-form-urlencoded", "application/octet-stream"),
    *("application/zip", "application/x-zip"),
)
_UNTELLING = {"", "application/octet-stream"}
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

IN_MEMORY = 16 * 1024 * 1024
"""Bytes up to which a file is held in memory, and text is looked at for its charset."""


class ParseRequest:
    """A file and what is told about it; can be asked again."""

    path = "/rmeta/body"

    def __init__(self, file: BinaryIO, size: int, *, name: str, media_type: str) -> None:
        self._file = file
        self._content: bytes | None = None
        if size <= IN_MEMORY:
            file.seek(0)
            self._content = file.read()
            if kind := is_text(name, media_type):
                declared = charset_of(media_type)
                self._content, media_type = in_known_charset(self._content, kind, declared)
        self.headers = headers(name, media_type)

    def answers(self, body: bytes) -> list[dict[str, object]]:
        """What Tika says, part by part."""
        return msgspec.json.decode(body, type=list[dict[str, object]])

    def body(self) -> bytes | BinaryIO:
        """From the beginning; in one piece where memory holds it: each piece of a file wakes the server."""
        self._file.seek(0)
        return self._file if self._content is None else self._content


class Unpack(ParseRequest):
    """Asks for the files inside instead of their texts."""

    path = "/unpack"

    def __init__(self, file: BinaryIO, size: int, *, hints: tuple[str, str], limit: int) -> None:
        """`hints` are media type and name."""
        super().__init__(file, size, media_type=hints[0], name=hints[1])
        self._limit = limit
        self.headers |= {"Accept": "application/zip", "unpackMaxBytes": str(limit)}

    def answers(self, body: bytes) -> list[dict[str, object]]:
        """Each file with its name and its bytes; behind the limit none. Tika packs a zip of its own for them."""
        found: list[dict[str, object]] = [{}]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            left = self._limit
            for told in archive.infolist():
                left -= told.file_size
                if left < 0:
                    break
                found.append({"name": clean_name(told.filename), "content": archive.read(told)})
        return found


def headers(name: str, media_type: str) -> dict[str, str]:
    """Name and type as hints for the detection (RFC 6266, RFC 8187); nothing of them can break out of its header."""
    found = {"Accept": "application/json"}
    if name := clean_name(name):
        plain = _ASCII_NAME.sub("_", name)
        found["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    kind = media_type_of(media_type)
    if not kind.startswith(_NEVER_SENT):
        charset = charset_of(media_type)
        found["Content-Type"] = f"{kind}; charset={charset}" if charset else kind
    return found


def charset_of(media_type: str) -> str:
    """The declared charset, where Python knows it too; else nothing."""
    declared = _CHARSET.search(media_type)
    try:
        return codecs.lookup(declared[1]).name if declared else ""
    except LookupError:
        return ""


def is_text(name: str, media_type: str) -> str:
    """`text/plain` or `text/html` where the file is said to be one, else nothing."""
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    ending = name.rpartition(".")[2].lower() if kind in _UNTELLING else ""
    if kind in _HTML or ending in {"html", "htm"}:
        return "text/html"
    return "text/plain" if kind in _PLAIN or ending in {"txt", "csv"} else ""


def in_known_charset(content: bytes, kind: str, declared: str) -> tuple[bytes, str]:
    """Text content and the media type to send with it, so that Tika need not guess the charset.

    Its guess is bad for short German text: `Straße` in Latin-1 became Chinese, `Müller` in UTF-8 Latin-1.
    What is valid UTF-8 is UTF-8; then counts what the sender declared; plain text that declares nothing is
    Windows-1252, the charset of old German programs. HTML that declares nothing may still say it inside.
    """
    if content.startswith(_BYTE_ORDER_MARKS) or b"\0" in content:
        return content, kind
    charset = "utf-8" if _is_utf8(content) else declared or ("cp1252" if kind == "text/plain" else "")
    if not charset:
        return content, kind
    text = printable(content.decode(charset, errors="replace"))
    if kind == "text/html":
        # Tika believes the first declaration on the page and nobody else.
        text = f'<meta charset="utf-8">{text}'
    return text.encode(), f"{kind}; charset=utf-8"


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
