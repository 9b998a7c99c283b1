"""The smallest Outlook archive that holds folders and messages (MS-PST, Unicode): written here, read by libpff.

Only what a reader asks for is there: both trees, a heap a node, tables that list what is in a folder.
Allocation maps, contents tables and check sums of pages, which Outlook itself wants, are not.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

STORE, NAMES, ROOT = 0x21, 0x61, 0x122
FOLDERS, MESSAGES = 11, 12
"""So much behind the number of a folder the tables of what is in it have theirs."""
FOLDER, MESSAGE, ATTACHMENT_TABLE, ATTACHMENT, LTP = 0x02, 0x04, 0x671, 0x05, 0x1F
SUBJECT, CLASS, HEADERS, PLAIN, HTML, RTF = 0x0037, 0x001A, 0x007D, 0x1000, 0x1013, 0x1009
NAME, SUBMITTED, SENDER, ADDRESS, MESSAGE_ID, TO, PAGE = 0x3001, 0x0039, 0x0C1A, 0x0C1F, 0x1035, 0x0E04, 0x3FDE
DATA, FILE_NAME, METHOD, MIME, SIZE, FLAGS = 0x3701, 0x3707, 0x3705, 0x370E, 0x0E20, 0x0E07
_PAGE, _ENTRIES = 512, 488
_INT, _BOOL, _TEXT, _TIME, _BINARY = 0x0003, 0x000B, 0x001F, 0x0040, 0x0102
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
Value = str | bytes | int | datetime


@dataclass
class Message:
    """Properties by their numbers, and attachments alike."""

    properties: Mapping[int, Value]
    attachments: Sequence[Mapping[int, Value]] = ()


@dataclass
class Folder:
    """A folder and what is in it."""

    name: str
    messages: Sequence[Message] = ()
    folders: Sequence["Folder"] = ()


@dataclass
class _File:
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)
    content: bytearray = field(default_factory=lambda: bytearray(0x4400))
    places: dict[int, int] = field(default_factory=dict)
    """Where the block of a node lies, for a test that breaks it."""
    next_block: int = 4
    next_node: int = 0x10000

    def block(self, data: bytes, *, internal: bool = False) -> int:
        number = self.next_block | (2 if internal else 0)
        self.next_block += 4
        self.content += bytes(-len(self.content) % 64)
        place = len(self.content)
        self.content += data + bytes(-(len(data) + 16) % 64)
        self.content += struct.pack("<HHIQ", len(data), 0, 0, number)
        self.blocks.append((number, place, len(data)))
        return number

    def node(self, number: int, parent: int, data: bytes, below: Sequence[tuple[int, bytes]] = ()) -> int:
        sub = 0
        if below:
            entries = b"".join(struct.pack("<QQQ", nid, self.block(content), 0) for nid, content in below)
            sub = self.block(struct.pack("<BBHI", 2, 0, len(below), 0) + entries, internal=True)
        block = self.block(data)
        self.places[number] = self.blocks[-1][1]
        self.nodes.append((number, block, sub, parent))
        return number

    def fresh(self, kind: int) -> int:
        self.next_node += 1
        return self.next_node << 5 | kind


def archive(*folders: Folder, broken: Sequence[int] = ()) -> bytes:
    """The file; `broken` are numbers of messages, in their order, whose block is overwritten."""
    file = _File()
    file.node(STORE, 0, _properties({NAME: "Archiv"}))
    file.node(NAMES, 0, _properties({0x0001: 251, 0x0002: bytes(16), 0x0003: bytes(8), 0x0004: bytes(4)}))
    file.node(ROOT, ROOT, _properties({NAME: ""}))
    written: list[int] = []
    file.node(ROOT + FOLDERS, ROOT, _table([_write(file, folder, ROOT, written) for folder in folders]))
    for number in broken:
        place = file.places[written[number]]
        file.content[place : place + 64] = b"\xff" * 64
    nodes = _tree(file, 0x81, [struct.pack("<QQQII", *node, 0) for node in sorted(file.nodes)])
    blocks = _tree(file, 0x80, [struct.pack("<QQHHI", *block, 2, 0) for block in sorted(file.blocks)])
    file.content[:564] = _header(len(file.content), nodes, blocks)
    return bytes(file.content)


def _write(file: _File, folder: Folder, parent: int, written: list[int]) -> int:
    here = file.node(file.fresh(FOLDER), parent, _properties({NAME: folder.name}))
    messages = []
    for message in folder.messages:
        below: list[tuple[int, bytes]] = []
        if message.attachments:
            numbers = [number << 5 | ATTACHMENT for number in range(0x401, 0x401 + len(message.attachments))]
            below = [(ATTACHMENT_TABLE, _table(numbers))]
            below += [(nid, _properties(a)) for nid, a in zip(numbers, message.attachments, strict=True)]
        number = file.node(file.fresh(MESSAGE), here, _properties(message.properties), below)
        messages.append(number)
    written += messages
    inner = [_write(file, one, here, written) for one in folder.folders]
    for table, rows in ((MESSAGES, messages), (FOLDERS, inner)):
        if rows:
            file.node(here + table, here, _table(rows))
    return here


def _properties(values: Mapping[int, Value]) -> bytes:
    items: list[bytes] = [b"", b""]
    records = b""
    for number, value in sorted(values.items()):
        kind, inline, stored = _encoded(value)
        if stored is not None:
            items.append(stored)
            inline = len(items) << 5
        records += struct.pack("<HHI", number, kind, inline)
    items[0], items[1] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5), records
    return _heap(0xBC, items)


def _encoded(value: Value) -> tuple[int, int, bytes | None]:
    if isinstance(value, str):
        return _TEXT, 0, value.encode("utf-16-le")
    if isinstance(value, bytes):
        return _BINARY, 0, value
    if isinstance(value, datetime):
        return _TIME, 0, struct.pack("<Q", int((value - _EPOCH).total_seconds() * 10_000_000))
    return _INT, value, None


def _table(rows: Sequence[int]) -> bytes:
    """A table of nothing but the numbers of its rows."""
    columns = struct.pack("<IHBB", 0x67F20003, 0, 4, 0) + struct.pack("<IHBB", 0x67F30003, 4, 4, 1)
    info = struct.pack("<BBHHHHIII", 0x7C, 2, 8, 8, 8, 9, 2 << 5, 4 << 5, 0) + columns
    index = struct.pack("<BBBBI", 0xB5, 4, 4, 0, 3 << 5)
    keys = b"".join(struct.pack("<II", row, place) for place, row in enumerate(rows))
    matrix = b"".join(struct.pack("<IIB", row, 1, 0xC0) for row in rows)
    return _heap(0x7C, [info, index, keys, matrix])


def _heap(kind: int, items: Sequence[bytes]) -> bytes:
    """A heap of one block: its head, the items, and the map of where each begins."""
    body, places = b"", []
    for item in items:
        places.append(12 + len(body))
        body += item
    end = 12 + len(body)
    pad = end % 2
    head = struct.pack("<HBBI4s", end + pad, 0xEC, kind, 1 << 5, bytes(4))
    return head + body + bytes(pad) + struct.pack(f"<HH{len(items) + 1}H", len(items), 0, *places, end)


def _tree(file: _File, kind: int, entries: Sequence[bytes]) -> tuple[int, int]:
    """Leaves and, above more than one of them, as many levels as it takes; number and place of the uppermost."""
    rows, level = list(entries), 0
    while True:
        size = len(rows[0])
        each = _ENTRIES // size
        groups = [rows[first : first + each] for first in range(0, len(rows), each)]
        pages = [_page(file, kind, level, group, size) for group in groups]
        if len(pages) == 1:
            return pages[0]
        rows = [group[0][:8] + struct.pack("<QQ", *page) for group, page in zip(groups, pages, strict=True)]
        level += 1


def _page(file: _File, kind: int, level: int, entries: Sequence[bytes], size: int) -> tuple[int, int]:
    file.content += bytes(-len(file.content) % _PAGE)
    place, number = len(file.content), file.next_block
    file.next_block += 4
    body = b"".join(entries).ljust(_ENTRIES, b"\0")
    file.content += body + struct.pack("<BBBBI", len(entries), _ENTRIES // size, size, level, 0)
    file.content += struct.pack("<BBHIQ", kind, kind, 0, 0, number)
    return number, place


def _header(size: int, nodes: tuple[int, int], blocks: tuple[int, int]) -> bytes:
    root = struct.pack("<IQQQQQQQQBBH", 0, size, 0, 0, 0, *nodes, *blocks, 0, 0, 0)
    head = b"!BDN" + struct.pack("<IHHHBBII", 0, 0x4D53, 23, 19, 1, 1, 0, 0) + struct.pack("<QQI", 0, 0, 1)
    head += struct.pack("<32I", *[0x400] * 32) + bytes(8) + root + bytes(4) + b"\xff" * 256
    head += struct.pack("<BBHQ", 0x80, 0, 0, 0)
    head = head[:4] + struct.pack("<I", _sum(head[8:479])) + head[8:]
    return (head + struct.pack("<I", _sum(head[8:524]))).ljust(564, b"\0")


def _sum(data: bytes) -> int:
    """CRC-32 that begins with nothing and is not turned at the end (MS-PST 5.3)."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
