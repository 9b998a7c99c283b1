"""Bytes to text, whatever they claim to be: a chain that never fails."""

import codecs
import functools
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15", "utf-8"})
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decoded(content: bytes, charset: str = "") -> str:
    """The text, by the first of these that fits: UTF-8, the charset named, Windows-1252 with replacements.

    UTF-8 comes first for the Latin family, because mail programs name `iso-8859-1` for what is UTF-8 far more often
    than a Latin text happens to be valid UTF-8; and Latin-1 is read as Windows-1252, as the WHATWG standard does.
    """
    codec = _codec(charset)
    if codec in _LATIN or codec is None:
        text = _strictly(content, "utf-8-sig")
        codec = "cp1252" if codec in {"ascii", "iso8859-1", "utf-8", None} else codec
        return text if text is not None else content.decode(codec, "replace")
    text = _strictly(content, codec)
    return text if text is not None else content.decode(codec, "replace")


def tidy(text: str) -> str:
    """The text with line feeds only, and without what no index and no page can show."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub(" ", text)


@functools.lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    if not _NAME.fullmatch(charset):
        return None
    try:
        name = codecs.lookup(charset).name
        b"ab".decode(name, "replace")  # refuses codecs that are no charsets, such as zlib
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NO_CHARSETS else name


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeError:
        return None
