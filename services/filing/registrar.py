"""The registrar: gives every filing its entry, gapless and once, in an existing file or in a new one.

Several registrars may be at it (a stalled one wakes up): every step is a create-once file, and whoever comes second
reads what is there. Before an entry is made, the document's record claims its file and the first entry that is free;
all who file this document there walk up from that entry, so each of them comes upon an entry that another has made.
A Vorgang is numbered by its first entry, which counts it from the entry before: nothing of it can be half there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentFiled, FilingRequested
from services.core.model import record_files
from services.core.model.record import Record
from services.core.model.record_files import Filing, RegisterEntry
from services.core.plan import file_numbers
from services.core.plan.file_numbers import Template
from services.core.protocol.pointers import threads
from services.core.protocol.registers import entry_at, last_entry
from services.core.protocol.revise import Draft, revise
from services.filing import precedence
from services.filing.cases.naming import position_of, refuse_case
from services.runtime.context.service import Context


def register(event: Event, facts: FilingRequested, context: Context) -> Sequence[Event]:
    """Enter the document, write its filing, tell of it. Each step is followed by a fresh look at the record.

    1. A filing of this request that is there is told, also when it was superseded since.
    2. Look whether the request still holds; a clerk's decision outranks automation, a newer one an older one.
    3. Claim: in a file the first free entry, at a position the next number. Claims reserve nothing.
    4. Make the entry. In a file walk up from the claim; a number that another document took means the next claim.
    5. Write the filing, then look for the tombstone.
    """
    request = _Request(event, facts, context, Template(context.settings.filing.file_number))
    return revise(context.ports.blobs, event, "filing", request.decide)


@dataclass(frozen=True, slots=True)
class _Request:
    event: Event
    facts: FilingRequested
    context: Context
    template: Template

    def decide(self, found: Record) -> Draft | Sequence[Event]:
        """The next of the steps that are still to be done."""
        if not found.receipts:
            return ()  # nobody accepted it: there is nothing to file
        filed = self.revision(found)
        if filed:
            return (self.filed(found.filings[filed - 1], filed),)
        if not precedence.holds(found, self.facts.decision, self.facts.by):
            return ()
        entry = self.entered(found) if self.facts.file else self.opened(found)
        if entry is None:
            return Draft(made=self.claim(found), tell=lambda _: None)
        threads.note(self.context.ports.blobs, found)
        made = self.filing(entry, found)
        return Draft(made=made, tell=lambda revision: (self.filed(made, revision),))

    def revision(self, found: Record) -> int:
        """The revision of the filing that came of this request, 0 for none."""
        mine = (n for n, f in enumerate(found.filings, 1) if f.outcome == "filed" and f.decision == self.facts.decision)
        return next(mine, 0)

    def filed(self, filing: Filing, revision: int) -> Event:
        facts = DocumentFiled(
            document=self.facts.document,
            revision=revision,
            filing=self.facts.decision,
            file=filing.file or "",
            entry=filing.entry or 1,
            case=filing.case,
            position=filing.position or "",
            plan_version=filing.plan_version,
        )
        now = self.context.ports.clock.now()
        return topics.emit(facts, cause=Cause.of(self.event), service=self.context.service, now=now)

    def entered(self, found: Record) -> RegisterEntry | None:
        """The document's entry in an existing file, its own of before or a new one; None: not claimed yet."""
        there = [f for f in found.filings if f.file == self.facts.file and f.entry and self._is_wanted_case(f)]
        own = next((f for f in there if f.outcome == "filed"), None)
        if own:
            return self._read(own.file or "", own.entry or 1)
        claim = next((f for f in there if f.outcome == "claimed"), None)
        return self._walk_up(self._entry(claim.file or "", claim.entry or 1, found)) if claim else None

    def _is_wanted_case(self, there: Filing | RegisterEntry) -> bool:
        """Whether it serves this request: its own, or one of this document in the same Vorgang, or in none as well."""
        return there.decision == self.facts.decision or (self.facts.case != "new" and there.case == self.facts.case)

    def opened(self, found: Record) -> RegisterEntry | None:
        """The first entry of a new file whose number this request claimed; None: every claim went to others."""
        claims = (f.file for f in found.filings if f.outcome == "claimed" and f.decision == self.facts.decision)
        entries = (self._first_of(self._counted(self._entry(file or "", 1, found), 0)) for file in claims)
        return next((entry for entry in entries if entry), None)

    def claim(self, found: Record) -> Filing:
        """The next that is free by what is registered: a claim whose document never comes to it leaves no gap."""
        if self.facts.case is None and self.facts.plan_version == self.context.plan.version:
            # Whoever asks has asked the plan; what was decided under another one is entered as it was said.
            refuse_case(None, self.facts.file, self.facts.position, context=self.context)
        file = self.facts.file or self._next_number()
        free = (
            last_entry(self.context.ports.blobs, self.event.tenant, file, self.context.rows) + 1
            if self.facts.file
            else 1
        )
        if self.facts.file and free == 1 and not self.template.is_collective(file):
            raise Rejected("unknown_file")  # whoever asks has seen its register, and registers stay
        return self._made("claimed", self._entry(file, free, found))

    def filing(self, entry: RegisterEntry, found: Record) -> Filing:
        return msgspec.structs.replace(self._made("filed", entry), part=self._part(found))

    def _made(self, outcome: str, entry: RegisterEntry) -> Filing:
        return Filing(
            cause=self.event.id,
            made_at=self.context.ports.clock.now(),
            decision=self.facts.decision,
            by=self.facts.by,
            outcome=outcome,
            plan_version=self.facts.plan_version,
            file=entry.file,
            entry=entry.entry,
            case=entry.case,
            position=entry.position,
            office=self.context.plan.office_of.get(entry.position, self.context.settings.filing.office),
        )

    def _walk_up(self, wanted: RegisterEntry) -> RegisterEntry:
        before = self._read(wanted.file, wanted.entry - 1).cases if wanted.entry > 1 else 0
        while not self._create(wanted := self._counted(wanted, before)):
            there = self._read(wanted.file, wanted.entry)
            if there.document == wanted.document and self._is_wanted_case(there):
                return there
            wanted, before = msgspec.structs.replace(wanted, entry=wanted.entry + 1), there.cases
        return wanted

    def _counted(self, wanted: RegisterEntry, before: int) -> RegisterEntry:
        """The entry with its Vorgang and their number, by that of the entry before; Rejected: no such Vorgang."""
        if self.facts.case == "new":
            return msgspec.structs.replace(wanted, case=before + 1, cases=before + 1)
        if self.facts.case and self.facts.case > before:
            raise Rejected("unknown_case")
        return msgspec.structs.replace(wanted, case=self.facts.case, cases=before)

    def _first_of(self, wanted: RegisterEntry) -> RegisterEntry | None:
        if self._create(wanted):
            return wanted
        there = self._read(wanted.file, 1)
        mine = (there.document, there.decision) == (wanted.document, wanted.decision)
        return there if mine else None

    def _next_number(self) -> str:
        position = self.facts.position or ""
        year = file_numbers.year_at(self.context.ports.clock.now(), self.context.settings.filing.time_zone)

        def taken(number: int) -> bool:
            key = keys.register_entry(self.event.tenant, self.template.render(position, number, year), 1)
            return self.context.ports.blobs.size(Bucket.RECORDS, key) is not None

        row = f"{self.event.tenant}/files/{position}/{year}"
        return self.template.render(position, self.context.rows.last(row, taken) + 1, year)

    def _entry(self, file: str, number: int, found: Record) -> RegisterEntry:
        return RegisterEntry(
            file=file,
            entry=number,
            case=self.facts.case if self.facts.case != "new" else None,
            document=self.facts.document,
            decision=self.facts.decision,
            position=self.facts.position or position_of(file, self.context),
            plan_version=self.facts.plan_version,
            by=self.facts.by,
            part=self._part(found),
            entered_at=self.context.ports.clock.now(),
        )

    def _part(self, found: Record) -> str | None:
        """The part that the clerk meant; None for the whole document."""
        return next((d.part for d in found.decisions if d.decision == self.facts.decision), None)

    def _create(self, entry: RegisterEntry) -> bool:
        key = keys.register_entry(self.event.tenant, entry.file, entry.entry)
        return self.context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(entry))

    def _read(self, file: str, number: int) -> RegisterEntry:
        return entry_at(self.context.ports.blobs, self.event.tenant, file, number)
