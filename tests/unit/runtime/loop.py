"""One service over the fakes, with a handler that does as it is told: for tests of the loop."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
from structlog.testing import CapturingLogger

from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, Message, encode, event_id
from services.core.messages.events import DeliveryDead, DocumentIndexed
from services.core.messages.topics import INDEXED, emit
from services.core.ports.bundle import Ports
from services.runtime.context.configuration import Configuration
from services.runtime.context.service import Context, Service
from services.runtime.worker.loop import Worker
from services.settings import Settings
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog
from tests.fakes.search_index import MemorySearchIndex

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NO_TIME = timedelta(0)
SERVICE = "ledger"
"""A service that reads `documents.indexed`, so that the smallest event there is will do."""


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


def document(n: int) -> str:
    """The id of the n-th document."""
    return f"d{n:026d}"


def event(doc: int, version: int) -> Event:
    """The index holds this document in this version."""
    facts = DocumentIndexed(document=document(doc), version=version)
    return emit(facts, cause=Cause("main", event_id(f"{doc}/{version}", "test")), service="indexing", now=NOW)


class Loop:
    """A log, a store, and one worker after another on them; `failing` says of what a handler dies."""

    def __init__(
        self, *, coalesce: bool = False, commit: Callable[[Context], None] | None = None, **worker: Any
    ) -> None:
        patience: timedelta = worker.pop("patience", NO_TIME)
        self.log, self.blobs, self.clock = MemoryEventLog(), MemoryBlobStore(), Clock()
        self.index = MemorySearchIndex()
        self.seen: list[tuple[int, int]] = []
        """Document and version of what the handler was given, in order."""
        self.failing: dict[tuple[int, int], BaseException] = {}
        self.lines = CapturingLogger()
        passing = frozenset({INDEXED}) if patience else frozenset[str]()
        self.service = Service(
            name=SERVICE, handle=self._handle, commit=commit, coalesce=coalesce, passing=passing, patience=patience
        )
        self.context = self._context(Settings(worker=worker))
        self._before = 0
        self.worker = self.start()

    def start(self) -> Worker:
        """A worker as after a start of the process: what the one before held is free again."""
        for group in self.log.groups.values():
            group.leased.clear()
        reader = self.log.reader(SERVICE, (INDEXED, topics.replay_topic(SERVICE)))
        self.worker = Worker(self.service, self.context, reader, monotonic=self.clock.monotonic)
        return self.worker

    def warm(self) -> "Loop":
        """Past the first batch after a start, which goes one by one."""
        self.tell((99, 1))
        self.turn()
        self.seen.clear()
        self._before = 1
        return self

    def tell(self, *pairs: tuple[int, int]) -> None:
        """Publish events of these documents and versions."""
        self.log.publish(*(event(*pair) for pair in pairs))

    def put(self, message: Message, **changed: Any) -> None:
        """Lay a record on the topic as it is."""
        self.log.topics.setdefault(INDEXED, []).append(msgspec.structs.replace(message, **changed))

    def turn(self, times: int = 1) -> list[tuple[int, int]]:
        """Work off some batches, and what the handler was given in them."""
        before = len(self.seen)
        for _ in range(times):
            self.worker.turn(NO_TIME)
        return self.seen[before:]

    def turn_count(self) -> int:
        """One batch, and how many deliveries were worked on."""
        return self.worker.turn(NO_TIME)

    def later(self, seconds: float) -> list[tuple[int, int]]:
        """One more batch after a pause."""
        self.wait(seconds)
        return self.turn()

    def wait(self, seconds: float) -> None:
        """Time passes, for everybody."""
        self.log.time += seconds
        self.clock.time += timedelta(seconds=seconds)

    def dead(self) -> list[DeliveryDead]:
        """What was given up, in order."""
        messages = self.log.topics.get(topics.dead_topic(SERVICE), [])
        return [msgspec.json.decode(message.value, type=DeliveryDead) for message in messages]

    def codes(self) -> list[str]:
        """Why it was given up."""
        return [facts.error_code for facts in self.dead()]

    def done(self) -> int:
        """How many deliveries are acknowledged, without the one that warmed it up."""
        return len(self.log.groups[SERVICE].done) - self._before

    def told(self) -> str:
        """Everything that was logged, as one text."""
        return repr(self.lines.calls)

    def _handle(self, event: Event, context: Context) -> Sequence[Event]:
        facts = cast("DocumentIndexed", event.facts)
        pair = int(facts.document[1:]), facts.version
        self.seen.append(pair)
        if pair in self.failing:
            raise self.failing[pair]
        return ()

    def _context(self, settings: Settings) -> Context:
        nothing = cast("Any", None)
        ports = Ports(
            log=self.log,
            blobs=self.blobs,
            extractor=nothing,
            ocr=nothing,
            index=self.index,
            ledger=nothing,
            clock=self.clock,
        )
        configuration = Configuration(self.blobs, tenant="main")
        log = cast("Any", Lines(self.lines))
        return Context(service=SERVICE, ports=ports, settings=settings, configuration=configuration, log=log)


class Lines:
    """A log that keeps what is written."""

    def __init__(self, lines: CapturingLogger) -> None:
        self._lines = lines

    def __getattr__(self, level: str) -> Callable[..., None]:
        return cast("Callable[..., None]", getattr(self._lines, level))


def record_of(doc: int, version: int) -> Message:
    """An event as it lies on its topic."""
    return encode(event(doc, version))
