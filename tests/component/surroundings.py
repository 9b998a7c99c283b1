"""A process with real files and the two listeners, a log in memory, and switches that turn the world off."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from fastapi import FastAPI

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.clock import SystemClock
from services.core import keys
from services.core.errors import StoreFull, TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentReceived
from services.core.model import record_files
from services.core.model.record_files import Receipt
from services.core.ports.bundle import Ports
from services.core.ports.event_log import Follower, Reader
from services.mail_intake.listener import SmtpListener
from services.mail_intake.service import SERVICE as MAIL_INTAKE
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import logger
from services.runtime.context.service import Context
from services.runtime.process import Process
from services.scan_intake.service import SERVICE as SCAN_INTAKE
from services.settings import Settings, load

TENANT = "main"


@dataclass
class Log:
    """Keeps what is published, unless it is away; counts who asked."""

    away: bool = False
    asked: int = 0
    events: list[Event] = field(default_factory=list)

    def publish(self, *events: Event) -> None:
        self.asked += 1
        if self.away:
            raise TryLater
        self.events.extend(events)

    def ensure_topics(self, names: Sequence[str]) -> None:
        """Topics come into being by themselves."""

    def trim(self, before: datetime) -> int:
        del before
        return 0

    def reader(self, group: str, topics: Sequence[str]) -> Reader:
        raise TryLater

    def follow(self, topics: Sequence[str]) -> Follower:
        raise TryLater

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        raise TryLater

    def ready(self) -> bool:
        return not self.away

    def close(self) -> None:
        self.away = True

    @property
    def received(self) -> list[DocumentReceived]:
        """The facts of all arrivals that were told."""
        return [e.facts for e in tuple(self.events) if isinstance(e.facts, DocumentReceived)]


class Store(FileBlobStore):
    """Files, unless they are `away`, `full`, `broken` or fail at a word in a key; originals may wait for others."""

    away = False
    full = False
    meeting: threading.Barrier | None = None
    fails_at = ""
    broken = False

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        if self.meeting and bucket is Bucket.ORIGINALS:
            self.meeting.wait(60)
        if self.broken:
            raise ZeroDivisionError
        if self.full:
            raise StoreFull
        if self.away or (self.fails_at and self.fails_at in key):
            raise TryLater
        return super().create(bucket, key, content)


class Intakes:
    """Both services over one store, with the HTTP app and, once opened, the SMTP listener."""

    def __init__(self, folder: Path, **sections: Any) -> None:
        mail = {"port": 0} | sections.pop("mail_intake", {})
        self.settings: Settings = load(storage={"folder": folder, "reserve": 0}, mail_intake=mail, **sections)
        self.log = Log()
        self.store = Store(folder / "blobs", reserve_bytes=0, sync=False)
        nothing = cast("Any", None)
        self.ports = Ports(
            log=self.log,
            blobs=self.store,
            extractor=nothing,
            ocr=nothing,
            index=nothing,
            ledger=nothing,
            clock=SystemClock(),
        )
        self.configuration = Configuration(self.store, tenant=TENANT)
        self.contexts = {service.name: self._context(service.name) for service in (MAIL_INTAKE, SCAN_INTAKE)}

    @cached_property
    def access(self) -> Access:
        """Made when first needed: its hashes cost time."""
        return Access(self.configuration, log=self.log, clock=self.ports.clock, secret=b"secret")

    @cached_property
    def token(self) -> str:
        """The key of a scanner that may deliver."""
        return self.access.add_key("scanner-1", rights=("deliver",))

    @cached_property
    def reader_token(self) -> str:
        """A key that may search, and not deliver."""
        return self.access.add_key("reader-1", rights=("search",))

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP interface."""
        process = Process(services=(MAIL_INTAKE, SCAN_INTAKE), contexts=self.contexts, configuration=self.configuration)
        return create_app(process, self.access, self.settings)

    def open_smtp(self) -> SmtpListener:
        """The SMTP listener as the mail room opens it."""
        assert MAIL_INTAKE.listeners
        listener = MAIL_INTAKE.listeners(self.contexts["mail_intake"])[0]
        assert isinstance(listener, SmtpListener)
        listener.start()
        return listener

    def receipts(self) -> list[Receipt]:
        """Everything that was accepted, by the pointers; one without a receipt was never acknowledged."""
        pointers = self.store.keys(Bucket.RECORDS, f"{TENANT}/arrivals/")
        return [receipt for pointer in pointers if (receipt := self._receipt_at(pointer))]

    def original(self, document: str) -> bytes:
        """The bytes as they were kept."""
        return self.store.read(Bucket.ORIGINALS, keys.original(TENANT, document))

    def left_lying(self) -> list[str]:
        """Files that nobody accepted: spools and half-written blobs."""
        folder = self.settings.storage.folder
        places = (folder / "tmp", folder / "blobs" / "arriving")
        return [str(path) for place in places for path in place.rglob("*") if path.is_file()]

    def _receipt_at(self, pointer: str) -> Receipt | None:
        document = self.store.read(Bucket.RECORDS, pointer).decode()
        key = keys.receipt(TENANT, document, pointer.rpartition("/")[2])
        if self.store.size(Bucket.RECORDS, key) is None:
            return None
        return record_files.decode(Receipt, self.store.read(Bucket.RECORDS, key))

    def _context(self, name: str) -> Context:
        return Context(
            service=name,
            ports=self.ports,
            settings=self.settings,
            configuration=self.configuration,
            log=logger(name),
        )


class Shifted(SystemClock):
    """The clock on the wall, put forward."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """What it shows."""
        return super().now() + self.ahead
