"""A city hall whose services work in threads of their own over a real log; it can be closed and opened again."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.clock import SystemClock
from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.messages.envelope import Event
from services.core.ports.bundle import Ports
from services.core.ports.event_log import EventLog
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context, Service
from services.runtime.process import Process
from services.settings import load
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, SERVICES
from tests.fakes.readers import MemoryOcrEngine, MemoryTextExtractor

OpenLog = Callable[[Path], EventLog]


class PlantedBug(Exception):
    """What a service with a bug dies of."""


def with_a_bug(broken: Service) -> Sequence[Service]:
    """All services, of which this one fails on everything."""

    def fail(_: Event, __: Context) -> Sequence[Event]:
        raise PlantedBug

    return [replace(service, handle=fail) if service is broken else service for service in SERVICES]


class WorkingHall:
    """One life of the hall over a folder and a log that outlive it."""

    def __init__(self, folder: Path, log: EventLog, services: Sequence[Service] = SERVICES, **sections: Any) -> None:
        settings = load(storage={"folder": folder, "reserve": 0}, http={"requests_per_minute": 1_000_000}, **sections)
        self.ports = Ports(
            log=log,
            blobs=FileBlobStore(folder / "blobs", reserve_bytes=0, sync=False),
            extractor=MemoryTextExtractor(),
            ocr=MemoryOcrEngine(),
            index=TantivySearchIndex(folder / "index", heap_bytes=20_000_000),
            ledger=SqliteLedgerStore(folder / "ledger.sqlite"),
            clock=SystemClock(),
        )
        configuration = Configuration(self.ports.blobs, tenant=settings.tenant)
        configuration.store("plan", json.dumps(PLAN).encode(), base=0)
        for kind in ("plan", "accounts"):
            configuration.refresh(kind)
        here = [replace(service, listeners=None) for service in services]
        contexts = {
            service.name: Context(
                service=service.name,
                ports=self.ports,
                settings=settings,
                configuration=configuration,
                log=silent_logger(),
            )
            for service in here
        }
        self.process = Process(services=here, contexts=contexts, configuration=configuration)
        access = Access(configuration, log=log, clock=self.ports.clock, secret=b"secret")
        self.app = create_app(self.process, access, settings)
        key = access.add_key("everything", rights=("deliver", "search", "administer"), all_offices=True)
        self.client = Browser(self.app, Authorization=f"Bearer {key}")
        self.process.start()

    def close(self) -> None:
        """An orderly stop; the log belongs to whoever opened it."""
        self.process.stop()
        self.ports.index.close()
        self.ports.ledger.close()

    def deliver(self, mail: bytes) -> str:
        """The receipt of a mail."""
        headers = {"Content-Type": "message/rfc822", "Rcpt-To": "post@musterstadt.test"}
        answer = self.client.post(f"{API}/mails", content=mail, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["receipt"])

    def get(self, path: str, **params: str) -> dict[str, Any]:
        """The JSON at a path of the API."""
        answer = self.client.get(API + path, params=params)
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json())

    def pages(self, path: str, **params: str) -> Iterator[dict[str, Any]]:
        """All items of a list."""
        cursor, first = "", True
        while cursor or first:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor, first = page["next"], False

    def replay(self, *, dry_run: bool, **narrow: str) -> dict[str, Any]:
        """The answer to a replay by filter."""
        answer = self.client.post(f"{API}/dead-letters/replays", json={"filter": narrow, "dry_run": dry_run})
        assert answer.status_code == (200 if dry_run else 202), answer.text
        return cast("dict[str, Any]", answer.json())

    def dead(self, **narrow: str) -> int:
        """How much a dry run counts."""
        return int(self.replay(dry_run=True, **narrow)["count"])

    def at_the_end(self) -> int:
        """Receipts whose documents stand where they stay, also in the index."""
        lines = list(self.pages("/receipts", limit="200"))
        return sum(line["state"] in {"held", "filed"} and line["indexed"] for line in lines)
