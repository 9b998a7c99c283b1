"""Sheets looked at in worker processes that are killed when they take too long, and replaced when they die."""

import io
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.adapters.telling import warn
from services.core.errors import TryLater
from services.core.ports.sheets.sheet_reader import ClosedStack, Sheet, Stack

_WORKER = Path(__file__).with_name("worker.py")
_MAX_ANSWER = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetLimits:
    """What looking may cost."""

    workers: int = 2
    """Processes, each with one thread."""
    page_seconds: float = 10.0
    """Time for one page, and for each page that is taken out; then the scan is `too_slow`."""
    megabytes: int = 1_024
    """Address space of one worker in MiB."""
    max_bytes: int = 500 * 1024 * 1024
    """Larger files are `too_large`, and none larger is written."""
    pages_per_worker: int = 2_000
    """Then it is replaced: what leaks must not pile up."""


class _Answer(msgspec.Struct, frozen=True):
    count: int = 0
    codes: tuple[str, ...] = ()
    blank: bool = False
    problem: str | None = None


class _WorkerDied(Exception):
    """It is gone, for whatever reason."""


class ZxingSheetReader:
    """Starts workers when they are first needed."""

    def __init__(self, limits: SheetLimits | None = None) -> None:
        self._limits = limits or SheetLimits()
        self._free: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self._slots = [_Slot(self._limits) for _ in range(self._limits.workers)]
        for slot in self._slots:
            self._free.put(slot)

    @contextmanager
    def opened(self, content: BinaryIO) -> Iterator[Stack]:
        """See the port; one worker is held while the block runs."""
        size = content.seek(0, os.SEEK_END)
        if not 0 < size <= self._limits.max_bytes:
            yield ClosedStack("too_large" if size else "empty")
            return
        try:
            slot = self._free.get(timeout=60 * self._limits.page_seconds)
        except queue.Empty:
            raise TryLater("busy") from None
        try:
            with _as_file(content) as descriptor:
                yield _Opened(slot, descriptor)
        finally:
            self._free.put(slot)

    def close(self) -> None:
        """Stop the workers, also those that look."""
        for slot in self._slots:
            slot.close()


class _Opened:
    """A scan in the hands of a worker."""

    def __init__(self, slot: "_Slot", descriptor: int) -> None:
        self._slot, self._descriptor = slot, descriptor
        self._token = uuid.uuid4().hex
        told = self._ask({})
        self.page_count, self.problem = told.count, told.problem

    def look(self, number: int) -> Sheet | str:
        told = self._ask({"page": number})
        return told.problem or Sheet(number=number, codes=told.codes, blank=told.blank)

    def take(self, pages: Sequence[int], target: BinaryIO, turns: Sequence[int] = ()) -> str | None:
        wish = {"take": list(pages), "turns": list(turns)}
        return self._ask(wish, target.fileno(), pages=len(pages)).problem

    def _ask(self, wish: Mapping[str, object], *target: int, pages: int = 1) -> _Answer:
        line = json.dumps({"token": self._token, **wish}).encode() + b"\n"
        return self._slot.ask(line, [self._descriptor, *target], pages=pages)


class _Slot:
    """Place for one worker, who is replaced when it dies, is too slow, or has seen much."""

    def __init__(self, limits: SheetLimits) -> None:
        self._limits = limits
        self._worker: _Worker | None = None

    def ask(self, request: bytes, descriptors: list[int], *, pages: int) -> _Answer:
        """One answer; a worker that dies or hangs of it twice is a problem of the document."""
        problem = ""
        for _ in range(2):
            try:
                return self._living().ask(request, descriptors, pages * self._limits.page_seconds)
            except _WorkerDied:
                problem = "broken"
            except TimeoutError:
                problem = "too_slow"
            warn("sheets", "sheet_worker_ended", problem=problem)
            self.close()
        return _Answer(problem=problem)

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
            self._worker = _Worker([str(self._limits.megabytes), str(self._limits.max_bytes)])
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
                # Nothing of our environment, where secrets may be.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        try:
            self._receive(60)
        except (_WorkerDied, TimeoutError):
            self.kill()
            raise TryLater("busy") from None

    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, descriptors: list[int], seconds: float) -> _Answer:
        """TimeoutError after the time; `_WorkerDied` when the process is gone."""
        self.asked += 1
        try:
            self._socket.settimeout(seconds)
            sent = socket.send_fds(self._socket, [request], descriptors)
            self._socket.sendall(request[sent:])
        except TimeoutError:
            raise
        except OSError:
            raise _WorkerDied from None
        return self._receive(seconds)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def _receive(self, seconds: float) -> _Answer:
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
        return msgspec.json.decode(line, type=_Answer)


@contextmanager
def _as_file(content: BinaryIO) -> Iterator[int]:
    """The content's own file; what lies in memory anyway is laid into a file in memory, and never on a disk."""
    try:
        descriptor = content.fileno()
    except io.UnsupportedOperation:
        with os.fdopen(os.memfd_create("scan"), "w+b") as file:
            content.seek(0)
            shutil.copyfileobj(content, file)
            file.flush()
            yield file.fileno()
        return
    yield descriptor
