"""A whole city hall over real stores: every service of the pipeline behind one app, without threads between."""

import functools
import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Unpack

from fastapi import FastAPI

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.clock import SystemClock
from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.adapters.search_index.tantivy import TantivySearchIndex
from services.classification.service import SERVICE as CLASSIFICATION
from services.core.errors import TryLater
from services.core.messages import topics
from services.core.messages.envelope import Event
from services.core.model.accounts import Right, Scope
from services.core.ports.bundle import Ports
from services.core.ports.event_log import Follower, Reader
from services.core.ports.malware_scanner import NoMalwareScanner
from services.extraction.service import SERVICE as EXTRACTION
from services.filing.service import SERVICE as FILING
from services.indexing.service import SERVICE as INDEXING
from services.ledger.service import SERVICE as LEDGER
from services.mail_intake.service import SERVICE as MAIL_INTAKE
from services.ocr.service import SERVICE as OCR
from services.procedures.service import SERVICE as PROCEDURES
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context, Service
from services.runtime.process import Process
from services.scan_intake.service import SERVICE as SCAN_INTAKE
from services.search.service import SERVICE as SEARCH
from services.settings import load
from tests.component.browser import Browser
from tests.fakes.guarded_store import GuardedBlobStore
from tests.fakes.readers import MemoryOcrEngine, MemorySheetReader, MemoryTextExtractor

API = "/api/v1"
PASSWORD = "ein Satz als Kennwort"
SERVICES = (MAIL_INTAKE, SCAN_INTAKE, PROCEDURES, EXTRACTION, OCR, CLASSIFICATION, FILING, INDEXING, SEARCH, LEDGER)
PLAN: dict[str, Any] = {
    "name": "Musterstadt",
    "version": "1",
    "offices": {"poststelle": "Poststelle", "bauamt": "Bauamt", "kasse": "Stadtkasse"},
    "positions": [
        {"code": "52", "title": "Bauordnung", "office": "bauamt"},
        {"code": "52.10", "title": "Baugenehmigungen", "parent": "52", "office": "bauamt"},
        {"code": "20", "title": "Finanzen", "office": "kasse"},
        {"code": "20.1", "title": "Gebühren", "parent": "20", "office": "kasse"},
    ],
}


class Reading(MemoryTextExtractor):
    """Reads what is simply there, once it is awake."""

    awake = True

    def ready(self) -> bool:
        return self.awake


class Log:
    """Hands what is published to the services at once, unless it is away or told to wait."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.waiting: deque[Event] = deque()
        self.away = False
        self.prompt = True
        self.replayed = 0
        self.published: list[Event] = []
        self._work = work

    def publish(self, *events: Event) -> None:
        if self.away:
            raise TryLater
        self.replayed += sum(event.replay > 0 for event in events)
        self.published += events
        self.waiting.extend(events)
        if self.prompt:
            self._work()

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
        if self.away:
            raise TryLater
        return {topic: sum(event.topic == topic for event in self.waiting) for topic in topics}

    def ready(self) -> bool:
        return not self.away

    def close(self) -> None:
        self.away = True


class CityHall:
    """The hall, its people and its post."""

    def __init__(self, folder: Path, **sections: Any) -> None:
        filing = {"undo_within": timedelta(0), **sections.pop("filing", {})}  # no thread would carry it out later
        scanner, index = sections.pop("scanner", NoMalwareScanner()), sections.pop("index", None)
        self.settings = load(storage={"folder": folder, "reserve": 0}, filing=filing, **sections)
        self.log, self.reading, self.sheets = Log(self.work), Reading(), MemorySheetReader()
        self._working = threading.RLock()
        self.ports = Ports(
            log=self.log,
            blobs=FileBlobStore(folder / "blobs", reserve_bytes=0, sync=False),
            extractor=self.reading,
            ocr=MemoryOcrEngine(),
            index=index or TantivySearchIndex(folder / "index", heap_bytes=20_000_000),
            ledger=SqliteLedgerStore(None),
            clock=SystemClock(),
            sheets=self.sheets,
            scanner=scanner,
        )
        self.configuration = Configuration(self.ports.blobs, tenant=self.settings.tenant)
        self.configuration.store("plan", json.dumps(PLAN).encode(), base=0)
        self.contexts = {service.name: self._context(service.name) for service in SERVICES}
        self.process = Process(services=SERVICES, contexts=self.contexts, configuration=self.configuration)
        self.access = Access(self.configuration, log=self.log, clock=self.ports.clock, secret=b"secret")
        self.post_key = self.access.add_key("gateway", rights=("deliver",))

    @functools.cached_property
    def app(self) -> FastAPI:
        """Its pages and API, built for whoever knocks: building 177 routes costs a third of a second."""
        return create_app(self.process, self.access, self.settings)

    def close(self) -> None:
        """Let go of the stores."""
        self.ports.index.close()
        self.ports.ledger.close()

    def replayed(self) -> int:
        """How many dead letters were put before their services again."""
        return self.log.replayed

    def work(self) -> None:
        """Every service handles what waits for it, and what follows of that."""
        with self._working:
            while self.log.waiting:
                event = self.log.waiting.popleft()
                for service in SERVICES:
                    procedures = self.contexts[service.name].procedures.names
                    if service.handle and event.topic in topics.worked_on(service.name, procedures):
                        self._handle(service, event)

    def _handle(self, service: Service, event: Event) -> None:
        context = self.contexts[service.name]
        if service.handle:
            told = service.handle(event, context)
            self.log.published += told
            self.log.waiting.extend(told)
        if service.commit:
            service.commit(context)

    def key(self, *rights: Right, **scope: Unpack[Scope]) -> Browser:
        """A machine's client."""
        token = self.access.add_key("machine", rights=rights, **scope)
        return Browser(self.app, Authorization=f"Bearer {token}")

    def sender(self) -> Browser:
        """A key of a sending system, that may only deliver."""
        return Browser(self.app, Authorization=f"Bearer {self.post_key}")

    def stranger(self) -> Browser:
        """A browser in which nobody signed in."""
        return Browser(self.app, Accept="text/html")

    def clerk(self, name: str = "berg", *, offices: tuple[str, ...] = (), **how: Any) -> Browser:
        """A browser in which a person has just set the password by a one-time link."""
        rights = how.pop("rights", ("search", "decide"))
        token = self.access.add_account(name, rights=rights, offices=offices, **how)
        browser = self.stranger()
        answer = browser.submit(f"/einmal/{token}", password=PASSWORD, again=PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser

    def deliver(self, content: bytes, to: str = "post@musterstadt.test") -> dict[str, Any]:
        """Post comes in by HTTP; what the gateway was told."""
        headers = {"Authorization": f"Bearer {self.post_key}", "Content-Type": "message/rfc822", "Rcpt-To": to}
        answer = Browser(self.app).post(f"{API}/mails", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def scan(self, content: bytes, name: str) -> dict[str, Any]:
        """A scan comes in."""
        headers = {"Authorization": f"Bearer {self.post_key}", "Content-Type": "text/plain"}
        answer = Browser(self.app).ask("PUT", f"{API}/scans/{name}", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def _context(self, name: str) -> Context:
        return Context(
            service=name,
            ports=replace(self.ports, blobs=GuardedBlobStore(self.ports.blobs, name)),
            settings=self.settings,
            configuration=self.configuration,
            log=silent_logger(),
        )


def a_mail(subject: str = "Bauantrag", body: str = "Wir bitten um Genehmigung.", **headers: str) -> bytes:
    """A letter of ours as a mail."""
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Erika Muster <erika@beispiel.test>")
    mail["To"] = "post@musterstadt.test"
    mail["Subject"] = subject
    attached, name = headers.pop("attached", ""), headers.pop("name", "anlage.txt")
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content(body)
    if attached:
        mail.add_attachment(attached, filename=name)
    return mail.as_bytes()
