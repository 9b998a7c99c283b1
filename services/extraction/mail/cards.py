"""Visiting cards and calendars as text: lines unfolded, escapes and quoted-printable undone (RFC 5545 §3.1, RFC 6350).

Only what a person would read counts here, so no library that knows every property is asked.
"""

import binascii
import re
from dataclasses import dataclass

from services.extraction.kinds.signatures import kind_of
from services.extraction.mail import charsets

TYPES = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/x-vcalendar", "text/directory"})

MAX_ENCLOSED = 50
"""Files taken out of one card or calendar."""

_FOLD = re.compile(r"\r?\n[ \t]")
_BYTES_FOLD = re.compile(rb"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_ESCAPE = re.compile(r"\\([nN,;:\\])")
_QUOTED = re.compile(r"^([^:\n]*ENCODING=QUOTED-PRINTABLE[^:\n]*):(.*)$", re.IGNORECASE | re.MULTILINE)
_ENCLOSED = re.compile(
    r"^(ATTACH|PHOTO|LOGO|SOUND|KEY)((?:;[^:\n;\"]{0,200}|;[^:\n;\"]{0,80}\"[^\"\n]{0,200}\"){0,20})"
    r":(?:data:([\w.+/-]{0,80})(?:;[^,;\n]{0,80}){0,5},)?([A-Za-z0-9+/ \t]{40,}+={0,2}+)[ \t]*+$",
    re.IGNORECASE | re.MULTILINE,
)
"""A property whose value is a file in base64 (RFC 5545 §3.1.3, RFC 6350 §6.2.4), on one line once it is unfolded."""
_OLD_FOLD = re.compile(
    r"(;(?:ENCODING=)?(?:BASE64|B)\b[^:\n]{0,200}:[^\n]*+(?:\n[A-Za-z0-9+/=]{20,}+$)*+)", re.IGNORECASE | re.MULTILINE
)
_PACKED = re.compile(
    r"^([A-Z0-9.-]{1,60})((?:;[^:\n]{0,400})?;(?:ENCODING=)?(?:BASE64|B)\b[^:\n]{0,200})"
    r":([A-Za-z0-9+/ \t]{2,}+={0,2}+)[ \t]*+$",
    re.IGNORECASE | re.MULTILINE,
)
"""Any other property in base64: words, as vCard 2.1 packs what is not ASCII (§2.1.3), or a file of another kind."""
_NAME = re.compile(r";(?:X-FILENAME|FILENAME|X-APPLE-FILENAME)=\"?([^;:\"]{1,255})", re.IGNORECASE)
_KIND = re.compile(r";FMTTYPE=\"?([\w.+-]{1,60}/[\w.+-]{1,100})", re.IGNORECASE)
_CHARSET = re.compile(r"CHARSET=([^;:]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that stands in a card or an invitation."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Card:
    """What a person would read, and the files."""

    text: str
    enclosed: list[Enclosed]


def unfolded(content: bytes) -> bytes:
    """The lines whole, as bytes: programs fold them in the middle of a letter (RFC 5545 §3.1)."""
    return content if b"\0" in content else _BYTES_FOLD.sub(b"", content)


def card_of(source: str) -> Card:
    """The lines with their names as they were before they were packed for transport, and the files apart."""
    files: list[Enclosed] = []

    def taken(found: re.Match[str], letters: str, media_type: str | None = None) -> str:
        if len(files) >= MAX_ENCLOSED:
            return found[0]  # its letters stay in the text: who looks sees that there was more
        name, kind = _NAME.search(found[2]), _KIND.search(found[2])
        told = kind[1] if kind else media_type or ""
        files.append(Enclosed(name[1] if name else "", told.lower(), _bytes(letters)))
        return f"{found[1]}: {name[1]}" if name else ""

    def enclosed(found: re.Match[str]) -> str:
        return taken(found, found[4], found[3])

    def unpacked(found: re.Match[str]) -> str:
        content, charset = _bytes(found[3]), _CHARSET.search(found[2])
        if b"\0" in content or kind_of(content):
            return taken(found, found[3])
        return f"{found[1]}:{charsets.decoded(content, charset[1] if charset else '')}"

    lines = _OLD_FOLD.sub(_on_one_line, _FOLD.sub("", source.replace("\r\n", "\n")))
    return Card(text_of(_PACKED.sub(unpacked, _ENCLOSED.sub(enclosed, lines))), [one for one in files if one.content])


def _on_one_line(found: re.Match[str]) -> str:
    return found[1].replace("\n", "")


def _bytes(letters: str) -> bytes:
    clean = re.sub(r"[^A-Za-z0-9+/]", "", letters)
    whole = len(clean) - (len(clean) % 4 == 1)
    return binascii.a2b_base64(clean[:whole] + "=" * (-whole % 4))


def text_of(source: str) -> str:
    """The lines with their names, as they were before they were packed for transport."""
    if "QUOTED-PRINTABLE" in source.upper():
        source = _QUOTED.sub(_decoded, _SOFT_BREAK.sub("", source))
    return _ESCAPE.sub(_meant, _FOLD.sub("", source))


def _meant(escape: re.Match[str]) -> str:
    return "\n" if escape[1] in "nN" else escape[1]


def _decoded(line: re.Match[str]) -> str:
    named = _CHARSET.search(line[1])
    content = binascii.a2b_qp(line[2].encode("utf-8", "replace"))
    return f"{line[1]}:{charsets.decoded(content, named[1] if named else '')}"
