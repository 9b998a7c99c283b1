"""The reading services over stores in memory, and post of our own making to read in them."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentExtracted, OcrCompleted, OcrRequested
from services.core.model import record, record_files
from services.core.model.documents import document_id
from services.core.model.receipts import new_receipt
from services.core.model.record_files import Erased, Extraction, Part, Receipt
from services.core.ports.bundle import Ports
from services.core.protocol.receiving import received_event
from services.extraction.service import SERVICE as EXTRACTION
from services.ocr.service import SERVICE as OCR
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import logger
from services.runtime.context.service import Context
from services.settings import load
from tests.component.recording_readers import RecordingExtractor, RecordingOcr
from tests.fakes.blob_store import MemoryBlobStore

TENANT = "main"


class TickingClock:
    """A second later at every look."""

    def __init__(self) -> None:
        self._seconds = count()

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 9, 0, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return float(next(self._seconds))


class Answer(io.BytesIO):
    """A stream that cannot seek, as S3 gives it."""

    def seekable(self) -> bool:
        return False


class Store(MemoryBlobStore):
    """Overlooks some keys once, like a worker that stalled after it looked, and streams as a server does."""

    def __init__(self) -> None:
        super().__init__()
        self.overlooked: set[str] = set()
        self.unlisted: set[str] = set()

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        for key in super().keys(bucket, prefix, after):
            if key in self.unlisted:
                self.unlisted.discard(key)
            else:
                yield key

    @contextmanager
    def open(self, bucket: Bucket, key: str, offset: int = 0) -> Iterator[BinaryIO]:
        with super().open(bucket, key, offset) as stream:
            yield Answer(stream.read())

    def read(self, bucket: Bucket, key: str) -> bytes:
        if key in self.overlooked:
            self.overlooked.discard(key)
            raise BlobMissing(key)
        return super().read(bucket, key)


class ReadingService:
    """Extraction and OCR with what they need; `arrive` stores like an intake, `read` runs until nothing follows."""

    def __init__(self, folder: Path = Path(), **limits: int) -> None:
        self.blobs = Store()
        self.extractor = RecordingExtractor()
        self.ocr = RecordingOcr()
        self.clock = TickingClock()
        nothing = cast("Any", None)
        self.told: list[Event] = []
        """What is told past the worker, of damaged originals."""
        ports = Ports(
            log=cast("Any", SimpleNamespace(publish=lambda *events: self.told.extend(events))),
            blobs=self.blobs,
            extractor=self.extractor,
            ocr=self.ocr,
            index=nothing,
            ledger=nothing,
            clock=self.clock,
        )
        settings = load(extraction=limits, storage={"folder": folder})
        configuration = Configuration(self.blobs, tenant=TENANT)
        self.contexts = {
            service.name: Context(
                service=service.name,
                ports=ports,
                settings=settings,
                configuration=configuration,
                log=logger(service.name),
            )
            for service in (EXTRACTION, OCR)
        }

    def arrive(self, content: bytes, media_type: str = "message/rfc822", *, name: str = "") -> Event:
        """Original and receipt are stored; the event of it."""
        digest = hashlib.sha256(content).hexdigest()
        document = document_id(TENANT, "bytes", digest, incarnation=0)
        now = self.clock.now()
        receipt = Receipt(
            receipt=new_receipt(now),
            tenant=TENANT,
            document=document,
            incarnation=0,
            channel="mail" if media_type == "message/rfc822" else "scan",
            source="smtp",
            received_at=now,
            media_type=media_type,
            size_bytes=len(content),
            sha256=digest,
            kind="bytes-1",
            digest=digest,
            name=name,
        )
        self.blobs.create(Bucket.ORIGINALS, keys.original(TENANT, document), content)
        key = keys.receipt(TENANT, document, receipt.receipt)
        self.blobs.create(Bucket.RECORDS, key, record_files.encode(receipt))
        return received_event(receipt, service="mail_intake", now=now)

    def extract(self, event: Event) -> Sequence[Event]:
        """One event through extraction."""
        assert EXTRACTION.handle
        return EXTRACTION.handle(event, self.contexts["extraction"])

    def recognise(self, event: Event) -> Sequence[Event]:
        """One event through OCR."""
        assert OCR.handle
        return OCR.handle(event, self.contexts["ocr"])

    def read(self, event: Event) -> list[Event]:
        """Everything that follows from an event, in both services, oldest first."""
        waiting: list[Event] = [event]
        told: list[Event] = []
        while waiting:
            following = self.handle(waiting.pop(0))
            told += following
            waiting += [e for e in following if not isinstance(e.facts, DocumentExtracted)]
        return told

    def handle(self, event: Event) -> Sequence[Event]:
        """One event through the service that reads it."""
        return self.recognise(event) if isinstance(event.facts, OcrRequested) else self.extract(event)

    def erase(self, document: str) -> None:
        """The tombstone stands; what retention deletes behind it is still there."""
        erased = Erased(incarnation=0, decision=event_id(document, "decision"), erased_at=self.clock.now())
        self.blobs.create(Bucket.RECORDS, keys.stage(TENANT, document, "erased", 1), record_files.encode(erased))

    def extraction(self, document: str) -> Extraction:
        """The newest revision."""
        found = record.load(self.blobs, TENANT, document).extraction
        assert found
        return found

    def parts(self, document: str) -> dict[str, Part]:
        """The parts of the newest revision by their ids."""
        return {part.part: part for part in self.extraction(document).parts}

    def stored(self, bucket: Bucket) -> list[str]:
        """All keys of a bucket."""
        return sorted(self.blobs.blobs[bucket])


def a_mail(text: str = "Sehr geehrte Damen und Herren", *, subject: str = "Antrag auf Wohngeld") -> EmailMessage:
    """A valid mail; attach what the test is about."""
    mail = EmailMessage()
    mail["From"] = "Erika Muster <erika@example.org>"
    mail["To"] = "Bauamt <bauamt@example.org>, rathaus@example.org"
    mail["Subject"] = subject
    mail["Date"] = "Mon, 23 Nov 2026 09:12:00 +0100"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content(text)
    return mail


def completed(event: Event, request: OcrRequested, result_key: str) -> Event:
    """A completion of this request that names some result."""
    facts = OcrCompleted(
        document=request.document,
        revision=request.revision,
        part=request.part,
        first_page=request.first_page,
        last_page=request.last_page,
        result_key=result_key,
        confidence=0.5,
    )
    return Event(
        id=event_id(Cause.of(event).id, "ocr.completed"),
        topic="ocr.completed",
        key=request.document,
        tenant=TENANT,
        service="ocr",
        subject=request.document,
        time=event.time,
        cause=event.id,
        facts=facts,
    )
