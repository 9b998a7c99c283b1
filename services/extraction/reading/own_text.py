"""Text that needs no extractor, and what lies in it: pictures of pages, invoices, enclosures (EN 16931, BG-24)."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from lxml import etree

from services.extraction.invoices.reading import HEAD, MAX_BYTES, Found, find, may_be_invoice
from services.extraction.kinds.signatures import DRAWING, PAGE, is_xml
from services.extraction.mail import cards, charsets, html_apart
from services.extraction.mail.entities import MAX_HTML_CHARACTERS, readable
from services.extraction.reading.file import PGP_LINE, File

MAX_PAYLOADS = 200
PAGES = frozenset({PAGE, DRAWING})
"""What is read as a page of HTML: its words in drawings are, too."""
BLANK = 1_024
"""Bytes up to which a text without words is no problem: list servers hang on empty lines."""
_PIECE = 4_096
_LETTERS = 400
"""Letters of base64 below which it is a number, a hash or a signature, and no file."""
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_CHARSET, _DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']"), 400
_NAMES = ("filename", "fileName", "name", "Name")
_TYPES = ("mimeCode", "mimeType", "mediaType", "contentType")


@dataclass(frozen=True, slots=True)
class Payload:
    """A file inside the XML."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class OwnText:
    """What it says, what it carries, and what of it cannot be read."""

    text: str = ""
    payloads: list[Payload] = field(default_factory=list)
    problem: str | None = None
    invoice: Found | None = None


def read(file: File, limit: int) -> OwnText | None:
    """The text of a file that is text as it claims, or XML, up to a number of bytes; None of all others."""
    found = _read(file, limit)
    if may_be_invoice(file.read(HEAD)) and not file.kind:
        invoice = find(file.read(MAX_BYTES + 1), charset=file.charset)
        is_bare = invoice is not None and file.head.lstrip()[:1] == b"<"
        if found is None or is_bare:  # XML that is called text is read for its words all the same
            found = _xml(file.read(limit)) or found or (OwnText() if invoice else None)
        if found:
            found.invoice = invoice
    return found


def beginning(content: bytes, count: int) -> str:
    """The first characters of the text of XML but for blanks, read no further than that; empty where it is none."""
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, load_dtd=False, no_network=True)
    found = ""
    for place in range(0, len(content), _PIECE):
        try:
            parser.feed(content[place : place + _PIECE])
        except etree.XMLSyntaxError:
            return ""
        found += "".join("".join((element.text or "").split()) for _, element in parser.read_events())
        if len(found) >= count:
            break
    return found[:count]


def _read(file: File, limit: int) -> OwnText | None:
    if not file.is_own_text:
        return _with_problem(_xml(file.read(limit)), file.size) if is_xml(file.head) else None
    if file.text_type in cards.TYPES:
        card = cards.card_of(charsets.decoded(cards.unfolded(file.read(limit)), file.charset))
        files = [Payload(one.name, one.media_type, one.content) for one in card.enclosed]
        return _with_problem(OwnText(charsets.tidy(card.text).strip(), files), file.size)
    if file.text_type not in PAGES:
        return _with_problem(OwnText(readable(file.read(limit), file.text_type, file.charset)), file.size)
    page = html_apart.read(charsets.decoded_html(file.read(limit), file.charset)[:MAX_HTML_CHARACTERS])
    pictures = [Payload("", picture.media_type, picture.content) for picture in page.pictures]
    found = OwnText(charsets.tidy(page.text), pictures)
    return _with_problem(found, file.size) if file.text_type == PAGE else found  # many a drawing is a mere sign


def _with_problem(found: OwnText | None, size: int) -> OwnText | None:
    """The same, with what has to be told: words may stand before what is sealed, and nothing is silently empty."""
    if found and PGP_LINE.search(found.text.encode()):
        found.problem = "encrypted"
    elif found and size > BLANK and not found.payloads and not found.text.strip():
        found.problem = "no_text"
    return found


def _xml(content: bytes) -> OwnText | None:
    """The text of all elements, payloads left out; None where it is no XML. No entity is resolved, no DTD loaded."""
    charset = None
    if not content.isascii():  # a program may name a charset in which it did not write, as in mails
        told = _CHARSET.search(content[:_DECLARATION])
        content, charset = (
            charsets.decoded(content, told[1].decode() if told else "").encode("utf-8", "replace"),
            "utf-8",
        )
    parser = etree.XMLParser(
        encoding=charset,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
        recover=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    found, lines = OwnText(), []
    stack: list[etree._Element | str | None] = [root]
    while stack:  # by hand: files may be deep
        node = stack.pop()
        if isinstance(node, str):
            lines.append(node)
        elif node is not None and isinstance(node.tag, str):
            lines.append(_own_line(node, found))
            stack += [one for child in reversed(node) for one in (child.tail, child)]
    found.text = charsets.tidy("\n".join(filter(None, map(str.strip, lines))))
    return found


def _own_line(element: "etree._Element", found: OwnText) -> str:
    own = (element.text or "").strip()
    payload = _payload(element, own) if len(own) >= _LETTERS and len(found.payloads) < MAX_PAYLOADS else None
    if payload is None:
        return own
    found.payloads.append(payload)
    return payload.name


def _payload(element: "etree._Element", letters: str) -> Payload | None:
    if not _BASE64.fullmatch(letters):
        return None
    try:
        content = base64.b64decode("".join(letters.split()), validate=True)
    except binascii.Error:
        return None
    given = {str(key).rpartition("}")[2]: str(value) for key, value in element.attrib.items()}
    name = next((given[key] for key in _NAMES if key in given), "")
    kind = next((given[key] for key in _TYPES if key in given), "application/octet-stream")
    return Payload(name, kind.lower(), content)
