"""The port to what looks at the sheets of a scan before anybody reads them, and takes sheets out of it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Protocol

from msgspec import Struct


class Sheet(Struct, frozen=True, kw_only=True):
    """One side of a sheet: what its barcodes say, and whether anything at all is on it."""

    number: int
    codes: tuple[str, ...] = ()
    blank: bool = False


class Stack(Protocol):
    """A scan that was opened."""

    page_count: int
    problem: str | None
    """Why nobody can look at it, a code of `catalogue.PROBLEMS`; then it has no pages."""

    def look(self, number: int) -> Sheet | str:
        """One page, counted from 1; a `problem` where it cannot be drawn."""

    def take(self, pages: Sequence[int], target: BinaryIO, turns: Sequence[int] = ()) -> str | None:
        """Write these pages, in this order and turned as they lie, as a file of the same kind; a `problem` else.

        `turns` are degrees clockwise, one for each page, by which they are turned on from there.

        The same pages of the same content always give the same bytes, as far as the program's version is the same.
        """


class SheetReader(Protocol):
    """Looks at scans in killable workers. Content has to seek, as for the OCR engine."""

    def opened(self, content: BinaryIO) -> AbstractContextManager[Stack]:
        """A PDF or TIFF, open while the block runs. TryLater while all workers are busy, or none can be started."""

    def close(self) -> None:
        """Stop the workers."""


class ClosedStack:
    """Nobody looks at it: it is no batch."""

    page_count = 0

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem

    def look(self, number: int) -> Sheet | str:
        """There is no page."""
        del number
        return "unsupported"

    def take(self, pages: Sequence[int], target: BinaryIO, turns: Sequence[int] = ()) -> str | None:
        """There is nothing to take."""
        del pages, target, turns
        return "unsupported"


class NoSheetReader:
    """Where batches are not separated."""

    @contextmanager
    def opened(self, content: BinaryIO) -> Iterator[Stack]:
        """Nobody looks at it."""
        del content
        yield ClosedStack()

    def close(self) -> None:
        """There is nothing to stop."""
