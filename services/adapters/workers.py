"""Child processes that open what strangers sent: asked one thing at a time, killed when too slow, replaced when dead.

A question is a line of JSON with open files as descriptors beside it, an answer is a line of JSON.
"""

import io
import os
import queue
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

from services.adapters.telling import warn
from services.core.errors import TryLater

Answer = TypeVar("Answer", bound=msgspec.Struct)

_START_SECONDS = 60.0
_TRIES = 2
"""One process may die of its age or of the machine; where two end over the same content, it is the content's fault."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program(Generic[Answer]):
    """What is started, what it answers, and what it may cost."""

    path: Path
    arguments: Sequence[str]
    answer: type[Answer]
    most_bytes: int
    """Of an answer; a process that says more has been taken over, or is broken."""
    questions: int
    """Then it is replaced: what leaks must not pile up."""
    component: str
    ended: str
    """The event by which the death of one is told."""
    environment: Mapping[str, str] = field(default_factory=dict)
    away: str
    """The code of TryLater where none can be started."""


class _WorkerDied(Exception):
    """It is gone, for whatever reason."""


class Slot(Generic[Answer]):
    """Place for one process, which is started when it is first asked."""

    def __init__(self, program: Callable[[], Program[Answer]]) -> None:
        """The program is asked for at each start: what it needs may have come meanwhile."""
        self._program = program
        self._worker: _Worker[Answer] | None = None

    def ask(self, request: bytes, descriptors: Sequence[int], *, seconds: float) -> Answer | str:
        """One answer, or the problem of a content that two processes died of (`broken`) or hung over (`too_slow`)."""
        problem = ""
        for _ in range(_TRIES):
            worker = self._living()
            try:
                return worker.ask(request, descriptors, seconds)
            except _WorkerDied:
                problem = "broken"
            except TimeoutError:
                problem = "too_slow"
            warn(worker.program.component, worker.program.ended, problem=problem)
            self.close()
        return problem

    def close(self) -> None:
        """Stop the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _living(self) -> "_Worker[Answer]":
        if self._worker is not None and not self._worker.is_fit():
            self.close()
        if self._worker is None:
            self._worker = _Worker(self._program())
        return self._worker


@contextmanager
def taken(free: "queue.SimpleQueue[Slot[Answer]]", *, seconds: float, busy: str) -> Iterator[Slot[Answer]]:
    """One of these slots, by itself, while the block runs; TryLater with this code where none comes free in time."""
    try:
        slot = free.get(timeout=seconds)
    except queue.Empty:
        raise TryLater(busy) from None
    try:
        yield slot
    finally:
        free.put(slot)


@contextmanager
def as_file(content: BinaryIO) -> Iterator[int]:
    """The content's own file; what lies in memory anyway is laid into a file in memory, and never on a disk."""
    descriptor = _descriptor(content)
    if descriptor >= 0:
        yield descriptor
        return
    with os.fdopen(os.memfd_create("content"), "w+b") as file:
        content.seek(0)
        shutil.copyfileobj(content, file)
        file.flush()
        yield file.fileno()


def _descriptor(content: BinaryIO) -> int:
    """That of the file behind a stream, -1 where there is none."""
    try:
        return content.fileno()
    except io.UnsupportedOperation:
        return -1


class _Worker(Generic[Answer]):
    """One process and the socket to it."""

    def __init__(self, program: Program[Answer]) -> None:
        self.program = program
        self._asked = 0
        self._socket, its_end = socket.socketpair()
        with its_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, nothing of a document in its arguments
                [sys.executable, "-P", str(program.path), *program.arguments],
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Nothing of our environment, where secrets may be.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **program.environment},
                start_new_session=True,
            )
        try:
            self._receive(_START_SECONDS)
        except (_WorkerDied, TimeoutError):
            self.kill()
            raise TryLater(program.away) from None

    def is_fit(self) -> bool:
        return self._process.poll() is None and self._asked < self.program.questions

    def ask(self, request: bytes, descriptors: Sequence[int], seconds: float) -> Answer:
        """TimeoutError after the time, `_WorkerDied` when the process is gone or talks nonsense."""
        self._asked += 1
        self._socket.settimeout(seconds)
        try:
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

    def _receive(self, seconds: float) -> Answer:
        """One line, whole within the time."""
        deadline = time.monotonic() + seconds
        line = bytearray()
        while not line.endswith(b"\n"):
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                piece = self._socket.recv(65_536)
            except ConnectionError:
                piece = b""
            if not piece or len(line) > self.program.most_bytes:
                raise _WorkerDied
            line += piece
        try:
            return msgspec.json.decode(line, type=self.program.answer)
        except msgspec.MsgspecError:
            raise _WorkerDied from None
