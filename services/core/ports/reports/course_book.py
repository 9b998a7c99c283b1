"""When documents came and were done with, and what reports count by that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from msgspec import Struct


class Course(Struct, frozen=True, kw_only=True):
    """When one document came and when it was done with; `version` is the record's, 0 before anybody looked."""

    tenant: str
    document: str
    version: int = 0
    received_at: datetime
    """Of the first receipt, as is the channel."""
    channel: str
    office: str
    """Who looks after it now; before it was judged the office whose box or scanner it came through."""
    filed_at: datetime | None = None
    """When it was filed first."""
    settled_at: datetime | None = None
    """Since when it is filed, set aside or erased; None while it is open, also after it was reopened."""
    due_before: datetime | None = None
    """The end of the earliest day on which an invoice of it is to be paid."""


class Period(Struct, frozen=True, kw_only=True):
    """What a report is about: a time, cut at `steps`, whose documents, and how soon they are to be done with."""

    since: datetime
    before: datetime
    at: datetime
    """When that is counted which is open: at the end, or now where that is earlier."""
    steps: tuple[datetime, ...] = ()
    """Beginnings of its parts, the first of which is `since`."""
    within: timedelta = timedelta(days=3)
    offices: frozenset[str] | None = None
    """None: everybody's."""


class Arrivals(Struct, frozen=True, kw_only=True):
    """Receipts of one part of a period, by channel and the office whose box or scanner they came through."""

    step: int
    channel: str
    office: str
    count: int


class Passage(Struct, frozen=True, kw_only=True):
    """Documents that were filed first in a period, and how long that took from their first receipt, in seconds."""

    key: str
    filed: int
    median_s: float
    p90_s: float
    """Nine of ten took no longer (nearest rank)."""
    in_time: int


class Backlog(Struct, frozen=True, kw_only=True):
    """Documents of an office that were open at the moment `at` of a period."""

    office: str
    open: int
    late: int
    """Of them older than they are to be."""


class Dues(Struct, frozen=True, kw_only=True):
    """Invoices with a day of payment in the period: done with by that day, later, not yet, and not yet and overdue."""

    in_time: int = 0
    late: int = 0
    open: int = 0
    overdue: int = 0


PassageBy = Literal["all", "office", "channel", "step"]
"""A step is told by its number in the period."""


class CourseBook(Protocol):
    """Where the courses of documents lie. Writing is repeatable; an older version never replaces a newer one."""

    def note_course(self, course: Course) -> None:
        """Note how far a document is; counts after the book's `commit`."""

    def end_course(self, tenant: str, document: str, at: datetime) -> None:
        """Note that an erased document is open no more; what it counted for stays counted."""

    def arrivals(self, tenant: str, period: Period) -> Sequence[Arrivals]:
        """Receipts by part of the period, channel and office, in that order."""

    def passages(self, tenant: str, by: PassageBy, period: Period) -> Sequence[Passage]:
        """Times of what was filed in the period, in the order of the keys."""

    def backlog(self, tenant: str, period: Period) -> Sequence[Backlog]:
        """What was open at its moment `at`, by office."""

    def oldest_open(self, tenant: str, period: Period, *, limit: int) -> Sequence[Course]:
        """Of these the oldest."""

    def dues(self, tenant: str, period: Period) -> Dues:
        """Invoices to be paid within the period, by how they stand to their days at its moment `at`."""
