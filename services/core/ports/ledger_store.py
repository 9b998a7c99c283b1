"""The book of receipts: who was received, and where it is now. Derived from events, rebuilt from the store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.core import vocabulary

SETTLED = ("held", "filed", "no_record")
"""Where a document stays until somebody decides."""

RANK: dict[str, int] = {
    "received": 0,
    "reading": 1,
    "classifying": 2,
    "filing": 3,
    "held": 4,
    "filed": 4,
    "no_record": 4,
}
"""A document never goes back to an earlier stage in the book; `erased` is beyond all."""


class Line(Struct, frozen=True, kw_only=True):
    """One receipt with the standing of its document."""

    receipt: str
    tenant: str
    document: str
    channel: str
    source: str
    received_at: datetime
    state: str = "received"
    since: datetime | None = None
    reason: str = ""
    problem: str = ""
    indexed_version: int = 0


class Step(Struct, frozen=True, kw_only=True):
    """What became of a document; `version` is the record's where it was looked at, and orders equal ranks."""

    tenant: str
    document: str
    state: vocabulary.State
    since: datetime
    version: int = 0
    reason: str = ""
    problem: str = ""


class LineFilter(Struct, frozen=True, kw_only=True):
    """What narrows a list of lines; empty means all."""

    source: str = ""
    state: str = ""
    received_from: datetime | None = None
    received_before: datetime | None = None


class Hour(Struct, frozen=True, kw_only=True):
    """What one hour brought: receipts that came in, and documents that came to where they stand."""

    begins: datetime
    received: int = 0
    settled: int = 0


class LedgerStore(Protocol):
    """Where the book lies. Writing is repeatable; what was written counts after `commit`."""

    def add(self, line: Line) -> None:
        """Note a receipt; a known one stays as it is."""

    def advance(self, step: Step) -> None:
        """Note what became of a document; an earlier stage or version never replaces a later one."""

    def indexed(self, tenant: str, document: str, version: int) -> None:
        """Note that the index holds this version."""

    def commit(self) -> None:
        """What was written is durable."""

    def find(self, tenant: str, receipt: str) -> Line | None:
        """The line of a receipt."""

    def lines(self, tenant: str, narrow: LineFilter, *, cursor: str, limit: int) -> tuple[list[Line], str]:
        """Lines, newest first, and the cursor of the next page, empty at the end."""

    def unknown(self, tenant: str, receipts: Iterable[str]) -> set[str]:
        """Those receipts that the book does not know."""

    def counts(self, tenant: str) -> dict[str, int]:
        """Documents by state."""

    def hours(self, tenant: str, since: datetime) -> list[Hour]:
        """The hours from then on in which anything happened, in order."""

    def oldest_under_way(self, tenant: str) -> Line | None:
        """The oldest receipt whose document is neither filed nor before a clerk nor gone."""

    def swept_until(self, tenant: str) -> datetime | None:
        """The arrivals up to here were compared with the book."""

    def note_sweep(self, tenant: str, until: datetime) -> None:
        """Note how far the sweeper came."""

    def clear(self, tenant: str) -> None:
        """Forget everything of a tenant, before a rebuild."""

    def close(self) -> None:
        """Let go of everything."""
