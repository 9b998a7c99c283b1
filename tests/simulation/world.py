"""A city hall in one thread: every port call is a place where others may go first, or where a process dies."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from greenlet import getcurrent, greenlet

from services.core.errors import TryLater


class Crash(BaseException):
    """The process died here: nothing of ours may catch it."""


@dataclass(kw_only=True, slots=True)
class Faults:
    """How likely what is, at each port call."""

    crash: float = 0.004
    try_later: float = 0.01
    hidden_success: float = 0.004
    """The effect happened, the caller is told that it did not."""
    stall: float = 0.004
    """The process sleeps long, loses its leases, and wakes up as if nothing had happened."""


@dataclass(eq=False, slots=True)
class Process:
    """A process of the city hall: what it runs, and how it is begun again after a crash."""

    name: str
    body: Callable[[], None]
    on_crash: Callable[[], None]
    on_stall: Callable[[], None]
    once: bool = False
    """Ends when its body returns, such as a sender; others go round for ever."""
    sleeps_until: float = 0.0
    topics: frozenset[str] = frozenset()
    group: str = ""
    waits: Callable[[], bool] = lambda: True
    """Whether time alone may bring it something: a pause that is over, a lease of somebody who died."""
    idle: bool = False
    """Found nothing to do: wakes when something happens, or when nobody else can go on."""
    immortal: bool = False
    over: bool = False
    thread: greenlet | None = None


@dataclass(eq=False)
class World:
    """The scheduler: one seed, one story."""

    seed: int
    faults: Faults = field(default_factory=Faults)
    processes: list[Process] = field(default_factory=list)
    time: float = 0.0
    steps: int = 0
    trace: list[str] = field(default_factory=list)
    calm: bool = False
    """No more faults: the story comes to its end."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._scheduler = getcurrent()
        self._running: Process | None = None

    def now(self) -> datetime:
        """The clock of everybody."""
        return datetime(2026, 11, 23, 8, 0, tzinfo=UTC) + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        """Seconds of the story."""
        return self.time

    def timestamp(self) -> float:
        """Seconds since 1970 by the clock of everybody."""
        return self.now().timestamp()

    def before(self, call: str) -> None:
        """A port call begins: others go first, or this process dies, stalls, or finds the world away."""
        process = self._running
        if process is None:
            return
        self._scheduler.switch()
        if not self.calm and not process.immortal:
            self._strike(process, call)

    def rest(self) -> None:
        """Somebody waits a moment: others go first, nothing strikes."""
        if self._running:
            self._scheduler.switch()

    def sleep(self, seconds: float) -> None:
        """Whoever runs comes again later."""
        if self._running:
            self._running.sleeps_until = self.time + seconds * (0.5 + self.chance.random())
            self._scheduler.switch()

    def idle(self) -> None:
        """Whoever runs found nothing to do."""
        if self._running:
            self._running.idle = True
            self._scheduler.switch()

    def wake(self, topics: Iterable[str], group: str | None = None) -> None:
        """Something happened: whoever was idle and reads one of these topics, in this group, looks again."""
        for process in self.processes:
            if process.idle and group in {None, process.group} and not process.topics.isdisjoint(topics):
                process.idle = False

    def after(self, call: str) -> None:
        """A port call had its effect; now and then nobody learns of it."""
        if self._running and not self.calm and self.chance.random() < self.faults.hidden_success:
            self.trace.append(f"{self._running.name} hidden {call}")
            raise TryLater

    def run(self, until: Callable[[], bool], most_steps: int) -> bool:
        """Let chance choose who goes on, until the condition holds; False when the steps are used up."""
        for _ in range(most_steps):
            ready = [p for p in self.processes if not (p.over or p.idle) and p.sleeps_until <= self.time]
            self.time += 0.005
            if ready:
                self._go_on(self.chance.choice(ready))
            else:
                self._skip()
            self.steps += 1
            if self.steps % 20 == 0 and until():
                return True
        return until()

    def close(self) -> None:
        """End every thread that still stands somewhere."""
        for process in self.processes:
            if process.thread and not process.thread.dead:
                process.thread.throw()

    def _skip(self) -> None:
        # Nobody can go on: the next thing that happens is a sleeper, or time itself (a pause that is over).
        sleepers = [p.sleeps_until for p in self.processes if not p.over and p.sleeps_until > self.time]
        self.time = min([self.time + 0.5, *sleepers])
        for process in self.processes:
            if process.idle and process.waits():
                process.idle = False

    def _go_on(self, process: Process) -> None:
        if process.thread is None or process.thread.dead:
            process.thread = greenlet(process.body)
        self._running = process
        try:
            process.thread.switch()
        except Crash:
            self.trace.append(f"{process.name} crashed")
            process.on_crash()
            process.thread = None
            process.sleeps_until = self.time + self.chance.random() * 3
        finally:
            self._running = None
        if process.once and process.thread is not None and process.thread.dead:
            process.over = True

    def _strike(self, process: Process, call: str) -> None:
        dice = self.chance.random()
        faults = self.faults
        if dice < faults.crash:
            self.trace.append(f"{process.name} dies at {call}")
            raise Crash
        dice -= faults.crash
        if dice < faults.try_later:
            self.trace.append(f"{process.name} away {call}")
            raise TryLater
        dice -= faults.try_later
        if dice < faults.stall:
            self.trace.append(f"{process.name} stalls at {call}")
            process.on_stall()
            process.sleeps_until = self.time + 5 + self.chance.random() * 30
            self._scheduler.switch()
