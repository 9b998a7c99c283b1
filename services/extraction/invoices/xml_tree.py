"""XML from strangers: no entity, no DTD, no network, no huge tree; the only file of invoices that speaks to lxml."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

Element = Any
"""An element of lxml, which ships no types."""
Path = Callable[[Element], list[Element]]
"""A compiled path: the elements or attributes that it leads to from another element."""

ROOT_WITHIN = 1024 * 1024
"""Bytes in which the first element has to begin."""
_PIECE = 512
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_DOCTYPE = b"<!DOCTYPE"
_SAFE = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}


class NotWellFormed(Exception):
    """The bytes are no XML, or more of it than is read: `limits` tells which."""

    def __init__(self, *, limits: bool) -> None:
        super().__init__()
        self.limits = limits


def root_tag(content: bytes) -> str:
    """The name of the first element as `{namespace}name`, read without the rest; empty where there is none."""
    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    for place in range(0, min(len(content), ROOT_WITHIN), _PIECE):
        broken = False
        try:
            parser.feed(content[place : place + _PIECE])
        except etree.XMLSyntaxError:
            broken = True  # perhaps behind the first element, which is told all the same
        for _, element in parser.read_events():
            return str(element.tag)
        if broken:
            break
    return ""


def has_doctype(content: bytes) -> bool:
    """Whether a document type is declared, in any encoding that is ASCII but for zeros."""
    begin = _COMMENT.sub(b"", content[:ROOT_WITHIN].replace(b"\0", b""))
    return _DOCTYPE in begin


def parsed(content: bytes) -> Element:
    """The root of the tree. NotWellFormed where libxml2 finds a fault, or a limit of its own passed."""
    parser = etree.XMLParser(**_SAFE, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        text = str(error).lower()
        raise NotWellFormed(limits="huge" in text or "depth" in text or "too long" in text) from None
    except ValueError:
        raise NotWellFormed(limits=False) from None


def without_enclosures(element: Element) -> bytes:
    """The XML of an element in UTF-8; a file that lies in it as base64 leaves one word of it. Empties them for good."""
    for name in ("EmbeddedDocumentBinaryObject", "AttachmentBinaryObject"):
        for enclosure in element.iter(f"{{*}}{name}"):
            enclosure.text = "AAAA"
    return bytes(etree.tostring(element, encoding="UTF-8", with_tail=False))


def tag_of(element: Element) -> str:
    """Its name as `{namespace}name`."""
    return str(element.tag)


def children(element: Element) -> Iterable[Element]:
    """The elements directly below."""
    return (child for child in element if isinstance(child.tag, str))


def compiled(path: str, namespaces: Mapping[str, str]) -> Path:
    """A path of XPath 1.0 that can be asked often."""
    found: Path = etree.XPath(path, namespaces=dict(namespaces), smart_strings=False)
    return found


def text_of(found: Element) -> str:
    """The text of an element or the value of an attribute, its blanks tidied."""
    text = found if isinstance(found, str) else (found.text or "")
    return " ".join(text.split())


def attribute(element: Element, name: str) -> str:
    """The value of an attribute without a namespace, empty where it has none."""
    return "" if isinstance(element, str) else str(element.get(name) or "").strip()
