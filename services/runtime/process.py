"""The life of a process: what starts in which order, what runs in which thread, and an orderly stop."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.core import shapes
from services.core.errors import TryLater
from services.core.messages import topics
from services.core.ports.bundle import Ports
from services.core.ports.event_log import Follower, Reader
from services.runtime.context.configuration import Configuration, hear
from services.runtime.context.observing import where
from services.runtime.context.service import NEEDS, Context, Listener, Need, Round, Service
from services.runtime.worker.loop import Broken, Worker
from services.runtime.worker.outages import Outages

TURN = timedelta(seconds=0.5)
"""The longest wait for a delivery; also how long a stop may go unnoticed."""
RETRY = timedelta(seconds=1)
LOOK = timedelta(seconds=30)
"""How often a process asks the store for versions of the configuration that no news told of: a key that was revoked
while the log was away is refused everywhere by then."""
LOOP_DIED = "loop_died"
"""Why a service is red whose loop ended by a fault of its own: only a new process helps."""
LOOKING = "looking"
"""Where an outage is that keeps a process from asking the store for newer versions."""
READING = "reading"
"""Where an outage is that keeps a worker from reading the log, or from joining its group."""


@dataclass(slots=True)
class Process:
    """The services of one process and everything that runs for them."""

    services: Sequence[Service]
    contexts: dict[str, Context]
    configuration: Configuration
    needs: frozenset[Need] = NEEDS
    """The ports that are open here."""
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    """What it is called among the others of a city."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    stopping: threading.Event = field(default_factory=threading.Event)
    red: dict[str, str] = field(default_factory=dict)
    """Services that gave up, with the code of the reason; the health page shows them."""
    outages: dict[str, Outages] = field(default_factory=dict)
    """What keeps each service from its work now, and `configuration` from hearing of what is new."""
    _threads: list[threading.Thread] = field(default_factory=list)
    _listeners: list[Listener] = field(default_factory=list)

    def __post_init__(self) -> None:
        """All services are imported by now, and none of their threads runs."""
        shapes.prepare()

    @property
    def ports(self) -> Ports:
        """The ports that all services of this process share."""
        return next(iter(self.contexts.values())).ports

    @property
    def tenant(self) -> str:
        """Whose post comes in here."""
        return next(iter(self.contexts.values())).settings.tenant

    @property
    def procedures(self) -> tuple[str, ...]:
        """The names of the specialist procedures that are registered."""
        return next(iter(self.contexts.values())).procedures.names

    @property
    def lives(self) -> bool:
        """Whether no loop has died; a service that a breaker stopped waits for a person, and a new start helps none."""
        return LOOP_DIED not in self.red.values()

    def intakes(self) -> list[str]:
        """What the listeners say of where they listen, a line each."""
        return [str(listener) for listener in self._listeners]

    def start(self) -> None:
        """Follow the configuration, then open the listeners, then work."""
        first = next(iter(self.contexts.values()))
        self.outages = {name: _outages(context) for name, context in self.contexts.items()}
        self.outages["configuration"] = _outages(first)
        self._spawn("configuration", self._follow)
        self._spawn("configuration-look", lambda: self._look(first))
        for service in self.services:
            self._start(service, self.contexts[service.name])

    def stop(self, patience: timedelta = timedelta(seconds=20)) -> None:
        """Close the listeners first, let every worker finish what it has in hand, then return."""
        for listener in self._listeners:
            listener.stop()
        self.stopping.set()
        for thread in self._threads:
            thread.join(patience.total_seconds())

    def _start(self, service: Service, context: Context) -> None:
        if service.listeners:
            for listener in service.listeners(context):
                listener.start()
                self._listeners.append(listener)
        if service.handle:
            for member in range(service.members(context.settings)):
                self._spawn(f"{service.name}-{member}", lambda: self._work(service, context))
        for round_ in service.rounds:
            self._spawn(f"{service.name}-{round_.name}", lambda round_=round_: self._go_round(round_, context))  # type: ignore[misc]  # bound early on purpose

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, service: Service, context: Context) -> None:
        try:
            self._begin(service, context)
            while not self.stopping.is_set():
                self._work_on(service, context, topics.worked_on(service.name, context.procedures.names))
        except Broken:
            self._give_up(context, "breaker")
        except BaseException as error:  # noqa: BLE001  # a fault of the loop, or a panic of a library that is no Exception
            context.log.error("loop_died", **where(error))
            self._give_up(context, LOOP_DIED)

    def _begin(self, service: Service, context: Context) -> None:
        while service.begin and not self.stopping.is_set():
            try:
                service.begin(context)
            except TryLater as error:
                context.log.warning("begin_put_off", code=error.code)
                self.stopping.wait(RETRY.total_seconds())
            else:
                return

    def _work_on(self, service: Service, context: Context, read: tuple[str, ...]) -> None:
        """Work until a procedure is registered that this service listens to: then it joins anew."""
        reader = self._join(service, context, read)
        if reader is None:
            return
        with contextlib.closing(reader):
            worker = Worker(service, context, reader, outages=self.outages[service.name])
            full = service.batch(context.settings)
            while not self.stopping.is_set() and read == topics.worked_on(service.name, context.procedures.names):
                if 0 < self._turn(worker, context) < full:  # after a full one more is waiting already
                    self.stopping.wait(service.linger.total_seconds())

    def _turn(self, worker: Worker, context: Context) -> int:
        try:
            worked = worker.turn(TURN)
        except TryLater as error:
            self._log_is_away(context.service, error)
            return 0
        self.outages[context.service].over(READING)
        return worked

    def _log_is_away(self, service: str, error: TryLater) -> None:
        self.outages[service].hindered(READING, error.code, fresh=0)
        self.stopping.wait(RETRY.total_seconds())

    def _join(self, service: Service, context: Context, read: tuple[str, ...]) -> Reader | None:
        while not self.stopping.is_set():
            try:
                context.ports.log.ensure_topics([topic for topic in read if topics.procedure_of(topic)])
                return context.ports.log.reader(service.name, read)
            except TryLater as error:
                self._log_is_away(context.service, error)
        return None

    def _give_up(self, context: Context, code: str) -> None:
        self.red[context.service] = code
        context.log.critical("service_stopped", code=code)

    def _go_round(self, round_: Round, context: Context) -> None:
        pause = round_.every(context.settings).total_seconds()
        while not self.stopping.wait(pause):
            try:
                round_.act(context)
                self.outages[context.service].over(round_.name)
            except TryLater as error:
                self.outages[context.service].hindered(round_.name, error.code, fresh=0)
            except Exception as error:  # noqa: BLE001  # a fault of ours must not end the rounds
                context.log.error("round_failed", round=round_.name, **where(error))

    def _follow(self) -> None:
        context = next(iter(self.contexts.values()))
        while not self.stopping.is_set():
            try:
                self._hear_on(context.ports.log.follow(topics.COMPACTED))
            except TryLater as error:
                # What was read and not looked up is lost to this follower: the next one begins at the beginning.
                self._log_is_away("configuration", error)
            except Exception as error:  # noqa: BLE001  # who does not hear of revoked keys must not look healthy
                context.log.error("loop_died", **where(error))
                self.red["configuration"] = LOOP_DIED
                return

    def _look(self, context: Context) -> None:
        """In a thread of its own: the log may be away, and following it waits for the log."""
        while not self.stopping.wait(LOOK.total_seconds()):
            try:
                self.configuration.look()
                self.outages["configuration"].over(LOOKING)
            except TryLater as error:
                self.outages["configuration"].hindered(LOOKING, error.code, fresh=0)
            except Exception as error:  # noqa: BLE001  # a fault of ours must not end the looks
                context.log.error("round_failed", round=LOOKING, **where(error))

    def _hear_on(self, follower: Follower) -> None:
        with contextlib.closing(follower):
            while not self.stopping.is_set():
                hear(self.configuration, follower, TURN)
                self.outages["configuration"].over(READING)


def _outages(context: Context) -> Outages:
    return Outages(context.log, context.settings.worker)
