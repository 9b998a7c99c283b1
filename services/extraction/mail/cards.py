"""Visiting cards and calendars as text: lines unfolded, escapes and quoted-printable undone (RFC 5545 §3.1, RFC 6350).

Only what a person would read counts here, so no library that knows every property is asked.
"""

import binascii
import re

from services.extraction.mail import charsets

TYPES = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/x-vcalendar", "text/directory"})

_FOLD = re.compile(r"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_ESCAPE = re.compile(r"\\([nN,;:\\])")
_QUOTED = re.compile(r"^([^:\n]*ENCODING=QUOTED-PRINTABLE[^:\n]*):(.*)$", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(r"CHARSET=([^;:]{1,40})", re.IGNORECASE)


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
