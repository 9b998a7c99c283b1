"""How judgements turned out, document by document, and counted: a part of the book that the ledger keeps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

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
    """Which judgements count: from a time on, before another one, and whose; `offices` None: everybody's."""

    since: datetime
    before: datetime
    offices: frozenset[str] | None = None


class JudgementBook(Protocol):
    """Where outcomes lie. Writing is repeatable; an older version never replaces a newer one."""

    def note_judged(self, judged: Judged) -> None:
        """Note how a judgement stands; counts after the book's `commit`."""

    def forget_judged(self, tenant: str, document: str) -> None:
        """Leave a document out of all counts from now on: it was erased."""

    def tallies(self, tenant: str, by: By, span: Span) -> Sequence[Tally]:
        """Counts in the order of their keys; rights are part of the question."""
