"""Extractor, OCR engine and sheet reader that read what is simply there: bytes as text, pages between form feeds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import BinaryIO

from services.core.ports.ocr_engine import WHOLE, Look, OcrPage, OcrResult, PagePicture, PageWord, PageWords
from services.core.ports.sheets.sheet_reader import ClosedStack, Sheet, Stack
from services.core.ports.text_extractor import ReadPart
from tests.fakes.gate import Gate, Open

PICTURE = b"PICTURE\f"
"""Content that begins like this is a stack of pages without a text layer."""
SHEETS = b"%PDF-sheets\f"
"""Content that begins like this is a scan; each page says what stands on it, `[PATCHT]` is a barcode."""


class MemoryTextExtractor:
    """Text is text; a picture has none."""

    version = "memory-1"

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Open()

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        self._gate.before("extractor.extract")
        raw = content.read()
        if not raw:
            return [ReadPart(name=name, media_type=media_type, problem="empty")]
        if raw.startswith(PICTURE):
            pages = tuple(0 for _ in raw.split(b"\f")[1:])
            return [ReadPart(name=name, media_type="application/pdf", page_characters=pages)]
        if raw.startswith(SHEETS):
            pages = tuple(1_000 for _ in raw.split(b"\f")[1:])  # with a text layer that wants no recognition
            text = raw.decode("utf-8", "replace")
            return [ReadPart(name=name, media_type="application/pdf", text=text, page_characters=pages)]
        media_type = "application/pdf" if raw.startswith(b"%PDF") else media_type or "text/plain"
        return [ReadPart(name=name, media_type=media_type, text=raw.decode("utf-8", "replace"))]

    def unpack(self, content: BinaryIO, *, media_type: str = "", name: str = "", limit: int) -> list[tuple[str, bytes]]:
        return []

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to stop."""


class MemoryOcrEngine:
    """Reads the pages of a picture as if they were text."""

    version = "memory-ocr-1"
    drawing = "memory-1"

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Open()

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        self._gate.before("ocr.read_pages")
        pages = content.read().split(b"\f")[1:]
        read = [
            OcrPage(
                number=number,
                text=pages[number - 1].decode("utf-8", "replace"),
                confidence=0.9,
                words=_in_a_column(pages[number - 1]),
            )
            for number in range(first, min(last, len(pages)) + 1)
        ]
        return OcrResult(page_count=len(pages), pages=tuple(read))

    def show_page(self, content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        self._gate.before("ocr.show_page")
        pages = content.read().split(b"\f")[1:]
        page = pages[look.number - 1] if look.number <= len(pages) else b""
        if page and look.width:
            page = b"RIFF" + page + f" {look.width} {look.turn}".encode()
        return PagePicture(page_count=len(pages), content=page, problem=None if pages else "broken")

    def page_words(self, content: BinaryIO, *, media_type: str, number: int) -> PageWords:
        self._gate.before("ocr.page_words")
        pages = content.read().split(b"\f")[1:]
        words = _in_a_column(pages[number - 1]) if number <= len(pages) else ()
        return PageWords(page_count=len(pages), words=words, problem=None if pages else "broken")

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to stop."""


def _in_a_column(page: bytes) -> tuple[PageWord, ...]:
    """Every word on a line of its own, a tenth of the page high, at its left edge."""
    words = page.decode("utf-8", "replace").split()
    return tuple(PageWord(word, 0, at * WHOLE // 10, WHOLE // 2, WHOLE // 10) for at, word in enumerate(words))


class MemorySheetReader:
    """Looks at the pages of a scan; takes none while it is `clumsy`."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Open()
        self.opened_before = 0
        self.clumsy = False
        self.writes = b""
        """Stands in front of the first page of what it takes out."""

    @contextmanager
    def opened(self, content: BinaryIO) -> Iterator[Stack]:
        self._gate.before("sheets.opened")
        self.opened_before += 1
        raw = content.read()
        yield _Sheets(self, raw.split(b"\f")[1:], self._gate) if raw.startswith(SHEETS) else ClosedStack()

    def close(self) -> None:
        """Nothing to stop."""


class _Sheets:
    problem: str | None = None

    def __init__(self, reader: MemorySheetReader, pages: list[bytes], gate: Gate) -> None:
        self._reader, self._pages, self._gate = reader, pages, gate
        self.page_count = len(pages)

    def look(self, number: int) -> Sheet | str:
        self._gate.before("sheets.look")
        said = self._pages[number - 1].decode()
        codes = tuple(code.partition("]")[0] for code in said.split("[")[1:])
        return Sheet(number=number, codes=codes, blank=not said)

    def take(self, pages: Sequence[int], target: BinaryIO, turns: Sequence[int] = ()) -> str | None:
        self._gate.before("sheets.take")
        if self._reader.clumsy:
            return "broken"
        turned = zip_longest(pages, turns, fillvalue=0)
        taken = [self._pages[number - 1] + (b" (gedreht um %d)" % turn if turn else b"") for number, turn in turned]
        target.write(SHEETS + self._reader.writes + b"\f".join(taken))
        target.flush()
        return None
