"""A process: who turns red, who goes on, and an orderly stop."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.topics import INDEXED
from services.runtime.context.configuration import Configuration, announce
from services.runtime.context.service import Context, Handle, Need, Round, Service
from services.runtime.process import Process
from tests.component.browser import Browser
from tests.fakes.event_log import MemoryReader
from tests.unit.runtime.app import app_of
from tests.unit.runtime.loop import Loop, event

SOON = timedelta(milliseconds=5)
HAS: frozenset[Need] = frozenset({"index"})
"""Ports that a loop opens; it keeps no ledger."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a second in here; the fake's reads return at once."""
    monkeypatch.setattr("services.runtime.process.RETRY", SOON)


def until(holds: Callable[[], object]) -> bool:
    """Whether something comes true within a minute."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(holds())


def rest() -> list[Any]:
    """Nothing came, a moment later."""
    time.sleep(0.002)
    return []


def process_of(loop: Loop, *services: Service) -> Process:
    """A process with these services on one log and store; reading an empty log takes a moment."""
    reader = loop.log.reader

    def slow(group: str, topics: Sequence[str]) -> Any:
        made = reader(group, (INDEXED,))
        read = made.read
        cast("Any", made).read = lambda limit, timeout: read(limit, timeout) or rest()
        return made

    cast("Any", loop.log).reader = slow
    contexts = {service.name: replace(loop.context, service=service.name) for service in services}
    configuration = loop.context.configuration
    return Process(services=services, contexts=contexts, configuration=configuration, needs=HAS)


@contextmanager
def running(process: Process) -> Iterator[Process]:
    """The mail room while it works."""
    process.start()
    try:
        yield process
    finally:
        process.stop(timedelta(seconds=10))


def keeping(seen: list[Event]) -> Handle:
    """A handler that keeps what it is given."""

    def handle(event: Event, _: Context) -> Sequence[Event]:
        seen.append(event)
        return ()

    return handle


def dying(error: BaseException) -> Handle:
    """A handler that cannot do anything."""

    def handle(_: Event, __: Context) -> Sequence[Event]:
        raise error

    return handle


def test_service_that_breaks_turns_red_and_the_others_go_on() -> None:
    """After three dead letters one service stops; the other works, and readiness answers 503 and says which."""
    loop = Loop(breaker=3)
    seen: list[Event] = []
    process = process_of(
        loop, Service(name="ledger", handle=dying(ValueError())), Service(name="ocr", handle=keeping(seen))
    )
    browser = Browser(app_of(loop, process))
    with running(process):
        assert browser.get("/health/ready").status_code == 200
        loop.tell(*((n, 1) for n in range(5)))
        assert until(lambda: process.red)
        loop.tell((7, 1))
        assert until(lambda: len(seen) == 6)
        answer = browser.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["red"] == {"ledger": "breaker"}
        assert browser.get("/health/live").status_code == 200
    assert loop.codes() == ["bug"] * 3


def test_loop_that_dies_of_itself_turns_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault outside of any handler is no dead letter: nothing is acknowledged, and the service says so."""
    loop = Loop()
    seen: list[Event] = []
    process = process_of(loop, Service(name="ledger", handle=keeping(seen)))

    def broken(*_: object) -> None:
        raise ValueError("Erika Muster")

    monkeypatch.setattr(MemoryReader, "ack", broken)
    with running(process):
        loop.tell((1, 1))
        assert until(lambda: process.red == {"ledger": "loop_died"})
    assert loop.done() == 0
    assert "Erika" not in loop.told()


def test_log_that_is_away_is_waited_for() -> None:
    """At the start and between two turns: the service joins and goes on when the log is back."""
    loop = Loop()
    seen: list[Event] = []
    process = process_of(loop, Service(name="ledger", handle=keeping(seen)))
    reader, tries = loop.log.reader, []

    def away_at_first(group: str, topics: Sequence[str]) -> Any:
        tries.append(group)
        if len(tries) < 3:
            raise TryLater
        return reader(group, topics)

    cast("Any", loop.log).reader = away_at_first
    loop.tell((1, 1))
    with running(process):
        assert until(lambda: seen)
        assert not process.red


def test_stop_finishes_what_is_in_hand() -> None:
    """The handler that runs comes to its end and is acknowledged; what was not begun stays for the next start."""
    loop = Loop(batch=1)
    inside, go_on = threading.Event(), threading.Event()

    def handle(event: Event, _: Context) -> Sequence[Event]:
        inside.set()
        assert go_on.wait(60)
        return ()

    process = process_of(loop, Service(name="ledger", handle=handle))
    process.start()
    loop.tell((1, 1), (2, 1))
    assert inside.wait(60)
    stopping = threading.Thread(target=process.stop)
    stopping.start()
    assert until(process.stopping.is_set)
    go_on.set()
    stopping.join(60)
    assert not stopping.is_alive()
    assert loop.done() == 1
    assert loop.log.groups["ledger"].leased == {}


def test_nobody_rests_while_more_is_waiting() -> None:
    """After a full batch the next one is taken at once; only one that was not full is followed by a rest."""
    loop, seen = Loop(batch=2), list[Event]()
    loop.tell((1, 1), (2, 1), (3, 1), (4, 1), (5, 1))
    with running(process_of(loop, Service(name="ledger", handle=keeping(seen), linger=timedelta(minutes=1)))):
        assert until(lambda: loop.done() == 5)
        loop.tell((6, 1))
        time.sleep(0.1)
        assert loop.done() == 5


def test_listeners_open_before_the_work_and_close_first() -> None:
    """Listeners start with the mail room and stop before its workers; it can say where they listen."""
    loop, order = Loop(), []

    class Listening:
        def start(self) -> None:
            order.append("open")

        def stop(self) -> None:
            order.append(f"closed, stopping: {process.stopping.is_set()}")

        def __str__(self) -> str:
            return "SMTP at 127.0.0.1:2525"

    process = process_of(loop, Service(name="ledger", listeners=lambda _: [Listening()]))
    with running(process):
        assert process.intakes() == ["SMTP at 127.0.0.1:2525"]
    assert order == ["open", "closed, stopping: False"]


def test_rounds_go_on_after_a_failure() -> None:
    """The world's and ours: the next round comes all the same, and the log holds no text."""
    loop, rounds = Loop(), []

    def act(_: Context) -> None:
        rounds.append(1)
        if len(rounds) < 3:
            raise (TryLater("store_away") if len(rounds) == 1 else ValueError("Erika Muster"))

    process = process_of(loop, Service(name="ledger", rounds=(Round(name="sweep", every=lambda _: SOON, act=act),)))
    with running(process):
        assert until(lambda: len(rounds) > 3)
    assert "store_away" in loop.told()
    assert "round_failed" in loop.told()
    assert "Erika" not in loop.told()


def test_every_process_hears_of_changes_after_a_store_that_was_away() -> None:
    """News that came while the store could not be read are not lost: the process listens again from the beginning."""
    loop = Loop()
    process = process_of(loop, Service(name="ledger"))
    keys, asked = loop.blobs.keys, []

    def away_at_first(*where: Any) -> Any:
        asked.append(where)
        if len(asked) == 1:
            raise TryLater("store_away")
        return keys(*where)

    changing = Loop()
    changing.context.configuration.blobs = loop.blobs
    changing.context.configuration.store("rules", b"[1]", base=0)
    announce(changing.context.configuration, "rules", log=loop.log, clock=loop.clock)
    cast("Any", loop.blobs).keys = away_at_first
    follow = loop.log.follow

    def slow(topics: Sequence[str]) -> Any:
        made = follow(topics)
        read = made.read
        cast("Any", made).read = lambda timeout: read(timeout) or rest()
        return made

    cast("Any", loop.log).follow = slow
    with running(process):
        assert until(lambda: process.configuration.version("rules") == 1)


def test_process_that_stops_listening_turns_red() -> None:
    """Who would not hear of a revoked key must not look healthy."""
    loop = Loop()
    process = process_of(loop, Service(name="ledger"))

    def broken(_: Sequence[str]) -> Any:
        raise ValueError

    cast("Any", loop.log).follow = broken
    with running(process):
        assert until(lambda: process.red == {"configuration": "loop_died"})


def test_event_goes_through_the_services() -> None:
    """The event that was published is the one that is handled."""
    loop = Loop()
    seen: list[Event] = []
    with running(process_of(loop, Service(name="ledger", handle=keeping(seen)))):
        loop.tell((1, 1))
        assert until(lambda: loop.done() == 1)
    assert [found.facts for found in seen] == [event(1, 1).facts]


def test_a_process_looks_for_versions_that_nobody_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the log is away for good: who was let go is refused here too. A store that is away is waited for."""
    monkeypatch.setattr("services.runtime.process.LOOK", SOON)
    loop = Loop()
    cast("Any", loop.log).follow = _away
    process = process_of(loop, Service(name="ledger", handle=keeping([])))
    other = Configuration(loop.blobs, tenant="main")
    size, asked = loop.blobs.size, []

    def away_at_first(bucket: Bucket, key: str) -> int | None:
        asked.append(key)
        if len(asked) < 3:
            raise TryLater
        return size(bucket, key)

    cast("Any", loop.blobs).size = away_at_first
    with running(process):
        assert other.store("accounts", b"{}", base=0) == 1
        assert until(lambda: process.configuration.version("accounts") == 1)


def _away(*_: object) -> None:
    raise TryLater
