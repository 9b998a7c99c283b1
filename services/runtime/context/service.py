"""What a service declares, and what it is given to work with."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, Literal, Protocol, cast, get_args

from fastapi import APIRouter
from structlog.typing import FilteringBoundLogger

from services.core.errors import EventBroken
from services.core.gapless import Rows
from services.core.messages import procedures
from services.core.messages.envelope import Event, Message
from services.core.messages.procedures import Procedures
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.ports.bundle import Ports
from services.runtime.context.configuration import Configuration
from services.runtime.context.fair_semaphore import FairSemaphore
from services.runtime.context.local_day import today
from services.runtime.streams.seekable import SpoolSpace
from services.runtime.streams.spooling import UnderWay
from services.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """Everything a service works with; handlers keep nothing between two calls."""

    service: str
    ports: Ports
    settings: Settings
    configuration: Configuration
    log: FilteringBoundLogger
    under_way: UnderWay = field(default_factory=UnderWay)
    """What its listeners, SMTP and HTTP together, are taking in, and what it spools of the store."""
    rows: Rows = field(default_factory=Rows)
    """Where files, registers and inboxes were seen to end."""
    semaphore: FairSemaphore = field(default_factory=FairSemaphore)
    """Whose turn it is to work; a handler that waits for somebody else's work steps aside."""

    def seekable(self, stream: BinaryIO) -> AbstractContextManager[BinaryIO]:
        """A stream of the store to be read from any place; TryLater where neither disk nor budget hold a copy of it."""
        storage = self.settings.storage
        return SpoolSpace(storage.folder, storage.spool_budget, self.under_way).seekable(stream)

    @property
    def plan(self) -> FilePlan:
        """The file plan as it is in force today, or the empty one."""
        written = self.written_plan
        return written.as_of(today(self.ports.clock)) if written.is_dated else written

    @property
    def written_plan(self) -> FilePlan:
        """The same as it was activated: what is not valid today is not closed in it."""
        return cast("FilePlan", self.configuration.parsed("plan", file_plan.decode) or file_plan.EMPTY)

    @property
    def procedures(self) -> Procedures:
        """The specialist procedures that are registered."""
        known = self.configuration.parsed("procedures", procedures.decode_all)
        return cast("Procedures", known or procedures.EMPTY)


class Listener(Protocol):
    """A listener other than HTTP, such as SMTP."""

    def start(self) -> None:
        """Listen; returns when connections are taken."""

    def stop(self) -> None:
        """Take no more connections, finish what is under way, return."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """Work done at intervals, such as the sweeper's; TryLater means next time."""

    name: str
    every: Callable[[Settings], timedelta]
    act: Callable[[Context], None]


Handle = Callable[[Event, Context], Sequence[Event]]
"""One event in, the events that it brings about out. Repeatable: effects are create-once files, ids are computed."""


Need = Literal["extractor", "ocr", "index", "ledger"]
"""A port that only some services use; log, store and clock are there for all."""
NEEDS: frozenset[Need] = frozenset(get_args(Need))

Finding = tuple[bool, str, str]
"""Good or not, what was found, and what to do then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service of the mail room, declared in its `service.py`."""

    name: str
    needs: tuple[Need, ...] = ()
    """Only these ports are opened for it; a process without the others starts sooner and can do less harm."""
    stands_on: tuple[Literal["index"], ...] = ()
    """Those of its needs without which it can handle nothing: while one is away it reads nothing at all."""
    intake: bool = False
    """Whether it takes post in: then it is ready as long as it accepts, whatever becomes of the post afterwards."""
    handle: Handle | None = None
    """Where it has one, the service reads the topics of `topics.READ_BY`."""
    refuse: Callable[[Message, EventBroken, Context], Sequence[Event]] | None = None
    """Answers a record that is no event, or breaks the contract, beside its dead letter."""
    begin: Callable[[Context], None] | None = None
    """Called once in each worker, before it reads its first event: what would make that event wait for long."""
    commit: Callable[[Context], None] | None = None
    """Called once a batch, after its handlers and before it is acknowledged."""
    linger: timedelta = timedelta(0)
    """Rest after a batch that was not full, so that more is worked off at one time; what comes after silence is never
    made to wait."""
    coalesce: bool = False
    """Whether the last of several events of one document stands for all: the handler looks at the record again."""
    passing: frozenset[str] = frozenset()
    """With `coalesce`: topics whose events another one of the same document soon follows, which stands for them."""
    patience: timedelta = timedelta(0)
    """How long they wait for it; then the document is looked at as it is."""
    members: Callable[[Settings], int] = lambda _: 1
    """How many workers of one process share the group."""
    batch: Callable[[Settings], int] = lambda settings: settings.worker.batch
    routes: Callable[[Context], APIRouter] | None = None
    """JSON, below /api/v1."""
    pages: Callable[[Context], APIRouter] | None = None
    """German pages, its part of the clerk's desk."""
    listeners: Callable[[Context], Sequence[Listener]] | None = None
    rounds: tuple[Round, ...] = ()
    condition: Callable[[Context], Finding | None] | None = None
    """For `poststelle check`: how it is with what the service needs besides the ports; None: it needs nothing."""
