"""Pages read by Tesseract, in worker processes that are killed when they take too long."""

import hashlib
import json
import os
import queue
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.adapters.ocr_engine.tesseract import language as languages
from services.adapters.ocr_engine.tesseract.handing_over import as_file
from services.adapters.ocr_engine.tesseract.limits import OcrLimits
from services.adapters.telling import warn
from services.core.errors import TryLater
from services.core.ports.ocr_engine import Look, OcrPage, OcrResult, PagePicture, PageWord, PageWords

_WORKER = Path(__file__).with_name("worker.py")
_READING = "3"
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


class _WorkerDied(Exception):
    """It is gone, for whatever reason."""


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
        self._free: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self._slots = [_Slot(language, self._limits) for _ in range(self._limits.workers)]
        for slot in self._slots:
            self._free.put(slot)
        self._window: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self._slots.append(_Slot("", replace(self._limits, page_seconds=_LOOK_SECONDS)))
        self._window.put(self._slots[-1])
        self.version = _version(language, self._find())
        self.drawing = f"pdfium-{version('pypdfium2')}-{_DRAWING}"

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        """Reads in a worker process. TryLater while all workers are busy for long, or none can be started."""
        tessdata = self._find()
        if tessdata is None:
            return OcrResult(page_count=0, problem="ocr_unavailable")
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return OcrResult(page_count=0, problem=problem)
            with _turn(self._free, 10 * self._limits.page_seconds) as slot:
                slot.tessdata = str(tessdata)
                return _read(slot, _Document(descriptor, media_type), first=first, last=last)

    def show_page(self, content: BinaryIO, *, media_type: str, look: Look) -> PagePicture:
        """Draws in a worker process. TryLater while others look for long, or no worker can be started."""
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return PagePicture(problem=problem)
            with _turn(self._window, _LOOK_SECONDS) as slot:
                return _show(slot, _Document(descriptor, media_type), look)

    def page_words(self, content: BinaryIO, *, media_type: str, number: int) -> PageWords:
        """Looks in the process that draws. TryLater as `show_page`."""
        with self._laid_down(content) as (descriptor, problem):
            if problem:
                return PageWords(problem=problem)
            with _turn(self._window, _LOOK_SECONDS) as slot:
                return _words(slot, _Document(descriptor, media_type), number)

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


@contextmanager
def _turn(free: "queue.SimpleQueue[_Slot]", seconds: float) -> Iterator["_Slot"]:
    try:
        slot = free.get(timeout=seconds)
    except queue.Empty:
        raise TryLater("ocr_busy") from None
    try:
        yield slot
    finally:
        free.put(slot)


class _Document:
    """An open file without a name: nothing of it stays when we are killed."""

    def __init__(self, descriptor: int, media_type: str) -> None:
        self.descriptor = descriptor
        self._told = {"token": uuid.uuid4().hex, "media_type": media_type[:100]}

    def request(self, page: int = 0, *, look: Look | None = None, words: bool = False) -> bytes:
        """For a page to be read, or shown, or for its letters, or for the number of pages."""
        if words:
            return json.dumps(self._told | {"page": page, "words": 1}).encode()
        shown = {"shown": 1, "width": look.width, "turn": look.turn, "limit": look.limit} if look else {}
        return json.dumps(self._told | ({"page": page} | shown if page else {})).encode()


class _Slot:
    """Context for one worker, who is replaced when he dies, is too slow, or has read much."""

    def __init__(self, language: str, limits: OcrLimits) -> None:
        self.tessdata = ""
        """The folder of the language data; a worker without shows pages and reads none."""
        self._language = language
        self._limits = limits
        self._worker: _Worker | None = None

    def ask(self, document: _Document, page: int = 0, *, look: Look | None = None, words: bool = False) -> _Page:
        """One page, or how many there are; a worker that dies or hangs of it twice is a problem of the document."""
        problem = ""
        for _ in range(2):
            try:
                request = document.request(page, look=look, words=words)
                return self._living().ask(document, request, self._limits.page_seconds)
            except _WorkerDied:
                problem = "broken"
            except TimeoutError:
                problem = "too_slow"
            warn("ocr", "ocr_worker_ended", problem=problem)
            self.close()
        return _Page(problem=problem)

    def close(self) -> None:
        """Stop the worker, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _living(self) -> "_Worker":
        if self._worker is not None and self._worker.asked >= self._limits.pages_per_worker:
            self.close()
        if self._worker is None or not self._worker.lives():
            self.close()
            self._worker = _Worker([self.tessdata, self._language, str(self._limits.megabytes)])
        return self._worker


class _Worker:
    """One process and the socket to it."""

    def __init__(self, arguments: list[str]) -> None:
        self.asked = 0
        self._socket, its_end = socket.socketpair()
        with its_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, nothing of a document in its arguments
                [sys.executable, "-P", str(_WORKER), *arguments],
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Nothing of our environment, where secrets may be; more threads than one only get in each other's way.
                env={"OMP_THREAD_LIMIT": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        try:
            self._receive(60)
        except (_WorkerDied, TimeoutError):
            self.kill()
            raise TryLater("ocr_away") from None

    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, document: _Document, request: bytes, seconds: float) -> _Page:
        """TimeoutError after the time; `_WorkerDied` when the process is gone."""
        self.asked += 1
        try:
            socket.send_fds(self._socket, [request], [document.descriptor])
        except OSError:
            raise _WorkerDied from None
        return self._receive(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def _receive(self, seconds: float) -> _Page:
        """One line, whole within the time."""
        deadline = time.monotonic() + seconds
        line = bytearray()
        while not line.endswith(b"\n"):
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                piece = self._socket.recv(65_536)
            except ConnectionError:
                piece = b""
            if not piece or len(line) > _MAX_ANSWER:
                raise _WorkerDied
            line += piece
        return msgspec.json.decode(line, type=_Page)


def _read(slot: _Slot, document: _Document, *, first: int, last: int) -> OcrResult:
    opened = slot.ask(document)
    if opened.problem:
        return OcrResult(page_count=0, problem=opened.problem)
    numbers = range(max(first, 1), min(last, opened.count) + 1)
    return OcrResult(page_count=opened.count, pages=tuple(_page(slot, document, number) for number in numbers))


def _page(slot: _Slot, document: _Document, number: int) -> OcrPage:
    page = slot.ask(document, number)
    return OcrPage(
        number=number,
        text=page.text,
        confidence=page.confidence,
        problem=page.problem,
        from_layer=bool(page.layer),
        words=page.words,
    )


def _show(slot: _Slot, document: _Document, look: Look) -> PagePicture:
    opened = slot.ask(document)
    if opened.problem or not 0 < look.number <= opened.count:
        return PagePicture(page_count=opened.count, problem=opened.problem)
    page = slot.ask(document, look.number, look=look)
    return PagePicture(page_count=opened.count, content=page.picture, problem=page.problem)


def _words(slot: _Slot, document: _Document, number: int) -> PageWords:
    opened = slot.ask(document)
    if opened.problem or not 0 < number <= opened.count:
        return PageWords(page_count=opened.count, problem=opened.problem)
    page = slot.ask(document, number, words=True)
    return PageWords(page_count=opened.count, words=page.words, problem=page.problem)


def _version(language: str, tessdata: Path | None) -> str:
    """Other language data reads other words, so its content counts."""
    names = languages.files(language) if tessdata else []
    data = b"".join(hashlib.sha256((Path(tessdata or "") / name).read_bytes()).digest() for name in names)
    digest = hashlib.sha256(data + _READING.encode()).hexdigest()[:8]
    return f"tesseract-{version('tesserocr')}-{language.replace('+', '_')}-{digest}"
