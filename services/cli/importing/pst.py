"""The messages of an Outlook archive, read by a process apart; where it dies or hangs, the next begins behind it."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from services.cli.importing.pst_child import HEAD

PROGRAM = (sys.executable, "-I", str(Path(__file__).with_name("pst_child.py")))
SECONDS = 120.0
"""Without a word from it the process is ended; a message of the largest size takes some."""
MEMORY = 3 * 1024 * 1024 * 1024
"""Address space in bytes: a mail of the largest size is there as its parts, and packed."""
MOST_DEATHS = 100
"""Of one archive: then its rest is refused as a whole."""
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of the archive: a mail, or why it is none."""

    number: int
    folder: str
    content: bytes = b""
    problem: str = ""


class _Ended(Exception):
    """The process is gone, or said nothing for too long."""


def can_be_read() -> bool:
    """Whether libpff is there: it has no wheel for every machine."""
    return find_spec("pypff") is not None


def found_in(
    file: Path, *, largest: int, program: Sequence[str] = PROGRAM, seconds: float = SECONDS
) -> Iterator[Found]:
    """Everything in the archive, always in the same order; `broken` where the reader died, and it goes on behind."""
    first, deaths = 0, 0
    while True:
        begun: Found | None = None
        for found in _read((*program, str(file), str(first), str(largest), str(MEMORY)), seconds):
            if found is None:
                return
            if found.problem == "begins":
                begun = found
                continue
            begun, first = None, found.number + 1
            yield found
        deaths += 1
        if begun is None or deaths > MOST_DEATHS:  # died between two, where nothing says how to pass it
            yield Found(first, "", problem="broken")
            return
        yield Found(begun.number, begun.folder, problem="broken")
        first = begun.number + 1


def _read(command: Sequence[str], seconds: float) -> Iterator[Found | None]:
    """What one process tells; None at the proper end of the archive."""
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as process,  # noqa: S603  # ours
        contextlib.suppress(_Ended),
    ):
        try:
            yield from _told(process, seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _told(process: "subprocess.Popen[bytes]", seconds: float) -> Iterator[Found | None]:
    while True:
        head, content = _message(process, seconds)
        if head.get("end"):
            break
        problem = "begins" if head.get("begins") else str(head["problem"])
        yield Found(int(str(head["number"])), str(head["folder"]), content, problem)
    if head.get("problem"):
        yield Found(0, "", problem=str(head["problem"]))
    yield None


def _message(process: "subprocess.Popen[bytes]", seconds: float) -> tuple[dict[str, object], bytes]:
    until = time.monotonic() + seconds
    sizes = HEAD.unpack(_exactly(process, HEAD.size, until))
    head, content = (_exactly(process, size, until) for size in sizes)
    return json.loads(head), content


def _exactly(process: "subprocess.Popen[bytes]", size: int, until: float) -> bytes:
    if process.stdout is None:
        raise _Ended
    pipe, found = process.stdout.fileno(), bytearray()
    while len(found) < size:
        ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0.0))
        piece = os.read(pipe, min(size - len(found), _PIECE)) if ready else b""
        if not piece:
            raise _Ended
        found += piece
    return bytes(found)
