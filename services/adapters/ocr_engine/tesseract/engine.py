"""Pages read by Tesseract, in worker processes that are killed when they take too long."""

import hashlib
import json
import os
import queue
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.adapters.ocr_engine.tesseract import language as languages
from services.adapters.ocr_engine.tesseract.limits import OcrLimits
from services.adapters.workers import Program, Slot, as_file, taken
from services.core.ports.ocr_engine import Look, OcrPage, OcrResult, PagePicture, PageWord, PageWords

_WORKER = Path(__file__).with_name("worker.py")
_READING = "4"
"""Counted up whenever the worker's own treatment of pages changes what comes out."""
_DRAWING = "1"
"""The same for how it draws them."""
_MAX_ANSWER = 8 * 1024 * 1024
_LOOK_SECONDS = 10.0
"""So long somebody waits for a page to be shown, and so long for their turn before."""


class _Page(msgspec.Struct, frozen=True):
    """A worker's answer."""

    count: int = 0
    text: str = ""
    confidence: float = 0.0
    layer: int = 0
    picture: bytes = b""
    words: tuple[PageWord, ...] = ()
    problem: str | None = None


class TesseractOcrEngine:
    """Starts workers when they are first needed."""

    def __init__(
        self,
        tessdata: Path | None = None,
        *,
        cache: Path = Path("~/.cache/poststelle"),
        language: str = "deu",
        limits: OcrLimits | None = None,
    ) -> None:
        """The folder of a setting, if there is one, else language data is looked for where systems keep it."""
        self._setting = tessdata
        self._cache = cache
        self._language = language
        self._limits = limits or OcrLimits()
        self._free: queue.SimpleQueue[Slot[_Page]] = queue.SimpleQueue()
        self._slots = [Slot(self._reading) for _ in range(self._limits.workers)]
        for slot in self._slots:
            self._free.put(slot)
        self._window: queue.SimpleQueue[Slot[_Page]] = queue.SimpleQueue()
        self._slots.append(Slot(self._showing))
        self._window.put(self._slots[-1])
        self.version = _version(language, self._find())
        self.drawing = f"pdfium-{version('pypdfium2')}-{_DRAWING}"

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        """Reads in a worker process. TryLater while all workers are busy for long, or none can be started."""
        if self._find() is None:
            return OcrResult(page_count=0, problem="ocr_unavailable")
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return OcrResult(page_count=0, problem=problem)
            with taken(self._free, seconds=10 * self._limits.page_seconds, busy="ocr_busy") as slot:
                document = _Document(slot, descriptor, media_type, self._limits.page_seconds)
                return _read(document, first=first, last=last)

    def show_page(self, content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        """Draws in a worker process. TryLater while others look for long, or no worker can be started."""
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return PagePicture(problem=problem)
            with taken(self._window, seconds=_LOOK_SECONDS, busy="ocr_busy") as slot:
                return _show(_Document(slot, descriptor, media_type, _LOOK_SECONDS), look)

    def page_words(self, content: BinaryIO, *, media_type: str, number: int) -> PageWords:
        """Looks in the process that draws. TryLater as `show_page`."""
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return PageWords(problem=problem)
            with taken(self._window, seconds=_LOOK_SECONDS, busy="ocr_busy") as slot:
                return _words(_Document(slot, descriptor, media_type, _LOOK_SECONDS), number)

    def ready(self) -> bool:
        """Whether the language data is here."""
        tessdata = self._find()
        if tessdata is not None:
            self.version = _version(self._language, tessdata)
        return tessdata is not None

    def close(self) -> None:
        """Stop the workers, also those that read."""
        for slot in self._slots:
            slot.close()

    def _reading(self) -> Program[_Page]:
        return self._program(str(self._find() or ""), self._language)

    def _showing(self) -> Program[_Page]:
        """Without language data, which nobody needs in order to draw."""
        return self._program("", "")

    def _program(self, tessdata: str, language: str) -> Program[_Page]:
        return Program(
            path=_WORKER,
            arguments=(tessdata, language, str(self._limits.megabytes)),
            answer=_Page,
            most_bytes=_MAX_ANSWER,
            questions=self._limits.pages_per_worker,
            component="ocr",
            ended="ocr_worker_ended",
            # More threads than one only get in each other's way.
            environment={"OMP_THREAD_LIMIT": "1"},
            away="ocr_away",
        )

    def _find(self) -> Path | None:
        return languages.find(self._language, cache=self._cache, setting=self._setting)

    @contextmanager
    def _laid_down(self, content: BinaryIO) -> Iterator[tuple[int, str]]:
        """A descriptor that a worker can be given, or what is wrong with its size."""
        size = content.seek(0, os.SEEK_END)
        problem = "" if 0 < size <= self._limits.max_bytes else "too_large" if size else "empty"
        if problem:
            yield -1, problem
            return
        with as_file(content) as descriptor:
            yield descriptor, ""


class _Document:
    """An open file in the hands of a worker, without a name: nothing of it stays when we are killed."""

    def __init__(self, slot: Slot[_Page], descriptor: int, media_type: str, page_seconds: float) -> None:
        self._slot, self._descriptor, self._page_seconds = slot, descriptor, page_seconds
        self._told = {"token": uuid.uuid4().hex, "media_type": media_type[:100]}

    def opened(self) -> _Page:
        """How many pages there are."""
        return self._ask({})

    def read(self, page: int) -> _Page:
        """The text of one."""
        return self._ask({"page": page})

    def shown(self, look: Look) -> _Page:
        """The picture of one."""
        shown = {"shown": 1, "width": look.width, "turn": look.turn, "limit": look.limit, "jpeg": look.is_jpeg}
        return self._ask({"page": look.number, **shown})

    def words(self, page: int) -> _Page:
        """Where the letters of one stand."""
        return self._ask({"page": page, "words": 1})

    def _ask(self, wish: Mapping[str, int]) -> _Page:
        request = json.dumps({**self._told, **wish}).encode() + b"\n"
        told = self._slot.ask(request, [self._descriptor], seconds=self._page_seconds)
        return _Page(problem=told) if isinstance(told, str) else told


def _read(document: _Document, *, first: int, last: int) -> OcrResult:
    opened = document.opened()
    if opened.problem:
        return OcrResult(page_count=0, problem=opened.problem)
    numbers = range(max(first, 1), min(last, opened.count) + 1)
    return OcrResult(page_count=opened.count, pages=tuple(_page(document, number) for number in numbers))


def _page(document: _Document, number: int) -> OcrPage:
    page = document.read(number)
    return OcrPage(
        number=number,
        text=page.text,
        confidence=page.confidence,
        problem=page.problem,
        from_layer=bool(page.layer),
        words=page.words,
    )


def _show(document: _Document, look: Look) -> PagePicture:
    opened = document.opened()
    if opened.problem or not 0 < look.number <= opened.count:
        return PagePicture(page_count=opened.count, problem=opened.problem)
    page = document.shown(look)
    return PagePicture(page_count=opened.count, content=page.picture, problem=page.problem)


def _words(document: _Document, number: int) -> PageWords:
    opened = document.opened()
    if opened.problem or not 0 < number <= opened.count:
        return PageWords(page_count=opened.count, problem=opened.problem)
    page = document.words(number)
    return PageWords(page_count=opened.count, words=page.words, problem=page.problem)


def _version(language: str, tessdata: Path | None) -> str:
    """Other language data reads other words, so its content counts."""
    names = languages.files(language) if tessdata else []
    data = b"".join(hashlib.sha256((Path(tessdata or "") / name).read_bytes()).digest() for name in names)
    digest = hashlib.sha256(data + _READING.encode()).hexdigest()[:8]
    return f"tesseract-{version('tesserocr')}-{language.replace('+', '_')}-{digest}"
