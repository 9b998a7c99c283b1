"""An extractor and a text recognition that compute their answers from the bytes, and remember what they were asked."""

from typing import BinaryIO

from msgspec.structs import replace

from services.core.errors import TryLater
from services.core.ports.ocr_engine import Look, OcrPage, OcrResult, PagePicture, PageWords
from services.core.ports.text_extractor import ReadPart

PAGE = b"\f"
INNER = b"\x1e"


class RecordingExtractor:
    """Reads a small language of its own.

    `%PDF` and form feeds make pages, an empty page is a picture; a record separator begins a file inside a container;
    `!code` anywhere is the problem `code`. Everything else is text.
    """

    version = "recording-1-0"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.away = False
        self.silent = False
        self.gives_bytes = True

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """The container, then what is inside it."""
        if self.away:
            raise TryLater
        self.asked.append((media_type, name))
        pieces = content.read().split(INNER)
        parts = [_part(piece, () if not place else (place,), media_type) for place, piece in enumerate(pieces)]
        return [replace(part, text="") for part in parts] if self.silent else parts

    def unpack(self, content: BinaryIO, *, media_type: str = "", name: str = "", limit: int) -> list[tuple[str, bytes]]:
        """The pieces behind the first one."""
        pieces = content.read().split(INNER)[1:] if self.gives_bytes else []
        return [(f"inner-{number}", piece) for number, piece in enumerate(pieces, 1) if len(piece) <= limit]

    def ready(self) -> bool:
        """Whether it would answer."""
        return not self.away

    def close(self) -> None:
        """Nothing to let go of."""


class RecordingOcr:
    """Reads page n of its content as the n-th piece between form feeds, in capitals."""

    version = "recordingocr-1-0"
    drawing = "recording-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self.away = False
        self.has_language = True
        self.problem: str | None = None

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        """The pages asked for, as far as they exist."""
        if self.away:
            raise TryLater
        if not self.has_language:
            return OcrResult(page_count=0, problem="ocr_unavailable")
        self.asked.append((media_type, first, last))
        if self.problem:
            return OcrResult(page_count=0, problem=self.problem)
        pieces = content.read().split(PAGE)
        pages = [_page(number, piece) for number, piece in enumerate(pieces, 1) if first <= number <= last]
        return OcrResult(page_count=len(pieces), pages=tuple(pages))

    def show_page(self, content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        """Nobody looks in this mail room."""
        raise TryLater

    def page_words(self, content: BinaryIO, *, media_type: str, number: int) -> PageWords:
        """Nobody looks in this mail room."""
        raise TryLater

    def ready(self) -> bool:
        """Whether it would answer."""
        return self.has_language and not self.away

    def close(self) -> None:
        """Nothing to let go of."""


def _part(piece: bytes, path: tuple[int, ...], media_type: str) -> ReadPart:
    text = piece.decode("utf-8", "replace")
    problem = text.partition("!")[2].split()[0] if "!" in text else None
    if not piece.startswith(b"%PDF"):
        return ReadPart(path=path, media_type=media_type, text=text, problem=problem)
    pages = [page.removeprefix("%PDF").strip() for page in text.split("\f")]
    return ReadPart(
        path=path,
        media_type="application/pdf",
        text="\n".join(pages).strip(),
        properties={"page_count": str(len(pages))},
        page_characters=tuple(len(page) for page in pages),
        problem=problem,
    )


def _page(number: int, piece: bytes) -> OcrPage:
    text = "".join(c for c in piece.removeprefix(b"%PDF").decode("utf-8", "replace") if c.isalnum() or c.isspace())
    return OcrPage(number=number, text=text.strip().upper(), confidence=0.5 if "blass" in text else 0.9)
