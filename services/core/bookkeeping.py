"""What is kept of the mail room's own book-keeping: what comparing everything found, and the balance of each day."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from services.core import vocabulary

Fault = Literal[
    "ledger_row", "ledger_state", "index_entry", "event_skipped",
    "original_damaged", "receipt_lost", "record_lost", "record_unreadable", "given_up",
]  # fmt: skip
"""The first four are healed, the others named."""
HEALED: frozenset[Fault] = frozenset({"ledger_row", "ledger_state", "index_entry", "event_skipped"})


class Discrepancy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that does not agree with the others."""

    fault: Fault
    document: str
    receipts: tuple[str, ...] = ()
    service: str = ""
    """Whose turn it is, of what was skipped or given up."""

    @property
    def healed(self) -> bool:
        """Whether what is derived was put right, or is on its way to be."""
        return self.fault in HEALED


class Reconciliation(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="reconciliation:1"):
    """Store, ledger, index and originals compared from end to end."""

    began_at: datetime
    ended_at: datetime
    documents: vocabulary.Count
    receipts: vocabulary.Count
    originals_read: bool
    """Whether each original was read; else only whether it is there."""
    under_way: vocabulary.Count
    """Documents that wait for a service which has work before it, or that came just now."""
    counts: dict[Fault, int] = {}
    differences: tuple[Discrepancy, ...] = ()
    """The first of them; `counts` has all."""

    @property
    def agrees(self) -> bool:
        """Whether nothing was found, healed or not."""
        return not self.counts


class BalanceLine(Struct, frozen=True, kw_only=True, order=True):
    """The receipts of one day that came from one source by one channel for one office."""

    channel: vocabulary.Channel
    source: vocabulary.SourceId
    office: vocabulary.Office
    received: vocabulary.Count
    """Arrivals in the store."""
    booked: vocabulary.Count
    """Of them the ledger knows."""
    extracted: vocabulary.Count
    classified: vocabulary.Count
    filed: vocabulary.Count
    held: vocabulary.Count
    set_aside: vocabulary.Count
    erased: vocabulary.Count
    under_way: vocabulary.Count
    astray: vocabulary.Count
    """Arrivals that the ledger does not know, and lines of the ledger without an arrival: neither hides the other."""

    @property
    def balances(self) -> bool:
        """Whether each receipt is in exactly one place."""
        ends = self.filed + self.held + self.set_aside + self.erased + self.under_way
        return (
            not self.astray
            and self.received == self.booked == ends
            and self.received >= self.extracted >= self.classified
        )


def uncaptured_marks(tenant: str, day: date) -> str:
    """Above one mark for each mail of a day (UTC) that was taken and not captured; a mark says nothing else."""
    return f"{tenant}/uncaptured/{day:%Y/%m/%d}/"


class Balance(Struct, frozen=True, kw_only=True, tag_field="schema", tag="balance:1"):
    """What became of the post of one day (UTC) by the time the day was closed; each holds the hash of the one before.

    So a day that is missing, and a number that was changed afterwards, break the chain.
    """

    day: date
    closed_at: datetime
    previous_sha256: str
    """Of the bytes of the balance of the day before; empty for the first one."""
    lines: tuple[BalanceLine, ...]
    uncaptured: vocabulary.Count = 0
    """Mails to excluded mailboxes that were taken and let go; they have no receipts, and stand in no line."""

    @property
    def balances(self) -> bool:
        """Whether all lines do."""
        return all(line.balances for line in self.lines)


ALL: tuple[type[Struct], ...] = (Reconciliation, Balance)
"""Every stored shape of the books; `schemas/records` is exported from it."""
