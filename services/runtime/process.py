"""The life of a process: what starts in which order, what runs in which thread, and an orderly stop."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.core.errors import TryLater
from services.core.messages import topics
from services.core.ports.bundle import Ports
from services.core.ports.event_log import Follower, Reader
from services.runtime.context.configuration import Configuration, hear
from services.runtime.context.memory import few_arenas
from services.runtime.context.observing import where
from services.runtime.context.service import NEEDS, Listener, Need, Room, Round, Service
from services.runtime.worker.loop import Broken, Worker

TURN = timedelta(seconds=0.5)
"""The longest wait for a delivery; also how long a stop may go unnoticed."""
RETRY = timedelta(seconds=1)


@dataclass(slots=True)
class House:
    """The services of one process and everything that runs for them."""

    services: Sequence[Service]
    rooms: dict[str, Room]
    configuration: Configuration
    needs: frozenset[Need] = NEEDS
    """The ports that are open here."""
    stopping: threading.Event = field(default_factory=threading.Event)
    red: dict[str, str] = field(default_factory=dict)
    """Services that gave up, with the code of the reason; the health page shows them."""
    _threads: list[threading.Thread] = field(default_factory=list)
    _listeners: list[Listener] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        """The ports that all rooms of this process share."""
        return next(iter(self.rooms.values())).ports

    @property
    def tenant(self) -> str:
        """Whose post comes in here."""
        return next(iter(self.rooms.values())).settings.tenant

    @property
    def procedures(self) -> tuple[str, ...]:
        """The names of the specialist procedures that are registered."""
        return next(iter(self.rooms.values())).procedures.names

    def doors(self) -> list[str]:
        """What the listeners say of where they listen, a line each."""
        return [str(listener) for listener in self._listeners]

    def start(self) -> None:
        """Follow the configuration, then open the doors, then work."""
        few_arenas()
        self._spawn("configuration", self._follow)
        for service in self.services:
            self._start(service, self.rooms[service.name])

    def stop(self, patience: timedelta = timedelta(seconds=20)) -> None:
        """Close the doors first, let every worker finish what it has in hand, then return."""
        for listener in self._listeners:
            listener.stop()
        self.stopping.set()
        for thread in self._threads:
            thread.join(patience.total_seconds())

    def _start(self, service: Service, room: Room) -> None:
        if service.listeners:
            for listener in service.listeners(room):
                listener.start()
                self._listeners.append(listener)
        if service.handle:
            for member in range(service.members(room.settings)):
                self._spawn(f"{service.name}-{member}", lambda: self._work(service, room))
        for round_ in service.rounds:
            self._spawn(f"{service.name}-{round_.name}", lambda round_=round_: self._go_round(round_, room))  # type: ignore[misc]  # bound early on purpose

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, service: Service, room: Room) -> None:
        try:
            while not self.stopping.is_set():
                self._work_on(service, room, topics.worked_on(service.name, room.procedures.names))
        except Broken:
            self._give_up(room, "breaker")
        except Exception as error:  # noqa: BLE001  # a fault of the loop itself: this service turns red, others go on
            room.log.error("loop_died", **where(error))
            self._give_up(room, "loop_died")

    def _work_on(self, service: Service, room: Room, read: tuple[str, ...]) -> None:
        """Work until a procedure is registered that this service listens to: then it joins anew."""
        reader = self._join(service, room, read)
        if reader is None:
            return
        with contextlib.closing(reader):
            worker, full = Worker(service, room, reader), service.batch(room.settings)
            while not self.stopping.is_set() and read == topics.worked_on(service.name, room.procedures.names):
                if 0 < self._turn(worker, room) < full:  # after a full one more is waiting already
                    self.stopping.wait(service.linger.total_seconds())

    def _turn(self, worker: Worker, room: Room) -> int:
        try:
            return worker.turn(TURN)
        except TryLater as error:
            room.log.warning("log_away", code=error.code)
            self.stopping.wait(RETRY.total_seconds())
            return 0

    def _join(self, service: Service, room: Room, read: tuple[str, ...]) -> Reader | None:
        while not self.stopping.is_set():
            try:
                room.ports.log.ensure_topics([topic for topic in read if topics.procedure_of(topic)])
                return room.ports.log.reader(service.name, read)
            except TryLater as error:
                room.log.warning("log_away", code=error.code)
                self.stopping.wait(RETRY.total_seconds())
        return None

    def _give_up(self, room: Room, code: str) -> None:
        self.red[room.service] = code
        room.log.critical("service_stopped", code=code)

    def _go_round(self, round_: Round, room: Room) -> None:
        pause = round_.every(room.settings).total_seconds()
        while not self.stopping.wait(pause):
            try:
                round_.act(room)
            except TryLater as error:
                room.log.warning("round_put_off", round=round_.name, code=error.code)
            except Exception as error:  # noqa: BLE001  # a fault of ours must not end the rounds
                room.log.error("round_failed", round=round_.name, **where(error))

    def _follow(self) -> None:
        room = next(iter(self.rooms.values()))
        while not self.stopping.is_set():
            try:
                self._hear_on(room.ports.log.follow(topics.COMPACTED))
            except TryLater as error:
                # What was read and not looked up is lost to this follower: the next one begins at the beginning.
                room.log.warning("log_away", code=error.code)
                self.stopping.wait(RETRY.total_seconds())
            except Exception as error:  # noqa: BLE001  # who does not hear of revoked keys must not look healthy
                room.log.error("loop_died", **where(error))
                self.red["configuration"] = "loop_died"
                return

    def _hear_on(self, follower: Follower) -> None:
        with contextlib.closing(follower):
            while not self.stopping.is_set():
                hear(self.configuration, follower, TURN)
