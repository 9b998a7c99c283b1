"""Extractor and OCR engine that read what is simply there: the bytes as text, pages between form feeds."""

from typing import BinaryIO

from services.core.ports.ocr_engine import Look, OcrPage, OcrResult, PagePicture
from services.core.ports.text_extractor import ReadPart
from tests.fakes.gate import Gate, Open

PICTURE = b"PICTURE\f"
"""Content that begins like this is a stack of pages without a text layer."""


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
            OcrPage(number=number, text=pages[number - 1].decode("utf-8", "replace"), confidence=0.9)
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

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to stop."""
