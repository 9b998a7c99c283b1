"""Telling of a receipt without waiting for a log that is away."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, cast

from services.core.errors import TryLater
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentErased
from services.core.messages.topics import emit
from services.runtime.context.observing import logger
from services.runtime.worker.publishing import MOST_WAITING, PATIENCE, REST, Announcer, Telling, TellingInThreads


class Log:
    """A log with a switch and a listener that can be held shut."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.events: list[Event] = []
        self.together: list[int] = []
        """How many events came with each publish that succeeded."""
        self.open = threading.Event()
        self.inside = threading.Event()
        self.open.set()

    def publish(self, *events: Event) -> None:
        self.asked += 1
        self.inside.set()
        self.open.wait(60)
        if self.away:
            raise TryLater
        self.events.extend(events)
        self.together.append(len(events))


class Context:
    """An announcer with its log and a clock that is set by hand."""

    def __init__(self) -> None:
        self.log, self.now = Log(), 0.0
        self.announcer = Announcer(cast("Any", self.log), log=logger("test"), monotonic=lambda: self.now)

    def announce(self) -> bool:
        return self.announcer.announce(self.event())

    def event(self) -> Event:
        facts = DocumentErased(
            document="d" + "0" * 26,
            incarnation=0,
            decision=event_id("x", "y"),
            proof_key="main/documents/x/erased/1.json",
        )
        cause = Cause("main", event_id("x", "receipt"))
        return emit(facts, cause=cause, service="mail_intake", now=datetime.now(UTC))

    async def tell_behind(self, count: int) -> None:
        """One publish is held up; so many more are told meanwhile, then it goes on."""
        telling = Telling(self.announcer)
        self.log.open.clear()
        first = asyncio.create_task(telling.tell(self.event()))
        await asyncio.to_thread(self.log.inside.wait, 10)
        for _ in range(count):
            await asyncio.wait_for(telling.tell(self.event()), 10)
        self.log.open.set()
        await first

    def tell_in_threads(self, count: int) -> TellingInThreads:
        """The same from threads, as the SMTP listener tells."""
        with ThreadPoolExecutor(2) as executor:
            telling = TellingInThreads(self.announcer, executor)
            self.log.open.clear()
            telling.tell(self.event())
            assert self.log.inside.wait(60)
            for _ in range(count):
                telling.tell(self.event())
            self.log.open.set()
        return telling


def test_an_event_is_published() -> None:
    """At once, where the log is there."""
    context = Context()
    assert context.announce()
    assert len(context.log.events) == 1


def test_a_log_that_is_away_is_left_alone_for_a_while() -> None:
    """One failure, then silence until the rest is over, then one try; when that succeeds all is well."""
    context = Context()
    context.log.away = True
    assert [context.announce(), context.announce(), context.announce()] == [False] * 3
    assert context.log.asked == 1
    context.now, context.log.away = REST.total_seconds() + 1, False
    assert context.announce()
    assert context.announce()


def test_nobody_waits_for_a_log_that_hangs() -> None:
    """While one publish takes longer than patience, the others leave their event to the sweeper."""
    context = Context()
    context.log.open.clear()
    hanging = threading.Thread(target=context.announce)
    hanging.start()
    assert context.log.inside.wait(60)
    context.now = PATIENCE.total_seconds() + 1
    assert not context.announce()
    assert context.log.asked == 1
    context.log.open.set()
    hanging.join()
    assert context.announce()


def test_only_one_tries_a_log_that_was_away() -> None:
    """After the rest, the first one probes, and those who come meanwhile do not wait for it."""
    context = Context()
    context.log.away = True
    context.announce()
    context.now = REST.total_seconds() + 1
    context.log.open.clear()
    context.log.inside.clear()
    probing = threading.Thread(target=context.announce)
    probing.start()
    assert context.log.inside.wait(60)
    assert not context.announce()
    assert context.log.asked == 2
    context.log.open.set()
    probing.join()


def test_what_comes_while_one_publish_runs_goes_together() -> None:
    """Whoever comes meanwhile waits for nothing, and the events of all of them are one publish."""
    context = Context()
    asyncio.run(context.tell_behind(3))
    assert context.log.together == [1, 3]


def test_what_waits_behind_a_publish_is_bounded() -> None:
    """Beyond the bound events are left to the sweeper: a log that hangs fills no memory."""
    context = Context()
    asyncio.run(context.tell_behind(MOST_WAITING + 2))
    assert context.log.together == [1, MOST_WAITING]


def test_a_batch_that_fails_is_left_to_the_sweeper_whole() -> None:
    """The log was away for all of them; the next one finds it at rest, and nobody is stuck behind it."""
    context = Context()
    context.log.away = True
    asyncio.run(context.tell_behind(2))
    assert (context.log.asked, context.log.events) == (1, [])


def test_threads_tell_together_too() -> None:
    """One publish for all that came meanwhile, up to the bound; a log that is away is left alone by all of them."""
    context = Context()
    context.tell_in_threads(3)
    context.tell_in_threads(MOST_WAITING + 2)
    assert context.log.together == [1, 3, 1, MOST_WAITING]
    context.log.away = True
    context.log.asked = 0
    context.tell_in_threads(2)
    assert context.log.asked == 1


def test_a_publish_that_breaks_keeps_nobody_from_the_next() -> None:
    """A fault of ours ends that publish; what is told afterwards goes out, with what waited behind it."""
    context = Context()
    with ThreadPoolExecutor(1) as executor:
        telling = TellingInThreads(context.announcer, executor)
        context.log.open.set()
        publish, context.log.publish = context.log.publish, lambda *_: 1 / 0  # type: ignore[assignment,method-assign]
        telling.tell(context.event())
        executor.submit(lambda: None).result(60)
        context.log.publish = publish  # type: ignore[method-assign]
        context.now += REST.total_seconds() + 1
        telling.tell(context.event())
    assert context.log.together == [1]
