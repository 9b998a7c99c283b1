"""Files made to harm, small on the outside: generated here, for whoever has to survive them."""

import struct
import zlib

_NAME = b"innen.zip"
_UNIT = 5
"""Bytes of the head of a stored block, and of everything else that the quine is made of."""


def quine_zip() -> bytes:
    """A zip file whose only member is the same file, byte for byte: however often it is unpacked, there is no end.

    The program of Russ Cox ("Zip Files All The Way Down", 2010): a deflate stream of stored blocks and repeats that
    writes itself with a head before and a tail behind it. The check sum is a sum over bits (without carry), so that
    the one value which the file has when it says so is the solution of 32 equations.
    """
    empty = zlib.crc32(_quine(0))
    rows = [zlib.crc32(_quine(1 << bit)) ^ empty ^ (1 << bit) for bit in range(32)]
    value = _solved(rows, empty)
    made = _quine(value)
    assert zlib.crc32(made) == value
    return made


def _quine(check: int) -> bytes:
    repeat = _length_of_last_repeat()
    tail = len(_directory(0, 0, 0))
    before = 60  # such that what is said twice is 65 bytes, whose repeat takes five
    program = _program(before, tail, repeat, head=bytes(before), end=bytes(tail))
    whole = before + len(program) + tail
    head = _local(check, len(program), whole, before)
    end = _directory(check, len(program), whole)
    return head + _program(before, tail, repeat, head=head, end=end) + end


def _length_of_last_repeat() -> int:
    """How many bytes the repeat takes that says the directory a second time: its length is part of what it repeats."""
    tail = len(_directory(0, 0, 0))
    return next(size for size in range(3, 9) if len(_repeat(tail + size, last=True)) == size)


def _program(before: int, tail: int, repeat: int, *, head: bytes, end: bytes) -> bytes:
    four, again = _stored(4 * _UNIT), _repeat(4 * _UNIT)
    first, one, none = _stored(before + _UNIT), _stored(_UNIT), _stored(0)
    first_again, last = _repeat(before + _UNIT), _stored(tail + repeat)
    last_again = _repeat(tail + repeat, last=True)
    assert len(again) == len(first_again) == _UNIT
    return b"".join(
        (
            *(first, head, first, first_again, one, first_again, one, one),
            *(four, first_again, one, one, four, again, four, again, four, again, four, again),
            *(four, again, none, none, last, again, none, none, last, last_again, end, last_again),
        )
    )


def _stored(size: int) -> bytes:
    """A block of so many bytes as they are (RFC 1951 3.2.4)."""
    return struct.pack("<BHH", 0, size, size ^ 0xFFFF)


def _repeat(size: int, *, last: bool = False) -> bytes:
    """A block that says the last bytes once more (RFC 1951 3.2.6): in five bytes, or as few as it takes."""
    lengths = [size // 2, size // 2] if size == 4 * _UNIT else [size]
    bits = [int(last), 1, 0]
    for length in lengths:
        bits += _length(length) + _distance(size)
    bits += [0] * 7
    if not last and len(bits) < 8 * _UNIT:
        bits += [0, 1, 0, *[0] * 7]  # a block that says nothing
    return bytes(sum(bit << place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))


def _length(length: int) -> list[int]:
    code, least, extra = next(row for row in reversed(_LENGTHS) if row[1] <= length)
    return [*_high_first(code - 256, 7), *_low_first(length - least, extra)]


def _distance(distance: int) -> list[int]:
    code, least, extra = next(row for row in reversed(_DISTANCES) if row[1] <= distance)
    return [*_high_first(code, 5), *_low_first(distance - least, extra)]


_LENGTHS = ((264, 10, 0), (276, 59, 3), (277, 67, 4), (278, 83, 4), (279, 99, 4))
_DISTANCES = ((8, 17, 3), (12, 65, 5), (13, 97, 5))


def _high_first(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]


def _low_first(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in range(count)]


def _local(check: int, packed: int, size: int, length: int) -> bytes:
    """The head before the member, filled up with a field that nobody knows."""
    filled = length - 30 - len(_NAME)
    head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, check, packed, size, len(_NAME), filled)
    return head + _NAME + struct.pack("<HH", 0x6E6E, filled - 4) + bytes(filled - 4)


def _directory(check: int, packed: int, size: int) -> bytes:
    """The directory, which says where the member lies, and its end."""
    facts = (20, 20, 0, 8, 0, 33, check, packed, size, len(_NAME), 0, 0, 0, 0, 0, 0)
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *facts) + _NAME
    return entry + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), 60 + packed, 0)


def _solved(rows: list[int], wanted: int) -> int:
    """Which bits have to be set so that the sum of their rows is what is wanted (Gauss, without carry)."""
    found = 0
    made = [(row, 1 << bit) for bit, row in enumerate(rows)]
    for place in range(32):
        pivot = next((one for one in made if one[0] >> place & 1), None)
        if pivot is None:
            assert not wanted >> place & 1, "no check sum is its own"
            continue
        made.remove(pivot)
        made = [(row ^ pivot[0], set_ ^ pivot[1]) if row >> place & 1 else (row, set_) for row, set_ in made]
        if wanted >> place & 1:
            wanted, found = wanted ^ pivot[0], found ^ pivot[1]
    return found


def looping_tiff(pages: int = 2) -> bytes:
    """A TIFF of small white pages whose last directory says that the first one comes next."""
    made = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number in range(pages):
        here = len(made)
        following = 8 if number == pages - 1 else here + 2 + 12 * 9 + 4 + 200
        facts = [(256, 4, 40), (257, 4, 40), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, here + 2 + 12 * 9 + 4)]
        facts += [(277, 3, 1), (278, 4, 40), (279, 4, 200)]
        made += struct.pack("<H", len(facts))
        made += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in facts)
        made += struct.pack("<I", following) + b"\xff" * 200
    return bytes(made)


def many_pages_pdf(pages: int = 50_000) -> bytes:
    """A PDF with so many empty pages."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, pages + 3))
    objects = [b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n", b"2 0 obj<</Type/Pages/Count %d/Kids[" % pages]
    objects += [kids, b"]>>endobj\n"]
    page = b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    objects += [page % number for number in range(3, pages + 3)]
    return b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def long_header(size: int = 5 * 1024 * 1024) -> bytes:
    """A mail with one header line of so many bytes before all that says what it is."""
    return b"X-Junk: " + b"j" * size + b"\r\nFrom: a@b.example\r\nSubject: Der Brief\r\n\r\nGuten Tag\r\n"
