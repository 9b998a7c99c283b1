"""The book of receipts: who was received, and where it is now. Derived from events, rebuilt from the store."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from services.core import vocabulary
from services.core.ports.reports.course_book import CourseBook

By = Literal["all", "office", "position", "week", "reason", "certainty"]
"""What tallies are told apart by. A week is named by its Monday (UTC); certainty by tenths, `0.9` from 0.9 on."""


class Judged(Struct, frozen=True, kw_only=True):
    """What classification said of one document and what became of it; `version` is the record's."""

    tenant: str
    document: str
    version: int
    judged_at: datetime
    office: str
    """Who looks after it now: whose figure this is."""
    proposed_office: str
    position: str
    """The first proposal, empty where there was none."""
    confidence: float
    reason: str
    automatic: bool
    """Whether it was filed without a clerk, ever."""
    corrected: bool
    """Whether a clerk said otherwise of what was filed without one."""
    decided: bool
    """Whether a clerk said where it belongs, or that it is no record."""
    final: str
    """The position where it lies now; empty where it lies nowhere."""


class Tally(Struct, frozen=True, kw_only=True):
    """Documents counted together under one key."""

    key: str
    judged: int = 0
    automatic: int = 0
    corrected: int = 0
    decided: int = 0
    """By clerks, corrections among them."""
    hits: int = 0
    """Of those decided: the first proposal was the place."""
    office_hits: int = 0
    """Of those placed: the office of the first proposal was the office."""
    placed: int = 0
    """Of those decided: they were filed, and not set aside."""
    expected: float = 0.0
    """Sum of the confidences of first proposals of those decided: as many hits were promised."""
    waiting: int = 0
    """Neither filed by itself nor decided yet."""


class Span(Struct, frozen=True, kw_only=True):
    """Which judgements count: from a time on, before another one, whose (`offices` None: everybody's), of what."""

    since: datetime
    before: datetime
    offices: frozenset[str] | None = None
    position: str | None = None
    """The first proposal; empty for those without one, None for all."""


class JudgementBook(Protocol):
    """Where outcomes lie. Writing is repeatable; an older version never replaces a newer one."""

    def note_judged(self, judged: Judged) -> None:
        """Note how a judgement stands; counts after the book's `commit`."""

    def forget_judged(self, tenant: str, document: str) -> None:
        """Leave a document out of all counts from now on: it was erased."""

    def tallies(self, tenant: str, by: By, span: Span) -> Sequence[Tally]:
        """Counts in the order of their keys; rights are part of the question."""


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
    office: str = ""
    """The office whose box or scanner it came through."""
    sha256: str = ""
    """Of the bytes as they came."""
    message: str = ""
    """Of a mail the hash of its Message-ID, see `threads.message_key`; nobody reads an id out of the book."""
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


class Scrub(Struct, frozen=True, kw_only=True):
    """How far the walk through all originals is."""

    began: datetime
    after: str = ""
    """The last document that was looked at; empty at the beginning."""
    tries: int = 0
    """How often the next one could not be read."""
    finished: datetime | None = None
    """When the walk before came to its end."""


class LedgerStore(JudgementBook, CourseBook, Protocol):
    """Where the book lies. Writing is repeatable; what was written counts after `commit`."""

    def add(self, line: Line) -> None:
        """Note a receipt; a known one learns what it lacked."""

    def advance(self, step: Step) -> None:
        """Note what became of a document; an earlier stage or version never replaces a later one."""

    def indexed(self, tenant: str, document: str, version: int) -> None:
        """Note that the index holds this version."""

    def commit(self) -> None:
        """What was written is durable."""

    def find(self, tenant: str, receipt: str) -> Line | None:
        """The line of a receipt."""

    def documents(self, tenant: str, after: str, *, limit: int) -> list[str]:
        """The documents of its lines in the order of their ids, behind this one."""

    def lines_of(self, tenant: str, document: str) -> list[Line]:
        """All lines of one document."""

    def named(self, tenant: str, name: str, *, limit: int) -> list[Line]:
        """The lines whose bytes or whose Message-ID have this hash, newest first."""

    def lines(self, tenant: str, narrow: LineFilter, *, cursor: str, limit: int) -> tuple[list[Line], str]:
        """Lines, newest first, and the cursor of the next page, empty at the end."""

    def unknown(self, tenant: str, receipts: Iterable[str]) -> set[str]:
        """Those receipts that the book does not know, and that the sweeper has not told of either."""

    def note_told(self, tenant: str, receipt: str, at: datetime) -> None:
        """Note that the sweeper told of a receipt, so that it does so once however long the book takes to know it."""

    def counts(self, tenant: str) -> dict[str, int]:
        """Documents by state."""

    def hours(self, tenant: str, since: datetime) -> list[Hour]:
        """The hours from then on in which anything happened, in order."""

    def oldest_under_way(self, tenant: str) -> Line | None:
        """The oldest receipt whose document is neither filed nor before a clerk nor gone."""

    def swept_until(self, tenant: str) -> datetime | None:
        """The arrivals up to here were compared with the book."""

    def note_sweep(self, tenant: str, until: datetime) -> None:
        """Note how far the sweeper came, and forget what it told of long before."""

    def scrub(self, tenant: str) -> Scrub | None:
        """How far the walk through the originals came; None where there was none."""

    def note_scrub(self, tenant: str, scrub: Scrub) -> None:
        """Note how far it came."""

    def clear(self, tenant: str) -> None:
        """Forget everything of a tenant, before a rebuild."""

    def close(self) -> None:
        """Let go of everything."""
