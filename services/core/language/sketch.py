"""What a text is like, in a hundred bytes: two letters that share most of their words have much the same sketch.

A MinHash of pairs of words (Broder 1997), by one permutation whose values are spread over bins (Li, Owen, Zhang 2012;
empty bins borrow from the next, Shrivastava and Li 2014). Equal bins of two sketches estimate the share of word pairs
that both texts have; bands of a few bins are the words by which an index finds likely ones (Indyk and Motwani 1998).
"""

import re
import struct
import zlib
from itertools import pairwise

BINS, ROWS = 63, 3
BANDS = BINS // ROWS
"""Of texts that share half their pairs, 94 of 100 have a band in common; of such as share a fiftieth, 2 of 10,000."""
BYTES = 2 * BINS
READ_CHARACTERS = 50_000
"""Of a text; what comes behind changes nothing."""
FEWEST_PAIRS = 25
"""Different ones. Below it anything is like anything: greetings, signatures, a scan of a form without words."""
_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n\s*(?=[^\W\d_])")
_PACKED = struct.Struct(f"<{BINS}H")
_BAND_BYTES = BYTES // BANDS
_NUMBERED = [zlib.crc32(bytes([number])) for number in range(BANDS)]
"""Check sums of the numbers that stand before the bands: a check sum goes on from that of the beginning."""
_EMPTY = 2**32
"""More than any number of 32 bits: nothing fell into the bin."""
_BORROWED = 0x9E37
_SPREAD = 0x9E3779B1
"""The golden ratio in 32 bits: a check sum of two alike pairs differs in few bits, and the product in many."""


def pairs_of(text: str) -> frozenset[str]:
    """Every two words that stand one after the other, without case, marks and the hyphens at the ends of lines."""
    text = text[:READ_CHARACTERS]
    if "-\n" in text:
        text = _HYPHENATED.sub("", text)
    return frozenset(map(" ".join, pairwise(_WORD.findall(text.casefold()))))


def sketch_of(text: str) -> bytes:
    """The sketch of a text; empty where it says too little."""
    pairs = pairs_of(text)
    if len(pairs) < FEWEST_PAIRS:
        return b""
    encoded = "\n".join(pairs).encode("utf-8", "surrogatepass").split(b"\n")
    least = [_EMPTY] * BINS
    for check_sum in map(zlib.crc32, encoded):
        number = check_sum * _SPREAD & 0xFFFFFFFF
        place = number % BINS
        if number < least[place]:  # noqa: PLR1730  # a call of min() for each pair costs more than it saves
            least[place] = number
    values = [number // BINS if number < _EMPTY else _borrowed(least, place) for place, number in enumerate(least)]
    return _PACKED.pack(*[value & 0xFFFF for value in values])


def bands_of(sketches: bytes) -> tuple[str, ...]:
    """The words by which an index finds what is like one of these sketches, which stand one behind the other."""
    found = {
        f"{zlib.crc32(sketch[number * _BAND_BYTES : (number + 1) * _BAND_BYTES], begun):08x}": None
        for sketch in split(sketches)
        for number, begun in enumerate(_NUMBERED)
    }
    return tuple(found)


def likeness(ours: bytes, theirs: bytes) -> float:
    """The share of word pairs that the most alike of these sketches have in common, from 0 to 1, give or take 0.06."""
    shares = (_equal(one, other) for one in split(ours) for other in split(theirs))
    return max(shares, default=0) / BINS


def split(sketches: bytes) -> list[bytes]:
    """Sketches that stand one behind the other, each by itself."""
    return [sketches[place : place + BYTES] for place in range(0, len(sketches) - BYTES + 1, BYTES)]


def _equal(one: bytes, other: bytes) -> int:
    return sum(a == b for a, b in zip(_PACKED.unpack(one), _PACKED.unpack(other), strict=True))


def _borrowed(least: list[int], place: int) -> int:
    """For an empty bin the value of the next one that has any, made another by how far it was."""
    away = next(away for away in range(1, BINS) if least[(place + away) % BINS] < _EMPTY)
    return least[(place + away) % BINS] // BINS + _BORROWED * away
