"""Files that lie in a PDF, where they can be had without a second reading by the extractor.

The dictionary of a stream always stands in the open (ISO 32000-1 §7.5.7), and that of an embedded file usually says
what it is (§7.11.4). Where that does not hold, or the PDF is encrypted, the extractor is asked.
"""

import re
import zlib

_EMBEDDED = re.compile(rb"/Type\s*/EmbeddedFile\b")
_OBJECT = re.compile(rb"\bobj\b")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+(\d{1,9})\b(?!\s+\d+\s+R)")
_FILTER = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/\w+))")
_DICTIONARY = 2_048
"""Bytes on each side in which the dictionary has to lie."""


def embedded_files(pdf: bytes, *, limit: int) -> list[bytes] | None:
    """The contents, in the order of the bytes; None where one of them cannot be had or is longer than `limit`."""
    if b"/Encrypt" in pdf:
        return None
    found = [_content(pdf, place.start(), limit) for place in _EMBEDDED.finditer(pdf)]
    return [content for content in found if content is not None] if all(c is not None for c in found) else None


def _content(pdf: bytes, place: int, limit: int) -> bytes | None:
    start = max(0, place - _DICTIONARY)
    begins = [start + found.end() for found in _OBJECT.finditer(pdf[start:place])]
    stream = _STREAM.search(pdf, place, place + _DICTIONARY)
    if not begins or stream is None:
        return None
    dictionary = pdf[begins[-1] : stream.start()]
    length = _LENGTH.search(dictionary)
    end = stream.end() + int(length[1]) if length else pdf.find(b"endstream", stream.end())
    if not stream.end() <= end <= len(pdf):
        return None
    return _decoded(pdf[stream.end() : end], dictionary, limit)


def _decoded(raw: bytes, dictionary: bytes, limit: int) -> bytes | None:
    filters = _FILTER.search(dictionary)
    if filters is None:
        return raw if len(raw) <= limit else None
    if (filters[1] or filters[2]).split() != [b"/FlateDecode"] or b"/DecodeParms" in dictionary:
        return None
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(raw, limit + 1)
    except zlib.error:
        return None
    return content if len(content) <= limit and unpacking.eof else None
