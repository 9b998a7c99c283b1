"""Whether a PDF holds pictures of pages, without opening it.

The dictionary of a picture always stands in the open (ISO 32000-1 §7.5.7: no stream lies in an object stream).
"""

import re
from typing import BinaryIO

_PICTURE = re.compile(rb"/Subtype\s*/Image")
_SIDE = re.compile(rb"/(Width|Height)\s+(\d{1,6})(\s+\d{1,5}\s+R\b)?")
_PIECE, _DICTIONARY = 4 * 1024 * 1024, 1_024


def may_be_pages(content: BinaryIO, *, enough: int) -> bool:
    """Whether its pictures have so many pixels: one does, or the strips in which a scanner wrote a page."""
    content.seek(0)
    rest, pixels = b"", 0
    while piece := content.read(_PIECE):
        window = rest + piece
        pixels += sum(_pixels(window, found.start(), enough) for found in _PICTURE.finditer(window))
        if pixels >= enough:
            return True
        rest = window[-_DICTIONARY:]
    return False


def _pixels(window: bytes, place: int, enough: int) -> int:
    """Of the picture whose dictionary is here; one that keeps its sides in another object may be a page."""
    around = window[max(0, place - _DICTIONARY) : place + _DICTIONARY]
    begin = around.rfind(b"<<", 0, min(place, _DICTIONARY))
    found = _SIDE.findall(around[max(begin, 0) :])[:2]
    if any(elsewhere for _, _, elsewhere in found):
        return enough
    sides = {name: int(digits) for name, digits, _ in found}
    return sides.get(b"Width", 0) * sides.get(b"Height", 0)
