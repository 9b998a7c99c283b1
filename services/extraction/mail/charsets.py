"""Bytes to text, whatever they claim to be: a chain that never fails."""

import codecs
import functools
import re
import unicodedata

from services.extraction.mail.decoding.charset_names import python_name

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15", "utf-8"})
_MORE_BYTES = frozenset({"gb18030", "gb2312", "gbk", "hz", "utf-7", "johab"})
_MORE_BYTES_AHEAD = ("cp932", "cp949", "cp950", "big5", "euc", "shift", "iso2022")
"""Charsets with letters of several bytes, or without bytes beyond ASCII: a short text in them may be valid UTF-8."""
_WIDE_AHEAD = ("utf-16", "utf-32")
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
_SEQUENCES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_META_WITHIN = 4_096
"""Bytes in which a page says its charset; the standard looks at 1,024, mail programs write long heads."""
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)
_BEYOND_ASCII = 0x80
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOK, _ZERO_SHARE = 400, 0.6
"""Bytes looked at, and the share of zeros in every second of them, from which they are letters of two bytes."""
_AS_LATIN = "poststelle-as-latin"
_NARROW_SHARE = 0.7
"""Share of printable ASCII from which bytes are letters of one byte, though two or four are named."""
_PRINTABLE = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
_UNSEEN = "\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Places for a hyphen or a break, and marks of direction: they stand inside of words, and nobody sees them."""
_UNPRINTABLE = re.compile(f"[{_UNSEEN}]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decoded(content: bytes, charset: str = "") -> str:
    """The text, by the first of these that fits: UTF-8, nearly UTF-8, the charset named, Windows-1252.

    UTF-8 comes first where one byte is a letter, because mail programs name `iso-8859-1` or `windows-1250` for what is
    UTF-8 far more often than such a text happens to be valid UTF-8; and Latin-1 is read as Windows-1252, as the WHATWG
    standard does.
    """
    if not charset and content.isascii() and b"\0" not in content:
        return content.decode("ascii")  # as nearly every header field is: all that follows comes to the same
    if wide := _wide(content):
        return content.decode(wide, "replace")
    codec = _codec(charset)
    if codec is not None and codec.startswith(_WIDE_AHEAD) and _is_narrow(content):
        codec = None  # a page that says `utf-16` of itself can be read only by who does not believe it
    if codec in _LATIN or codec is None:
        text = _strictly(content, "utf-8-sig")
        text = _nearly_utf8(content) if text is None else text
        codec = "cp1252" if codec in {"ascii", "iso8859-1", "utf-8", None} else codec
        return text if text is not None else content.decode(codec, "replace")
    several = codec in _MORE_BYTES or codec.startswith((*_MORE_BYTES_AHEAD, *_WIDE_AHEAD))
    for one in (codec, "utf-8-sig") if several else ("utf-8-sig", codec):
        # ASCII alone proves nothing: a charset that switches by commands is written in it (ISO-2022).
        if (text := _strictly(content, one)) is not None and (one == codec or not content.isascii()):
            return text
    return content.decode(codec, "replace")


def decoded_html(content: bytes, charset: str = "") -> str:
    """The text of a page: by the charset named outside, else by what the page says (WHATWG HTML §13.2.3.2)."""
    named = charset
    if _codec(charset) is None:
        inside = _META.search(content[:_META_WITHIN])
        named = inside[1].decode("ascii", "replace") if inside else ""
    return decoded(content, named)


def _wide(content: bytes) -> str:
    """UTF-16 or UTF-32 where the bytes say so, whatever is named; no text of one byte a letter is full of zeros."""
    for mark, codec in _MARKS:
        if content.startswith(mark) and len(content) % 2 == 0:
            return codec
    head = content[:_LOOK]
    if head.count(0) * 3 < len(head):
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    enough = len(head) // 2 * _ZERO_SHARE
    return "utf-16-le" if odd >= enough > even else "utf-16-be" if even >= enough > odd else ""


def _is_narrow(content: bytes) -> bool:
    """Whether nearly all of it is ASCII, which letters of two bytes are by chance alone."""
    head = content[:_LOOK]
    return len(head) - len(head.translate(None, _PRINTABLE)) >= _NARROW_SHARE * len(head)


def _nearly_utf8(content: bytes) -> str | None:
    """UTF-8 into which a program wrote a few bytes of another charset, such as the footer of a mailing list.

    One false byte must not turn every umlaut of a letter into two signs. A Latin text has next to no sequence that is
    valid UTF-8 beyond ASCII, so as many of them as of false bytes are enough of a sign.
    """
    valid = sum(map(len, _SEQUENCES.findall(content))) // 2
    if not valid:
        return None
    false = sum(byte >= _BEYOND_ASCII for byte in _SEQUENCES.sub(b"", content))
    return content.decode("utf-8", _AS_LATIN) if false <= valid else None


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # registered for decoding alone
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_AS_LATIN, _as_latin)


def tidy(text: str) -> str:
    """The text with line feeds only, and without what no index and no page can show."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").isprintable():  # all that is taken out is unprintable; asking costs a fifth
        text = _UNPRINTABLE.sub(_without, text)
    # Macs write `ü` as `u` and two dots: as two letters nobody finds it.
    return unicodedata.normalize("NFC", text)


def _without(found: re.Match[str]) -> str:
    return "" if found[0] >= "\x80" and not "\ud800" <= found[0] <= "\udfff" else " "


@functools.lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    if not _NAME.fullmatch(charset := charset.strip(" '\"")):
        return None
    try:
        name = codecs.lookup(python_name(charset)).name
        b"ab".decode(name, "replace")  # refuses codecs that are no charsets, such as zlib
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NO_CHARSETS else name


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeError:
        return None
