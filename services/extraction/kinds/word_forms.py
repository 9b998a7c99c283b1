"""What the fields of a form in a Word file hold, which the extractor passes over: a list, a box, words as a drawing.

Lists and boxes are those of ECMA-376 part 1 §17.16.9 and §17.16.7, which most forms of authorities still have: of what
was chosen nothing stands in the text. WordArt is a path with its words as an attribute (part 4 §19.1.2.23).
"""

import zipfile
import zlib
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from lxml import etree

WORD = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.ms-word.document.macroenabled.12",
        "application/vnd.ms-word.template.macroenabled.12",
    }
)
"""What Word keeps as XML, with and without programs in it; forms are often templates."""
MOST_BYTES = 8_000_000
"""Of the document's own XML, whose tree takes ten times as much memory; a form has a hundredth."""
MOST_FIELDS = 2_000
"""Paragraphs that have some."""
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_MAIN = "word/document.xml"
_SIGNS = (b"ddList", b"checkBox", b"textpath")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PATH = "{urn:schemas-microsoft-com:vml}textpath"
_VALUE = f"{_W}val"
_OFF = frozenset({"0", "false", "off"})
_TICKED, _UNTICKED = "\u2612 ", "\u2610 "
Line = tuple[str, str]
"""A paragraph without what its fields hold, as the extractor reads it, and with it."""


def with_values(text: str, content: BinaryIO) -> tuple[str, bool]:
    """The text of a Word file with what its fields hold, behind it what stands in none of its lines; whether it is all.

    It is not where the file has more than is looked through, which nobody fills in but a program.
    """
    xml = _document(content)
    fields = [*islice(_lines(xml[:MOST_BYTES]), MOST_FIELDS + 1)]
    is_all = len(xml) <= MOST_BYTES and len(fields) <= MOST_FIELDS
    if not fields:
        return text, is_all
    lines, behind = text.split("\n"), []
    places: dict[str, deque[int]] = defaultdict(deque)
    for number, line in enumerate(lines):
        places[_spaced(line)].append(number)
    for bare, told in fields[:MOST_FIELDS]:
        if bare and (found := places.get(_spaced(bare))):
            lines[found.popleft()] = told
        else:
            behind.append(told)
    return "\n".join([*lines, *behind]), is_all


def _spaced(line: str) -> str:
    """As it is compared: the extractor keeps blanks and tabs in its own way."""
    return " ".join(line.split())


def _document(content: BinaryIO) -> bytes:
    """The document's own XML; empty where it has no such fields, or cannot be read, of which the extractor tells."""
    try:
        with zipfile.ZipFile(content) as archive, archive.open(_MAIN) as part:
            xml = part.read(MOST_BYTES + 1)
    except (*_UNREADABLE, KeyError):
        return b""
    return xml if any(sign in xml for sign in _SIGNS) else b""


def _lines(xml: bytes) -> Iterator[Line]:
    """The paragraphs with fields, in their order."""
    if not xml:
        return
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        return  # the extractor has told that it is broken
    for paragraph in root.iter(f"{_W}p") if root is not None else ():
        if next(paragraph.iterdescendants(f"{_W}p"), None) is not None:
            continue  # around a text box: what lies in it is a paragraph of its own
        pieces = [*_pieces(paragraph)]
        if any(is_field for _, is_field in pieces):
            bare = "".join(words for words, is_field in pieces if not is_field)
            yield bare.strip(), "".join(words for words, _ in pieces).strip()


def _pieces(paragraph: "etree._Element") -> Iterator[tuple[str, bool]]:
    """The words of a paragraph in their order, and whether a field holds them."""
    for element in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}ddList", f"{_W}checkBox", _PATH):
        if element.tag == f"{_W}t":
            yield element.text or "", False
        elif element.tag == f"{_W}tab":
            yield "\t", False
        elif element.tag == f"{_W}ddList":
            yield _chosen(element), True
        elif element.tag == f"{_W}checkBox":
            yield _TICKED if _is_ticked(element) else _UNTICKED, True
        else:
            yield str(element.get("string", "")), True


def _chosen(listed: "etree._Element") -> str:
    """The entry that was chosen; without a choice the one that the form begins with."""
    entries = [str(entry.get(_VALUE, "")) for entry in listed.iterfind(f"{_W}listEntry")]
    for name in ("result", "default"):
        found = listed.find(f"{_W}{name}")
        number = str(found.get(_VALUE, "0")) if found is not None else ""
        if number.isdecimal() and int(number) < len(entries):
            return entries[int(number)]
    return entries[0] if entries else ""


def _is_ticked(box: "etree._Element") -> bool:
    """As it was left; a sign without a value says yes (§17.17.4)."""
    for name in ("checked", "default"):
        found = box.find(f"{_W}{name}")
        if found is not None:
            return str(found.get(_VALUE, "1")).lower() not in _OFF
    return False
