"""Sheets looked at in worker processes that are killed when they take too long, and replaced when they die."""

import json
import os
import queue
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.adapters.workers import Program, Slot, as_file, taken
from services.core.ports.sheets.sheet_reader import ClosedStack, Sheet, Stack

_WORKER = Path(__file__).with_name("worker.py")
_MAX_ANSWER = 1024 * 1024
_TURN_PAGES = 60
"""A scan waits for its turn as long as so many pages of those before it may take."""


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


class ZxingSheetReader:
    """Starts workers when they are first needed."""

    def __init__(self, limits: SheetLimits | None = None) -> None:
        self._limits = limits or SheetLimits()
        self._free: queue.SimpleQueue[Slot[_Answer]] = queue.SimpleQueue()
        self._slots = [Slot(self._program) for _ in range(self._limits.workers)]
        for slot in self._slots:
            self._free.put(slot)

    @contextmanager
    def opened(self, content: BinaryIO) -> Iterator[Stack]:
        """See the port; one worker is held while the block runs."""
        size = content.seek(0, os.SEEK_END)
        if not 0 < size <= self._limits.max_bytes:
            yield ClosedStack("too_large" if size else "empty")
            return
        patience = _TURN_PAGES * self._limits.page_seconds
        with taken(self._free, seconds=patience, busy="busy") as slot, as_file(content) as descriptor:
            yield _Opened(slot, descriptor, self._limits.page_seconds)

    def close(self) -> None:
        """Stop the workers, also those that look."""
        for slot in self._slots:
            slot.close()

    def _program(self) -> Program[_Answer]:
        return Program(
            path=_WORKER,
            arguments=(str(self._limits.megabytes), str(self._limits.max_bytes)),
            answer=_Answer,
            most_bytes=_MAX_ANSWER,
            questions=self._limits.pages_per_worker,
            component="sheets",
            ended="sheet_worker_ended",
            away="busy",
        )


class _Opened:
    """A scan in the hands of a worker."""

    def __init__(self, slot: Slot[_Answer], descriptor: int, page_seconds: float) -> None:
        self._slot, self._descriptor, self._page_seconds = slot, descriptor, page_seconds
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
        told = self._slot.ask(line, [self._descriptor, *target], seconds=pages * self._page_seconds)
        return _Answer(problem=told) if isinstance(told, str) else told
