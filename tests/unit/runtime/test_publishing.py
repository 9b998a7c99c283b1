"""Telling of a receipt without waiting for a log that is away."""

import threading
from datetime import UTC, datetime
from typing import Any, cast

from services.core.envelope import Cause, Event, event_id
from services.core.errors import TryLater
from services.core.events import DocumentErased
from services.core.topics import emit
from services.runtime.observing import logger
from services.runtime.publishing import PATIENCE, REST, Announcer


class Log:
    """A log with a switch and a door that can be held shut."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.events: list[Event] = []
        self.open = threading.Event()
        self.inside = threading.Event()
        self.open.set()

    def publish(self, *events: Event) -> None:
        self.asked += 1
        self.inside.set()
        self.open.wait(10)
        if self.away:
            raise TryLater
        self.events.extend(events)


class Room:
    """An announcer with its log and a clock that is set by hand."""

    def __init__(self) -> None:
        self.log, self.now = Log(), 0.0
        self.announcer = Announcer(cast("Any", self.log), log=logger("test"), monotonic=lambda: self.now)

    def announce(self) -> bool:
        facts = DocumentErased(
            document="d" + "0" * 26,
            incarnation=0,
            decision=event_id("x", "y"),
            proof_key="main/documents/x/erased/1.json",
        )
        cause = Cause("main", event_id("x", "receipt"))
        return self.announcer.announce(emit(facts, cause=cause, service="mail_intake", now=datetime.now(UTC)))


def test_an_event_is_published() -> None:
    """At once, where the log is there."""
    room = Room()
    assert room.announce()
    assert len(room.log.events) == 1


def test_a_log_that_is_away_is_left_alone_for_a_while() -> None:
    """One failure, then silence until the rest is over, then one try; when that succeeds all is well."""
    room = Room()
    room.log.away = True
    assert [room.announce(), room.announce(), room.announce()] == [False] * 3
    assert room.log.asked == 1
    room.now, room.log.away = REST.total_seconds() + 1, False
    assert room.announce()
    assert room.announce()


def test_nobody_waits_for_a_log_that_hangs() -> None:
    """While one publish takes longer than patience, the others leave their event to the sweeper."""
    room = Room()
    room.log.open.clear()
    hanging = threading.Thread(target=room.announce)
    hanging.start()
    assert room.log.inside.wait(10)
    room.now = PATIENCE.total_seconds() + 1
    assert not room.announce()
    assert room.log.asked == 1
    room.log.open.set()
    hanging.join()
    assert room.announce()


def test_only_one_tries_a_log_that_was_away() -> None:
    """After the rest, the first one probes, and those who come meanwhile do not wait for it."""
    room = Room()
    room.log.away = True
    room.announce()
    room.now = REST.total_seconds() + 1
    room.log.open.clear()
    room.log.inside.clear()
    probing = threading.Thread(target=room.announce)
    probing.start()
    assert room.log.inside.wait(10)
    assert not room.announce()
    assert room.log.asked == 2
    room.log.open.set()
    probing.join()
