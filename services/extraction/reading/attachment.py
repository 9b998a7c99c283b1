"""What hangs on a mail, as its sender attached it, found by its place in the tree."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.core.errors import Rejected
from services.core.model.record_files import Part
from services.extraction.mail.entities import Buffer
from services.extraction.mail.tree import Limits, open_mail
from services.extraction.reading.file import Place


@dataclass(frozen=True, slots=True)
class Attached:
    """The bytes of one attachment."""

    content: bytes
    etag: str

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return len(self.content)

    def pieces(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`."""
        yield self.content[first:end]


def attached(buffer: Buffer, part: Part, *, limits: Limits) -> Attached:
    """The bytes that the record means by this part; Rejected `not_found` where the mail has others in its place."""
    place = tuple(int(number) for number in part.part.split("."))
    content = _bytes_at(buffer, place, limits=limits)
    if content is None:
        raise Rejected("not_found")
    sha256 = hashlib.sha256(content).hexdigest()
    if part.sha256 not in ("", sha256):
        raise Rejected("not_found")  # read by an older parser, which counted otherwise
    return Attached(content, f'"{sha256}"')


def _bytes_at(buffer: Buffer, place: Place, *, limits: Limits) -> bytes | None:
    start, end = 0, len(buffer)
    for depth, number in enumerate(place, 1):
        leaves = open_mail(buffer, start, end, limits=limits).leaves
        if not 0 < number <= len(leaves):
            return None
        leaf = leaves[number - 1]
        if leaf.role != "message":
            return leaf.entity.content() if depth == len(place) else None
        buffer, start, end = leaf.inside()
    return bytes(buffer[start:end])
