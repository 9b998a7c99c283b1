"""Classification and filing over a store in memory: documents that were read, clerks, registers to look at."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import msgspec
from fastapi import FastAPI

from services.classification.service import SERVICE as CLASSIFICATION
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentExtracted, Facts, FilingDecided
from services.core.messages.topics import emit
from services.core.model import record, record_files
from services.core.model.documents import document_id
from services.core.model.receipts import new_receipt
from services.core.model.record import Record, Standing
from services.core.model.record_files import (
    Decision,
    Envelope,
    Erased,
    Extraction,
    MailHead,
    Part,
    Receipt,
    RegisterEntry,
)
from services.core.ports.blob_store import BlobStore
from services.core.ports.bundle import Ports
from services.filing.service import SERVICE as FILING
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import logger
from services.runtime.context.service import Context
from services.runtime.process import Process
from services.settings import load
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.gate import Gate

TENANT = "main"
PLAN = Path(__file__).parents[1] / "plans/small.json"
SERVICES = {CLASSIFICATION.name: CLASSIFICATION, FILING.name: FILING}


class Clock:
    """A second later at every look; `advance` lets more time pass."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, time: timedelta) -> None:
        self._now += time


class Log:
    """Keeps what is published, unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.events: list[Event] = []

    def publish(self, *events: Event) -> None:
        if self.away:
            raise TryLater
        self.events += events


class RegistryOffice:
    """`read` stores what extraction makes, `decide` what a clerk does, `work` lets events run until nothing follows."""

    def __init__(self, blobs: BlobStore | None = None, **sections: Any) -> None:
        self.blobs: Any = blobs or MemoryBlobStore()
        self.clock, self.log = Clock(), Log()
        nothing = cast("Any", None)
        self.ports = Ports(
            log=cast("Any", self.log),
            blobs=self.blobs,
            extractor=nothing,
            ocr=nothing,
            index=nothing,
            ledger=nothing,
            clock=self.clock,
        )
        self.settings = load(**sections)
        self.configuration = Configuration(self.blobs, tenant=TENANT)
        self.configuration.store("plan", PLAN.read_bytes(), base=0)
        self.contexts = {name: self.context(name) for name in SERVICES}

    def context(self, name: str, blobs: BlobStore | None = None) -> Context:
        """A service over these ports, or over another view of the store."""
        ports = Ports(**{f: getattr(self.ports, f) for f in Ports.__slots__} | {"blobs": blobs or self.blobs})
        return Context(
            service=name, ports=ports, settings=self.settings, configuration=self.configuration, log=logger(name)
        )

    def read(
        self,
        text: str = "",
        *,
        name: str = "",
        title: str = "",
        mail: MailHead | None = None,
        office: str = "poststelle",
        recipients: tuple[str, ...] = (),
    ) -> Event:
        """A document with one receipt and a complete extraction; returns the event that tells of it."""
        digest = f"{len(list(self.blobs.keys(Bucket.RECORDS, keys.documents(TENANT)))):064x}"
        document = document_id(TENANT, "bytes", digest, incarnation=0)
        now = self.clock.now()
        receipt = Receipt(
            receipt=new_receipt(now),
            tenant=TENANT,
            document=document,
            incarnation=0,
            channel="mail",
            source="gateway",
            received_at=now,
            media_type="message/rfc822",
            size_bytes=1,
            sha256=digest,
            kind="bytes-1",
            digest=digest,
            name=name,
            office=office,
            envelope=Envelope(recipients=recipients) if recipients else None,
        )
        self.blobs.create(Bucket.RECORDS, keys.receipt(TENANT, document, receipt.receipt), record_files.encode(receipt))
        return self.extracted(document, Extraction(
            cause=event_id(document, "test"),
            made_at=now,
            complete=True,
            extractor_version="test-1",
            title=title,
            mail=mail,
            parts=(Part(part="0", text=text, role="body"),),
        ))  # fmt: skip

    def extracted(self, document: str, extraction: Extraction) -> Event:
        """Store one more extraction, of a cause of its own, and return its event."""
        revision = self.record(document).next_revision("extraction")
        key, cause = keys.stage(TENANT, document, "extraction", revision), f"{document}/{revision}"
        made = msgspec.structs.replace(extraction, cause=event_id(cause, "test"))
        self.blobs.create(Bucket.RECORDS, key, record_files.encode(made))
        facts = DocumentExtracted(document=document, revision=revision, complete=extraction.complete, part_count=1)
        return self.told(facts, cause)

    def told(self, facts: Facts, cause: str) -> Event:
        """An event of somebody else."""
        return emit(facts, cause=Cause(TENANT, event_id(cause, "test")), service="test", now=self.clock.now())

    def handle(self, event: Event, context: Context | None = None) -> list[Event]:
        """What the service that reads this event answers."""
        name = "classification" if isinstance(event.facts, DocumentExtracted) else "filing"
        handle = SERVICES[name].handle
        assert handle
        return list(handle(event, context or self.contexts[name]))

    def work(self, *events: Event, chance: random.Random | None = None) -> list[Event]:
        """Handle these and all that follows, in order or by chance; returns all that was told."""
        waiting, told = list(events), []
        while waiting:
            event = waiting.pop(chance.randrange(len(waiting)) if chance else 0)
            if event.topic in ("documents.filed", "filings.decided") and event not in events:
                continue
            if event.topic in ("filings.decided", "documents.erased"):
                told += self.taught(event)
            follow = self.handle(event) if event.topic not in ("documents.filed", "documents.erased") else []
            told += follow
            waiting += follow
        return told

    def taught(self, event: Event) -> list[Event]:
        """What classification answers to a decision or an erasure; the clock goes on, so that it looks again."""
        handle = SERVICES["classification"].handle
        assert handle
        told = list(handle(event, self.contexts["classification"]))
        self.clock.advance(timedelta(seconds=2))
        return told

    def classify(self, *args: Any, **named: Any) -> record_files.Classification:
        """What classification says of such a document."""
        event = self.read(*args, **named)
        self.handle(event)
        made = self.record(event.document).classification
        assert made
        return made

    def held(self) -> str:
        """A document that waits for a clerk."""
        event = self.read("Guten Tag, eine Frage ohne Aktenzeichen.")
        self.work(event)
        return event.document

    def decide(
        self,
        document: str,
        action: Any,
        *,
        retained_filings: Sequence[str] | None = None,
        actor: str = "a-clerk",
        **place: Any,
    ) -> Event:
        """Store a clerk's decision as the desk does, and return its event."""
        found = self.record(document)
        kept = record.holding_decisions(found) if action in ("file", "assign") else ()
        number = found.next_revision("decision")
        decision = Decision(
            decision=event_id(f"{TENANT}/{document}/{number}", "decision"),
            decided_at=self.clock.now(),
            base_revision=found.version,
            action=action,
            retained_filings=tuple(kept if retained_filings is None else retained_filings),
            actor=actor,
            **place,
        )
        key = keys.stage(TENANT, document, "decision", number)
        assert self.blobs.create(Bucket.RECORDS, key, record_files.encode(decision))
        return self.decided(document, decision)

    def decided(self, document: str, decision: Decision) -> Event:
        """The event of a stored decision."""
        from_decision = msgspec.structs.asdict(decision)
        names = ("decision", "base_revision", "action", "file", "position", "case", "part", "office", "actor")
        facts = FilingDecided(document=document, **{name: from_decision[name] for name in names})
        return emit(facts, cause=Cause(TENANT, decision.decision), service="filing", now=self.clock.now())

    def open_file(self, position: str = "52.10.02", **case: str) -> str:
        """A new file at a position, opened by a clerk with a document of its own, which may lie in a Vorgang."""
        document = self.held()
        self.work(self.decide(document, "file", position=position, **case))
        return self.files(document)[0]

    def erase(self, document: str) -> None:
        """Set the tombstone."""
        erased = Erased(incarnation=0, decision=event_id(document, "erased"), erased_at=self.clock.now())
        self.blobs.create(Bucket.RECORDS, keys.stage(TENANT, document, "erased", 1), record_files.encode(erased))

    def record(self, document: str) -> Record:
        """The record as it is now."""
        return record.load(self.blobs, TENANT, document)

    def standing(self, document: str) -> Standing:
        """Where the document stands now."""
        return record.standing(self.record(document))

    def files(self, document: str) -> list[str]:
        """The files it stands in now."""
        return [filing.file or "" for filing in self.standing(document).filings]

    def registers(self) -> dict[str, list[RegisterEntry]]:
        """Every register, whole; fails where it or its Vorgänge have a gap, or a Vorgang has a document twice."""
        found: dict[str, list[RegisterEntry]] = {}
        for key in self.blobs.keys(Bucket.RECORDS, keys.files(TENANT)):
            entry = record_files.decode(RegisterEntry, self.blobs.read(Bucket.RECORDS, key))
            assert keys.register_entry(TENANT, entry.file, entry.entry) == key
            found.setdefault(entry.file, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda entry: entry.entry)
            assert [entry.entry for entry in entries] == list(range(1, len(entries) + 1))
            assert len({(entry.document, entry.case) for entry in entries}) == len(entries)
            counts = pairwise([0, *(entry.cases for entry in entries)])
            opened = [entry.case for entry, (before, after) in zip(entries, counts, strict=True) if after > before]
            assert opened == list(range(1, entries[-1].cases + 1))
            assert all((entry.case or 0) <= entry.cases for entry in entries)
        return found

    def app(self) -> tuple[FastAPI, Access]:
        """The service's HTTP listener."""
        process = Process(services=(FILING,), contexts=self.contexts, configuration=self.configuration)
        access = Access(self.configuration, log=cast("Any", self.log), clock=cast("Any", self.clock), secret=b"secret")
        return create_app(process, access, self.settings), access


def view(office: RegistryOffice, gate: Gate) -> MemoryBlobStore:
    """The same disk through another process's eyes."""
    seen = MemoryBlobStore(gate)
    seen.blobs, seen._sorted = office.blobs.blobs, office.blobs._sorted
    return seen
