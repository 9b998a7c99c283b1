"""A part of a document given back as it was sent: found by its place, on the way on which the document is read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.core.errors import Rejected
from services.core.model.record_files import Part
from services.extraction.mail.entities import Buffer
from services.extraction.reading.document import Reading
from services.extraction.reading.file import File, PartPath


@dataclass(frozen=True, slots=True)
class Attached:
    """The bytes of one part."""

    content: bytes
    etag: str

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return len(self.content)

    def pieces(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, without, `end`."""
        yield self.content[first:end]


@dataclass(kw_only=True)
class Seeking(Reading):
    """Reads only what lies on the way to one part, keeps its bytes, and stores nothing."""

    wanted: str
    found: list[bytes] = field(default_factory=list)

    def read_file(self, file: File) -> None:
        """Into what holds the wanted part, and past everything else."""
        if file.part == self.wanted:
            self.found.append(file.read(file.size))
        elif self._leads_on(file.part):
            super().read_file(file)

    def _take_mail(self, own: Part, buffer: Buffer, place: PartPath, *, between: tuple[int, int] | None = None) -> None:
        start, end = between or (0, len(buffer))
        if own.part == self.wanted:
            self.found.append(bytes(buffer[start:end]))
        elif self._leads_on(own.part):
            super()._take_mail(own, buffer, place, between=between)

    def _await(self, own: Part, file: File, ranges: list[tuple[int, int]]) -> None:
        """Nobody is asked to recognise what was recognised before."""
        del own, file, ranges

    def _leads_on(self, part: str) -> bool:
        return part == "0" or self.wanted.startswith(f"{part}.")


def checked(seeking: Seeking, part: Part) -> Attached:
    """The bytes that the record means by this part; Rejected `not_found` where the document has others in its place."""
    if not seeking.found:
        raise Rejected("not_found")
    content = seeking.found[0]
    sha256 = hashlib.sha256(content).hexdigest()
    if part.sha256 not in ("", sha256):
        raise Rejected("not_found")  # read by an older parser, which counted otherwise
    return Attached(content, f'"{sha256}"')
