"""The city hall of a simulation: the real handlers and the real worker loop on in-memory fakes."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import gettempdir

from greenlet import getcurrent

from services.adapters.blob_store.remembering import RememberingBlobStore
from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.classification.service import SERVICE as CLASSIFICATION
from services.core.errors import TryLater
from services.core.messages import topics
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.core.ports.bundle import Ports
from services.core.protocol.receiving import Accepted
from services.extraction.service import SERVICE as EXTRACTION
from services.filing.service import SERVICE as FILING
from services.indexing.service import SERVICE as INDEXING
from services.ledger.scrub import scrub
from services.ledger.service import SERVICE as LEDGER
from services.ledger.sweeper import sweep
from services.ocr.service import SERVICE as OCR
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context, Service
from services.runtime.worker.loop import Worker
from services.runtime.worker.publishing import Announcer
from services.settings import Settings
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.event_log import MemoryEventLog, MemoryReader
from tests.fakes.readers import MemoryOcrEngine, MemorySheetReader, MemoryTextExtractor
from tests.fakes.search_index import MemorySearchIndex
from tests.simulation.world import Process, World

MEMBERS = {"extraction": 2, "filing": 2, "classification": 1, "ocr": 1, "indexing": 2, "ledger": 1}
POSITION = "52.10.02"
PLAN = FilePlan(
    name="Simulation",
    version="1",
    offices={"bauamt": "Bauamt"},
    positions=(
        PlanPosition(code="52", title="Bauen"),
        PlanPosition(code="52.10", title="Bauaufsicht", parent="52"),
        PlanPosition(code=POSITION, title="Baugenehmigung", parent="52.10", office="bauamt", cases="optional"),
    ),
)
SETTINGS = Settings(
    worker={"pause": 0.5, "longest_pause": 4, "attempts": 50, "breaker": 1000},
    ledger={"scrub_within": 30},
    storage={"folder": Path(gettempdir()) / "poststelle-simulation"},  # the documents of a batch are files for a moment
    search={"meaning": False},  # nobody searches here, and its round goes by the time of the machine
)


@dataclass
class City:
    """Everything of one story: the disks, the services, and what the senders were told."""

    world: World
    services: tuple[Service, ...] = (EXTRACTION, OCR, CLASSIFICATION, FILING, INDEXING, LEDGER)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Receipts that a sender was told, with their documents."""
    receive: Callable[..., Accepted] | None = None
    """Stands in for the real act of receiving, where a bug is planted there."""

    erasing: str = ""
    covered: set[str] = field(default_factory=set)
    """Receipts that the disposal was decided about."""
    harmed: dict[str, bytes] = field(default_factory=dict)
    """Documents whose original came to harm, and what it was."""
    served: set[str] = field(default_factory=set)
    """Documents of which something else than that was given out."""
    decided: dict[tuple[str, str], str] = field(default_factory=dict)
    """Decisions with the clerk who was told of them, and their documents."""
    cases: Random = field(init=False)
    """Which Vorgang a clerk names; a chance of its own, so that the rest of each story stays what it was."""
    at_end: ExitStack = field(default_factory=ExitStack)
    """What is put back when the story is over."""

    def __post_init__(self) -> None:
        world = self.world
        self.cases = Random(f"{world.seed}/cases")
        self.blobs = MemoryBlobStore(world)
        self.log = MemoryEventLog(world, world.chance)
        self.log.on_change = world.wake
        self.log.clock = world.now
        self.index = MemorySearchIndex(world)
        self.ledger = SqliteLedgerStore(None)
        self.ports = Ports(
            log=self.log,
            blobs=self.blobs,
            extractor=MemoryTextExtractor(world),
            ocr=MemoryOcrEngine(world),
            index=self.index,
            ledger=self.ledger,
            clock=world,
            sheets=MemorySheetReader(world),
        )
        self.announcer = Announcer(self.log, log=silent_logger(), monotonic=world.monotonic)
        self.memory = self._memory()
        self.configuration = Configuration(self.blobs, tenant="main")
        self.configuration.force("plan", PLAN)
        self.ledger.note_sweep("main", world.now())
        self._lives: list[_Life] = []
        self.contexts = {service.name: self._context(service.name) for service in self.services}
        for service in self.services:
            for member in range(MEMBERS[service.name]):
                self._begin(service, member, topics.worked_on(service.name))
        self._spawn("sweeper", self._sweep)
        self._spawn("trimmer", self._trim)
        self._spawn("scrubber", self._scrub)

    def add(self, name: str, body: Callable[[], None]) -> None:
        """A process that does one thing and ends; after a crash it begins again."""
        nothing = lambda: None  # noqa: E731
        self.world.processes.append(Process(name, body, on_crash=nothing, on_stall=nothing, once=True))

    def employ(self, service: Service, reads: tuple[str, ...]) -> None:
        """One member of a service that the mail room does not have yet."""
        self.contexts[service.name] = self._context(service.name)
        self._begin(service, 0, reads)

    def is_quiet(self) -> bool:
        """Nothing is under way: every message acknowledged, everybody who had something to do is done, nobody hangs."""
        self.log.time = self.world.time
        senders_done = all(process.over for process in self.world.processes if process.once)
        return senders_done and self.log.unacked() == 0 and not any(life.hangs for life in self._lives)

    def _context(self, name: str) -> Context:
        """One of the services: in every other story all live in one process, else each in its own."""
        memory = self._memory() if self.world.seed % 2 else self.memory
        return Context(
            service=name,
            ports=replace(self.ports, blobs=memory),
            settings=SETTINGS,
            configuration=self.configuration,
            log=silent_logger(),
        )

    def _memory(self) -> RememberingBlobStore:
        """The disk as a process sees it, with what it remembers; senders and disposal look at the disk itself."""
        return RememberingBlobStore(self.blobs, monotonic=self.world.monotonic)

    def _begin(self, service: Service, member: int, reads: tuple[str, ...]) -> None:
        life = _Life(service, self.contexts[service.name], self, reads)
        name = f"{service.name}-{member}"
        process = Process(name, life.go_round, on_crash=life.die, on_stall=life.lose)
        process.topics, process.group = frozenset(reads), service.name
        process.waits = lambda: life.hangs or self.log.waits(service.name)
        self._lives.append(life)
        self.world.processes.append(process)

    def _spawn(self, name: str, body: Callable[[], None]) -> None:
        nothing = lambda: None  # noqa: E731
        self.world.processes.append(Process(name, body, on_crash=nothing, on_stall=nothing))

    def _sweep(self) -> None:
        try:
            sweep(self.contexts["ledger"])
        except TryLater:
            self.world.trace.append("sweep put off")
        self.world.sleep(20)

    def _scrub(self) -> None:
        try:
            scrub(self.contexts["ledger"])
        except TryLater:
            self.world.trace.append("scrub put off")
        self.world.sleep(3)

    def _trim(self) -> None:
        """Much sooner than any mail room would: what is worked off goes within moments."""
        kept = timedelta(seconds=self.world.chance.choice((0, 1, 10)))
        try:
            self.log.trim(self.world.now() - kept)
        except TryLater:
            self.world.trace.append("trimming put off")
        self.world.sleep(2)


@dataclass
class _Life:
    """One member of a service, through all its deaths."""

    service: Service
    context: Context
    city: City
    reads: tuple[str, ...]
    reader: MemoryReader | None = None
    process: object = None
    hangs: bool = False
    """Stalled in the middle of a turn that others have done meanwhile, and has not come to its end."""

    def go_round(self) -> None:
        self.process = getcurrent()
        self.reader = self.city.log.reader(self.service.name, self.reads)
        worker = Worker(self.service, self.context, self.reader, monotonic=self.city.world.monotonic)
        while True:
            self.hangs = False
            self.city.log.time = self.city.world.time
            try:
                if not worker.turn(timedelta(0)):
                    self.city.world.idle()
            except TryLater:
                self.city.world.trace.append(f"{self.service.name} read put off")

    def die(self) -> None:
        if self.reader:
            self.reader.lose_leases()
        self.city.index.forget_uncommitted(self.process)
        if self.service.name == "ledger":
            self.city.ledger._db.rollback()

    def lose(self) -> None:
        self.hangs = True
        if self.reader:
            self.reader.lose_leases()
