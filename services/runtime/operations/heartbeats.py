"""Processes of a city tell of themselves in the store, so that whoever asks one hears of all."""

import contextlib
import secrets
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count

import msgspec
from pydantic import BaseModel

from services import __version__
from services.core import keys
from services.core.errors import BlobMissing, TryLater
from services.core.keys import Bucket
from services.runtime.context.observing import where
from services.runtime.operations import heartbeat as heartbeats
from services.runtime.operations.heartbeat import EVERY, FORGOTTEN, Found, Heartbeat
from services.runtime.operations.readiness import is_ready, readiness
from services.runtime.process import Process

LOOKS_CLOSER = 4
"""Every so many heartbeats a process also tries out what only it can: its hot folder is written to for that."""
SILENT, ABSENT = "silent", "absent"
"""In place of a reason for which a service stopped: its process tells nothing any more; nobody runs it, and it has work
to do."""


class Member(BaseModel):
    """A process as it told of itself last."""

    process: str
    services: list[str]
    version: str
    started_at: datetime
    at: datetime
    ready: bool
    silent: bool
    ports: dict[str, bool]
    red: dict[str, str]


class Heart:
    """Tells of this process, from its start to its orderly stop."""

    def __init__(self, process: Process, *, every: timedelta = EVERY) -> None:
        self._process = process
        self._every = every.total_seconds()
        self._life = secrets.token_hex(8)
        self._numbers = count(1)
        self._last = ""
        self._found: tuple[Found, ...] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="heart", daemon=True)

    def start(self) -> None:
        """Begin, in the background: a store that is away keeps nobody from starting."""
        self._thread.start()

    def stop(self) -> None:
        """Take the last one away: who stops in order is not missed."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=EVERY.total_seconds())
        with contextlib.suppress(TryLater):
            self._forget()

    def beat(self) -> None:
        """Tell once. TryLater while the store is away."""
        blobs, tenant = self._process.ports.blobs, self._process.tenant
        number = next(self._numbers)
        if number % LOOKS_CLOSER == 1:
            self._found = tuple(_conditions(self._process))
            if "ledger" in self._process.needs:
                clear(self._process)
        told = heartbeat_of(self._process, self._found)
        key = keys.heartbeat(tenant, told.services[0], self._life, number)
        blobs.create(Bucket.RECORDS, key, heartbeats.encode(told))
        self._forget()
        self._last = key

    def _forget(self) -> None:
        if self._last:
            self._process.ports.blobs.delete(Bucket.RECORDS, self._last)
            self._last = ""

    def _go_on(self) -> None:
        context = next(iter(self._process.contexts.values()))
        while True:
            try:
                self.beat()
            except TryLater:
                context.log.debug("heartbeat_put_off")
            except Exception as error:  # noqa: BLE001  # whoever falls silent is held for dead
                context.log.error("heartbeat_failed", **where(error))
            if self._stopping.wait(self._every):
                return


def heartbeat_of(process: Process, found: tuple[Found, ...] = ()) -> Heartbeat:
    """How this process is now."""
    here = readiness(process)
    return Heartbeat(
        process=process.name,
        services=tuple(service.name for service in process.services),
        version=__version__,
        started_at=process.started_at,
        at=process.ports.clock.now(),
        ready=is_ready(process, here),
        ports=here.ports,
        red=here.red,
        found=found,
    )


def everyone(process: Process) -> list[Heartbeat]:
    """This process as it is now, and all others as they told last, by service; silent ones are among them.

    A silent one is left out when others have done its work for a while: then it was replaced. While the store is away
    this process is all that can be told of.
    """
    now = process.ports.clock.now()
    here = heartbeat_of(process)
    try:
        told = {one.process: one for one in sorted(filter(None, _newest(process).values()), key=lambda one: one.at)}
    except TryLater:
        told = {}
    before = told.get(here.process)
    told[here.process] = msgspec.structs.replace(here, found=before.found) if before else here
    alive = _alive(told.values(), now)
    kept = (one for one in told.values() if not _is_replaced(one, alive, now))
    return sorted(kept, key=lambda one: (one.services, one.process))


def clear(process: Process) -> None:
    """Remove what is left of processes that died and were replaced; of the ledger's process, which may."""
    now, told = process.ports.clock.now(), _newest(process)
    alive = _alive([one for one in told.values() if one], now)
    for key, one in told.items():
        if one and _is_replaced(one, alive, now):
            process.ports.blobs.delete(Bucket.RECORDS, key)


def member(told: Heartbeat, now: datetime) -> Member:
    """As it is shown."""
    return Member(
        process=told.process,
        services=list(told.services),
        version=told.version,
        started_at=told.started_at,
        at=told.at,
        ready=told.ready,
        silent=told.is_silent(now),
        ports=told.ports,
        red=told.red,
    )


def red_of_all(told: list[Heartbeat], now: datetime) -> dict[str, str]:
    """Services that gave up anywhere, and those of which no process tells any more, by the code of the reason."""
    alive = _alive(told, now)
    silent = {name: SILENT for one in told if one.is_silent(now) for name in one.services if name not in alive}
    return silent | {name: code for one in told if not one.is_silent(now) for name, code in one.red.items()}


def faults_of_all(told: list[Heartbeat], now: datetime) -> dict[str, str]:
    """What services found out about what they need, where it is not good: the sentence by service."""
    return {found.name: found.text for one in told if not one.is_silent(now) for found in one.found if not found.good}


def ports_of_all(told: list[Heartbeat], now: datetime) -> dict[str, bool]:
    """Each port, and whether it answers to every process that needs it."""
    ports: dict[str, bool] = {}
    for one in told:
        if not one.is_silent(now):
            for name, good in one.ports.items():
                ports[name] = ports.get(name, True) and good
    return ports


def _alive(told: Iterable[Heartbeat], now: datetime) -> set[str]:
    """The services that are run by a process that tells."""
    return {name for one in told if not one.is_silent(now) for name in one.services}


def _is_replaced(one: Heartbeat, alive: set[str], now: datetime) -> bool:
    return now - one.at > FORGOTTEN and alive.issuperset(one.services)


def _newest(process: Process) -> dict[str, Heartbeat | None]:
    """The last of each life by its key; an earlier one is left only by who died between two steps."""
    blobs, lives = process.ports.blobs, dict[str, str]()
    for key in blobs.keys(Bucket.RECORDS, keys.heartbeats(process.tenant)):
        life = key.rpartition("/")[0]
        if life not in lives or keys.number_in(lives[life]) < keys.number_in(key):
            lives[life] = key
    found: dict[str, Heartbeat | None] = {}
    for key in lives.values():
        with contextlib.suppress(BlobMissing):  # it has told anew since, or stopped
            found[key] = heartbeats.decode(blobs.read(Bucket.RECORDS, key))
    return found


def _conditions(process: Process) -> Iterator[Found]:
    for service in process.services:
        found = service.condition(process.contexts[service.name]) if service.condition else None
        if found:
            good, text, todo = found
            yield Found(name=service.name, good=good, text=text, todo="" if good else todo)
