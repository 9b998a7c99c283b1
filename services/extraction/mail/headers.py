"""Header fields of a mail, decoded: encoded words (RFC 2047), parameters (RFC 2231), addresses, dates, ids."""

import binascii
import re
from urllib.parse import unquote_to_bytes

from services.core.model.record_files import MailHead
from services.extraction.mail import charsets
from services.extraction.mail.decoding.dates import date_of

MAX_VALUE = 100_000
"""Bytes of one header value that are looked at."""
MAX_TEXT = 2_000
"""Characters kept of a header that people read, such as the subject."""
MAX_ADDRESSES = 2_000
MAX_REFERENCES = 200

_REPLIES = frozenset({"auto-replied", "auto-notified"})
_FOLD = re.compile(r"\r?\n[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]{0,20000}|[^\r\n]{0,800}?)\?=")
"""RFC 2047 §2 allows 75 characters; some programs write a whole subject into one word, or leave signs bare in it."""
_FOLDED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,20000}\?=")
_FOLD_IN_WORD = re.compile(r"=?\r?\n[ \t]")
_WORD_GAP = re.compile(r"(\?=)\s{1,1000}(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_PARAMETER = re.compile(r'(?:^|;)\s*+([^\s=;]{1,100})\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.DOTALL)
_NO_SEMICOLON = re.compile(r"^(\s*[^\s;=/]+/[^\s;=/]+)\s+(?=[^\s=;]{1,100}\s*=)")
"""A type whose first parameter follows after a blank alone: without it, a multipart has no boundary."""
_CHARSET_AHEAD = re.compile(r"[A-Za-z][A-Za-z0-9._-]{1,39}'[A-Za-z0-9-]{0,20}'")
"""Also ahead of a later piece, where a program wrote the first without letters beyond ASCII as it is."""
_NUMBERED = re.compile(r"([^*]+)\*([0-9]{1,3})(\*?)$")
# Encoded words first: some programs leave commas bare in them. Bounds keep unclosed quotes and angles cheap.
_ADDRESS = re.compile(
    r'(?:=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]{0,800}\?=|"(?:[^"\\]|\\.){0,1000}+"|<[^<>]{0,1000}+>|[^",;<=]++|["<=])++',
    re.DOTALL,
)
_GROUP = re.compile(r'^\s*[^<>@":]{0,200}:')
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


class Headers:
    """The fields of one header block; names in lower case, values raw."""

    def __init__(self) -> None:
        self._fields: dict[str, list[bytes]] = {}

    def add(self, name: bytes, value: bytes) -> None:
        """Take one field, as it stands."""
        self._fields.setdefault(name.decode("ascii").lower(), []).append(value[:MAX_VALUE])

    def first(self, name: str) -> str:
        """The first field of that name, unfolded, encoded words left alone; empty where there is none."""
        values = self._fields.get(name)
        return _unfolded(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        """All fields of that name, unfolded."""
        return [_unfolded(value) for value in self._fields.get(name, ())]

    def text(self, name: str) -> str:
        """The first field of that name as a person reads it."""
        value = self.first(name)
        return " ".join(charsets.tidy(words(value)).split())[:MAX_TEXT] if value else ""

    def __contains__(self, name: str) -> bool:
        return name in self._fields


def words(value: str) -> str:
    """The value with its encoded words decoded; broken ones stay as they are (RFC 2047 §6.2)."""
    if "=?" not in value:
        return value
    found: list[str] = []
    run: list[bytes] = []
    charset, place = "", 0
    value = _WORD_GAP.sub(r"\1", value)
    for word in _WORD.finditer(value):
        content = _encoded(word[2], word[3])
        adjacent = word.start() == place and word[1].lower() == charset
        if not adjacent and run:
            found.append(charsets.decoded(b"".join(run), charset.partition("*")[0]))
            run = []
        found.append(value[place : word.start()])
        # Words of one charset are joined before decoding: programs cut umlauts in the middle.
        run.append(content)
        charset, place = word[1].lower(), word.end()
    if run:
        found.append(charsets.decoded(b"".join(run), charset.partition("*")[0]))
    return "".join(found) + value[place:]


def parameters(value: str) -> dict[str, str]:
    """Parameters of a field, names in lower case, values decoded after RFC 2231, else after RFC 2047."""
    if not value:
        return {}
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, raw in _PARAMETER.findall(_NO_SEMICOLON.sub(r"\1;", value, count=1)):
        content = _unquoted(raw)
        numbered = _NUMBERED.match(name)
        if numbered:
            pieces.setdefault(numbered[1].lower(), {})[int(numbered[2])] = (content, bool(numbered[3]))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1].lower(), {})[0] = (content, True)
        else:
            plain.setdefault(name.lower(), words(content))
    return plain | {name: _joined(numbered) for name, numbered in pieces.items()}


def _unquoted(raw: str) -> str:
    if len(raw := raw.strip()) > 1 and raw[0] == raw[-1] == "'":
        return raw[1:-1]
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        # Only quotes and backslashes are escaped in practice: in `"C:\TEMP\a.pdf"` each backslash means itself.
        return re.sub(r'\\(["\\])', r"\1", raw[1:-1])
    return raw.lstrip('"')


def addresses(values: list[str]) -> tuple[str, ...]:
    """The addresses of these fields as written, one by one; groups are opened."""
    found: list[str] = []
    for value in values:
        for match in _ADDRESS.finditer(value):
            one = " ".join(charsets.tidy(words(_GROUP.sub("", match[0]))).strip(" ,;").split())
            if one:
                found.append(one)
            if len(found) >= MAX_ADDRESSES:
                return tuple(found)
    return tuple(found)


def head_of(headers: Headers) -> MailHead:
    """The headers that people search by."""
    return MailHead(
        subject=headers.text("subject"),
        sender=", ".join(addresses(headers.all("from")[:1])[:10]) or headers.text("sender"),
        to=addresses(headers.all("to")),
        cc=addresses(headers.all("cc")),
        sent_at=date_of(headers.text("date")),
        message_id=next(iter(_ids(headers, "message-id")), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        automatic=_automatic(headers),
    )


def _unfolded(value: bytes) -> str:
    text = charsets.decoded(value)
    if "\n" in text:
        if "=?" in text:
            text = _FOLDED_WORD.sub(_in_one_line, text)
        text = _FOLD.sub(" ", text)
    return text.strip()


def _in_one_line(word: re.Match[str]) -> str:
    """An encoded word that was folded in its middle; a blank that stood there bare is one, as others in it tell."""
    joined = _FOLD_IN_WORD.sub("", word[0])
    return word[0] if " " in joined else joined


def _encoded(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    whole = len(clean) - (len(clean) % 4 == 1)
    return binascii.a2b_base64(clean[:whole] + b"=" * (-whole % 4))


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    charset, raw = "", b""
    for place, number in enumerate(sorted(numbered)):
        content, percent = numbered[number]
        told = _CHARSET_AHEAD.match(content) if percent and not charset else None
        if told or (percent and place == 0 and content.count("'") >= 2):  # noqa: PLR2004  # charset'language'value
            charset, _, content = content.split("'", 2)
        raw += unquote_to_bytes(content) if percent else content.encode("utf-8", "replace")
    return charsets.decoded(raw, charset)


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    found = [one for value in headers.all(name) for one in _MESSAGE_ID.findall(value)]
    return tuple(found[-MAX_REFERENCES:])


def _automatic(headers: Headers) -> bool:
    """Automatic replies (RFC 3834 §5) and reports (RFC 6522).

    `auto-generated` is none of them: form servers write it on applications that citizens filled in.
    """
    submitted = headers.first("auto-submitted").split(";")[0].strip().lower()
    kind = headers.first("content-type").split(";")[0].strip().lower()
    replied = "x-autoreply" in headers or headers.first("precedence").strip().lower() == "auto_reply"
    return submitted in _REPLIES or kind == "multipart/report" or replied
