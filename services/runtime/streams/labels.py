"""What a sender writes on an upload, made harmless: its file name, for display only, and its media type."""

import contextlib
import re
import unicodedata
from email.message import Message

MAX_NAME_CHARACTERS = 200
UNKNOWN = "application/octet-stream"
_UNTELLING = {UNKNOWN, "application/x-www-form-urlencoded", "binary/octet-stream"}
"""What clients say when they know nothing; `curl --data-binary` claims a form."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
"""Like `words.MediaType`."""

_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"PK\x03\x04", "application/zip"),
)
BEGINNING_BYTES = 16


def display_name(name: str) -> str:
    """The last component of a name, without what could deceive a reader: never a path, empty where nothing is left.

    Control, format (such as the reversal of writing direction), private and unassigned characters go.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", _as_text(name)))[-1]
    visible = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(visible.split())
    if not name.strip(". "):
        return ""
    return name if len(name) <= MAX_NAME_CHARACTERS else _shortened(name)


def name_in(disposition: str) -> str:
    """The file name of a Content-Disposition (RFC 6266), also as `filename*` (RFC 8187); empty where there is none."""
    header = Message()
    # A line break inside would begin a second header.
    header["Content-Disposition"] = re.sub(r"[\x00-\x1f]", " ", disposition)
    try:
        return display_name(header.get_filename("") or "")
    except (LookupError, UnicodeError, ValueError):
        return ""


def media_type(declared: str, beginning: bytes) -> str:
    """The type that the sender declared, or what the first bytes tell where it declared nothing of use."""
    plain = declared.partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(plain) and plain not in _UNTELLING:
        return plain
    return next((found for magic, found in _BEGINNINGS if beginning.startswith(magic)), UNKNOWN)


def is_form(declared: str) -> bool:
    """Whether the body is a form with a file somewhere inside, not the file itself."""
    return declared.strip().lower().startswith("multipart/")


def _as_text(name: str) -> str:
    """A file name whose bytes are no UTF-8, which Python keeps as lone surrogates, read as older scanners write it."""
    for encoding in ("utf-8", "cp1252", "latin-1"):
        with contextlib.suppress(UnicodeError):
            return name.encode(errors="surrogateescape").decode(encoding)
    return name


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > MAX_NAME_CHARACTERS // 10:
        return name[:MAX_NAME_CHARACTERS]
    return f"{stem[: MAX_NAME_CHARACTERS - len(ending) - 1]}.{ending}"
