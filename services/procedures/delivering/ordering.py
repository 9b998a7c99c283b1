"""Deliveries in the order of each file: requests of one file come one after another, and each closes what is before it.

`document.filed` is ordered by document, so entries of one file come in any order. Each filing is therefore asked for
once more by an event that its file orders; how far a procedure was told of a file stands in the store (decision 0051).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from services.core import keys
from services.core.errors import BlobMissing, TryLater
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DeliveryRequested
from services.core.messages.procedures import Delivered, InboxLine, Procedure
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import Filing, RegisterEntry
from services.core.plan.file_plan import level_of
from services.procedures import inbox
from services.procedures.delivering import invoices
from services.runtime.context.service import Context

HELD_FOR = timedelta(minutes=2)
"""How long an entry waits for the one before it, whose document does not know of it yet: a registrar is at it, or died
over it. Then it goes ahead, and the other one comes when somebody has mended what keeps it."""
MOST_MISSED = 1_000
"""Entries before its own that one request looks at. There are as many only where the service was away for long, or the
procedure brought them all itself."""


def requests(event: Event, context: Context) -> Sequence[Event]:
    """Ask for the delivery of every filing of the document that holds, where anybody takes part."""
    found = record.load(context.ports.blobs, event.tenant, event.document)
    return [
        _request(event, found, filing) for filing in record.current_filings(found) if takers(found, filing, context)
    ]


def deliver(event: Event, facts: DeliveryRequested, context: Context) -> Sequence[Event]:
    """Tell every procedure that takes part of this entry, and before that of those of its file that it was not told of.

    A repeat tells the same again. What was moved on before its request came is delivered only where it stands.
    """
    found = record.load(context.ports.blobs, event.tenant, facts.document)
    filing = next((one for one in record.current_filings(found) if one.decision == facts.filing), None)
    if filing is None:
        return ()
    return [
        event
        for one in takers(found, filing, context)
        for made in _File(facts.file, one, context).up_to(facts.entry, found, filing)
        if one.paused_since is None
        for event in (inbox.delivered_event(context, one.name, made),)
    ]


def takers(found: Record, filing: Filing, context: Context) -> list[Procedure]:
    """Who takes part at the place of the filing, or takes invoices; not who brought the document: it has it already."""
    brought = {receipt.source for receipt in found.receipts if receipt.channel == "procedure"}
    there = {one.name: one for one in context.procedures.takers(filing.position or "", context.plan)}
    level = level_of(filing.position or "", context.plan)
    there |= {one.name: one for one in invoices.takers(found, context, protection=level)}
    return [there[name] for name in sorted(there) if name not in brought]


def _request(event: Event, found: Record, filing: Filing) -> Event:
    facts = DeliveryRequested(
        document=found.document, filing=filing.decision, file=filing.file or "", entry=filing.entry or 1
    )
    cause = Cause(event.tenant, procedures.delivery_id(event.tenant, "", found.document, filing=filing.decision))
    key = f"{event.tenant}/{filing.file}"
    return topics.emit(facts, cause=cause, service="procedures", now=event.time, key=key)


class _File:
    """One file, as one procedure is told of it. Its requests come one after another, so nobody else is at it."""

    def __init__(self, file: str, one: Procedure, context: Context) -> None:
        self._file, self._one, self._context = file, one, context
        self._tenant, self._blobs = context.settings.tenant, context.ports.blobs

    @property
    def _told(self) -> str:
        """Above the mark of how far the procedure was told of the file."""
        return f"{self._tenant}/procedures/{self._one.name}/told/{self._file}/"

    def up_to(self, entry: int, found: Record, filing: Filing) -> Iterator[Delivered]:
        """What is to be told, in order: this entry, and before it those that it brings with it.

        Which these are stands in its delivery, so that whoever does it again after a death tells them again.
        """
        marks = self._marks()
        delivery = self._read(found, filing)
        if delivery is None:
            first = max(marks) + 1 if marks else self._first(entry)
            first = max(first, entry - MOST_MISSED)
            made = self._made(found, filing, first_entry=first if first < entry else None)
        else:
            made = delivery
        for number in range(made.first_entry or entry, entry):
            yield from self._missed(number)
        yield self._entered(made)
        self._mark(entry, marks)

    def _missed(self, entry: int) -> Iterator[Delivered]:
        """The delivery of an entry whose own request is still to come; none where it is not due, or not known yet."""
        line = self._register(entry)
        if line is None or self._is_before(line.entered_at):
            return
        found = record.load(self._blobs, self._tenant, line.document)
        mine = [one for one in record.current_filings(found) if (one.file, one.entry) == (self._file, entry)]
        if not mine and found.receipts and self._is_under_way(found, line):
            raise TryLater("entry_under_way")
        for filing in mine:
            if self._one in takers(found, filing, self._context):
                yield self._entered(self._read(found, filing) or self._made(found, filing))

    def _is_under_way(self, found: Record, line: RegisterEntry) -> bool:
        """Whether the document may still come to its entry: it was never filed there, and not for long."""
        filed = any((one.file, one.entry, one.outcome) == (self._file, line.entry, "filed") for one in found.filings)
        return not filed and self._context.ports.clock.now() - line.entered_at < HELD_FOR

    def _first(self, entry: int) -> int:
        """Of a file of which it was never told: the first entry that was made since it takes part."""
        lowest = max(1, entry - MOST_MISSED)
        while entry > lowest:
            line = self._register(entry - 1)
            if line is None or self._one.since is None or self._is_before(line.entered_at):
                return entry
            entry -= 1
        return entry

    def _is_before(self, moment: datetime) -> bool:
        """Whether it was not given at that time what it is given now: what was filed then is not its."""
        return self._one.since is not None and moment < self._one.since

    def _register(self, entry: int) -> RegisterEntry | None:
        try:
            content = self._blobs.read(Bucket.RECORDS, keys.register_entry(self._tenant, self._file, entry))
        except BlobMissing:
            return None
        return record_files.decode(RegisterEntry, content)

    def _key(self, found: Record, filing: Filing) -> tuple[str, str]:
        delivery = procedures.delivery_id(found.tenant, self._one.name, found.document, filing=filing.decision)
        return delivery, inbox.key_of(self._context, self._one.name, "delivered", delivery)

    def _read(self, found: Record, filing: Filing) -> Delivered | None:
        try:
            return procedures.decode(Delivered, self._blobs.read(Bucket.RECORDS, self._key(found, filing)[1]))
        except BlobMissing:
            return None

    def _made(self, found: Record, filing: Filing, first_entry: int | None = None) -> Delivered:
        """The delivery as it was first written."""
        delivery, key = self._key(found, filing)
        made = Delivered(
            delivery=delivery,
            document=found.document,
            filing=filing.decision,
            file=filing.file or "",
            position=filing.position or "",
            made_at=self._context.ports.clock.now(),
            line=inbox.last_line(self._context, self._one.name) + 1,
            entry=filing.entry,
            case=filing.case,
            first_entry=first_entry,
            invoices=invoices.invoices_of(found),
        )
        if self._blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
            return made
        return procedures.decode(Delivered, self._blobs.read(Bucket.RECORDS, key))

    def _entered(self, made: Delivered) -> Delivered:
        """The same, once its line is in the inbox."""
        inbox.enter(self._context, self._one.name, InboxLine(kind="delivered", id=made.delivery), made.line)
        return made

    def _marks(self) -> list[int]:
        """How far it was told; more than one only where somebody died between two."""
        above = self._told
        return [int(key[len(above) :]) for key in self._blobs.keys(Bucket.RECORDS, above)]

    def _mark(self, entry: int, known: list[int]) -> None:
        """It was told up to here; the new mark is written before the old one goes."""
        if entry <= max(known, default=0):
            return
        self._blobs.create(Bucket.RECORDS, f"{self._told}{entry}", b"")
        for old in known:
            self._blobs.delete(Bucket.RECORDS, f"{self._told}{old}")
