"""Whether a PDF holds pictures of pages, without opening it.

The dictionary of a picture always stands in the open (ISO 32000-1 §7.5.7: no stream lies in an object stream), but for
those that a page draws inline (§8.9.7), within what it draws.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_PICTURE = re.compile(rb"/Subtype\s*/Image")
_SIDE = re.compile(rb"/(Width|Height)\s+(\d{1,6})(\s+\d{1,5}\s+R\b)?")
_PIECE, _DICTIONARY = 4 * 1024 * 1024, 1_024

_STREAM = re.compile(rb">>\s{0,20}stream\r?\n")
_NOT_DRAWN = re.compile(
    rb"/(?:Length[123]|Predictor|DCTDecode|JPXDecode)\b|/Type\s*/(?:ObjStm|XRef|Metadata|EmbeddedFile)"
)
"""Signs of a font, a table, a picture or a file in the dictionary of a stream: none of them draws anything."""
_INLINE = re.compile(rb"\bBI\b((?:[\s/\[\]<>.+-]|\w){5,400}?)\bID\s")
_INLINE_SIDE = re.compile(rb"/(?:W(?:idth)?|H(?:eight)?)\s+(\d{1,6})\b")
_SMALLEST = 2_048
"""Bytes of a stream below which it draws no page: an empty sheet by fax has more."""
_LOOKED_INTO = 16 * 1024 * 1024
"""Bytes that are unpacked of one file to look for inline pictures, whatever it grows to."""


def may_be_pages(content: BinaryIO, *, enough: int) -> bool:
    """Whether its pictures have so many pixels: one does, or the strips in which a scanner wrote a page."""
    content.seek(0)
    rest, pixels, left = b"", 0, _LOOKED_INTO
    while piece := content.read(_PIECE):
        window = rest + piece
        pixels += sum(_pixels(window, found.start(), enough) for found in _PICTURE.finditer(window))
        for drawn in _drawn(window):
            if pixels >= enough or left <= 0:
                break
            drawing = _unpacked(drawn, left)
            left -= len(drawing)
            pixels += sum(_inline_pixels(found[1]) for found in _INLINE.finditer(drawing))
        if pixels >= enough:
            return True
        rest = window[-_DICTIONARY:]
    return False


def _drawn(window: bytes) -> Iterator[memoryview]:
    """What may be the drawing of a page, packed or not, up to the end of the window."""
    for found in _STREAM.finditer(window):
        begin = max(window.rfind(b"<<", max(0, found.start() - _DICTIONARY), found.start()), 0)
        end = window.find(b"endstream", found.end())
        end = len(window) if end < 0 else end
        if end - found.end() >= _SMALLEST and not _NOT_DRAWN.search(window[begin : found.end()]):
            yield memoryview(window)[found.end() : end]


def _unpacked(stream: memoryview, most: int) -> bytes:
    """As far as it can be read; what is not packed with Flate is looked at as it is."""
    try:
        return zlib.decompressobj().decompress(stream, most)
    except zlib.error:
        return bytes(stream[:most])


def _inline_pixels(dictionary: bytes) -> int:
    sides = [int(digits) for digits in _INLINE_SIDE.findall(dictionary)]
    return sides[0] * sides[1] if len(sides) == len(("width", "height")) else 0


def _pixels(window: bytes, place: int, enough: int) -> int:
    """Of the picture whose dictionary is here; one that keeps its sides in another object may be a page."""
    around = window[max(0, place - _DICTIONARY) : place + _DICTIONARY]
    begin = around.rfind(b"<<", 0, min(place, _DICTIONARY))
    found = _SIDE.findall(around[max(begin, 0) :])[:2]
    if any(elsewhere for _, _, elsewhere in found):
        return enough
    sides = {name: int(digits) for name, digits, _ in found}
    return sides.get(b"Width", 0) * sides.get(b"Height", 0)
