"""XML as text, and the files that lie in it as base64: an e-invoice carries its enclosures so (EN 16931, BG-24)."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from lxml import etree

MAX_PAYLOADS = 200
_LETTERS = 400
"""Letters of base64 below which it is a number, a hash or a signature, and no file."""
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_NAMES = ("filename", "fileName", "name", "Name")
_TYPES = ("mimeCode", "mimeType", "mediaType", "contentType")


@dataclass(frozen=True, slots=True)
class Payload:
    """A file inside the XML."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class XmlText:
    """What the XML says, element by element, and what it carries."""

    text: str = ""
    payloads: list[Payload] = field(default_factory=list)


def read(content: bytes) -> XmlText | None:
    """The text of all elements, payloads left out; None where it is no XML. No entity is resolved, no DTD loaded."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    found, lines = XmlText(), []
    for element in root.iter():
        if isinstance(element.tag, str):
            lines += _own_lines(element, found)
    found.text = "\n".join(lines)
    return found


def _own_lines(element: "etree._Element", found: XmlText) -> list[str]:
    own = (element.text or "").strip()
    payload = _payload(element, own) if len(own) >= _LETTERS and len(found.payloads) < MAX_PAYLOADS else None
    if payload:
        found.payloads.append(payload)
        own = payload.name
    tails = [(child.tail or "").strip() for child in element]
    return [line for line in (own, *tails) if line]


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
