"""One document compared: its record with the ledger, the index and the original; what is derived is put right."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from services.core import keys
from services.core.bookkeeping import Discrepancy, Fault
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.model import record
from services.core.model.record import Record
from services.core.ports.entries import TOMBSTONE_VERSION
from services.core.ports.ledger_store import SETTLED, Line
from services.core.protocol.receiving import received_event
from services.ledger.books.again import again
from services.ledger.handler import line_of, note_outcome, step_of
from services.ledger.tracing.trail import waits_at
from services.runtime.access.originals import inspect
from services.runtime.context.service import Context
from services.runtime.worker.dead_letters import LetterFilter, letters

PATIENCE = timedelta(minutes=5)
"""What changed a shorter time ago may be on its way: its event is told, and everybody gets to it."""
MOST_LETTERS = 100_000
_EARLY = ("received", "reading", "classifying")


@dataclass(kw_only=True, slots=True)
class Comparison:
    """What every document is compared by, as it was when the comparison began."""

    context: Context
    read_originals: bool
    began: datetime
    busy: frozenset[str] = frozenset()
    """Services that have work before them: whoever waits for one of these was not forgotten."""
    dead: dict[str, str] = field(default_factory=dict)
    """Documents that a service gave up over, with the service."""
    under_way: int = 0
    receipts: int = 0

    @classmethod
    def begin(cls, context: Context, *, read_originals: bool, patience: timedelta = PATIENCE) -> "Comparison":
        """Look once at what holds for all documents."""
        ports, now = context.ports, context.ports.clock.now()
        busy = frozenset(
            service
            for service in topics.READ_BY
            if any(ports.log.backlog(service, topics.worked_on(service, context.procedures.names)).values())
        )
        given_up = islice(letters(ports.blobs, context.settings.tenant, LetterFilter()), MOST_LETTERS)
        dead = {letter.document: letter.service for letter in given_up if letter.document}
        return cls(context=context, read_originals=read_originals, began=now - patience, busy=busy, dead=dead)

    def of(self, document: str) -> Iterator[Discrepancy]:
        """Compare one document and put right what can be. TryLater while something of the world is away."""
        ports, tenant = self.context.ports, self.context.settings.tenant
        found = record.load(ports.blobs, tenant, document)
        lines = ports.ledger.lines_of(tenant, document)
        self.receipts += len(found.receipts)
        if not found.erased:
            yield from self._lost(found, lines)
        if found.receipts or found.erased:
            yield from self._booked(found, lines)
        if found.receipts:
            yield from self._carried_on(found)
            yield from self._original(found)

    def _lost(self, found: Record, lines: list[Line]) -> Iterator[Discrepancy]:
        """What the ledger was told of and the store has no more: nothing can be made of that again."""
        there = {receipt.receipt for receipt in found.receipts}
        gone = tuple(line.receipt for line in lines if line.receipt not in there and line.received_at < self.began)
        if gone:
            yield self._difference("receipt_lost", found, receipts=gone)
        elif found.receipts and record.standing(found).state in _EARLY and any(line.state in SETTLED for line in lines):
            yield self._difference("record_lost", found)

    def _booked(self, found: Record, lines: list[Line]) -> Iterator[Discrepancy]:
        ledger = self.context.ports.ledger
        known = {line.receipt for line in lines}
        # A younger one may never have been told of: the sweeper tells of what the book lacks, and of nothing else. Nor
        # is one put down that nobody has read while a queue may hold its event: told twice, it would only come later.
        told = found.extraction is not None or not self.busy & topics.working_on(topics.RECEIVED)
        missing = [r for r in found.receipts if told and r.receipt not in known and r.received_at < self.began]
        for receipt in missing:
            ledger.add(line_of(receipt))
            if found.extraction is None or found.extraction.sheets:  # the sweeper tells of this one no more, nor of its
                # arrival to the documents of a batch, which come once for each arrival of the scan
                self.context.ports.log.publish(received_event(receipt, service=self.context.service, now=self._now()))
        before = {line.receipt: (line.state, line.indexed_version) for line in lines}
        ledger.advance(step_of(found))
        note_outcome(found, self.context)
        if version := self.context.ports.index.version_of(found.document):
            ledger.indexed(found.tenant, found.document, version)
        if missing and "ledger" not in self.busy:
            yield self._difference("ledger_row", found, receipts=tuple(receipt.receipt for receipt in missing))
        elif before and self._is_old(found) and self._changed(found, before):
            yield self._difference("ledger_state", found)

    def _changed(self, found: Record, before: dict[str, tuple[str, int]]) -> bool:
        """Whether the book said something else of a document that stands where it stays."""
        now = {line.receipt: (line.state, line.indexed_version) for line in self._lines(found)}
        return any(now[receipt] != before[receipt] for receipt in before if receipt in now)

    def _lines(self, found: Record) -> list[Line]:
        return self.context.ports.ledger.lines_of(found.tenant, found.document)

    def _carried_on(self, found: Record) -> Iterator[Discrepancy]:
        """Whether its next event was lost on the way, or its entry in the index."""
        version = self.context.ports.index.version_of(found.document) or 0
        if version > found.version and version != TOMBSTONE_VERSION:
            yield self._difference("record_lost", found)
            return
        waits = waits_at(found, version)
        if waits is None:
            return
        service, since = waits
        if giver := self.dead.get(found.document):
            yield self._difference("given_up", found, service=giver)
        elif since >= self.began or service in self.busy or (service == "ocr" and "extraction" in self.busy):
            self.under_way += 1
        elif service == "filing" and found.decisions:
            self.under_way += 1  # filing looks for decisions without effect by itself
        else:
            self.context.ports.log.publish(*again(found, service, self._now()))
            fault: Fault = "index_entry" if service == "indexing" else "event_skipped"
            yield self._difference(fault, found, service=service)

    def _original(self, found: Record) -> Iterator[Discrepancy]:
        key = keys.original(found.tenant, found.document)
        if self.read_originals or self.context.ports.blobs.size(Bucket.ORIGINALS, key) is None:
            whole = inspect(found.document, self.context)
        else:
            whole = not found.check or found.check.outcome == "whole"
        if not whole:
            yield self._difference("original_damaged", found)

    def _now(self) -> datetime:
        return self.context.ports.clock.now()

    def _is_old(self, found: Record) -> bool:
        return record.since(found) < self.began and not self.busy & {"ledger", "indexing"}

    def _difference(
        self, fault: Fault, found: Record, *, receipts: tuple[str, ...] = (), service: str = ""
    ) -> Discrepancy:
        named = receipts or tuple(receipt.receipt for receipt in found.receipts)
        self.context.log.warning("books_differ", fault=fault, document=found.document, receipts=list(named))
        return Discrepancy(fault=fault, document=found.document, receipts=named, service=service)


def unreadable(context: Context, document: str) -> Discrepancy:
    """A record that nobody can read: named by the receipts that the ledger knows."""
    lines = context.ports.ledger.lines_of(context.settings.tenant, document)
    return Discrepancy(fault="record_unreadable", document=document, receipts=tuple(line.receipt for line in lines))
