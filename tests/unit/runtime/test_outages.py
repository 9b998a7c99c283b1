"""While the world is away: few tries, one line as it begins and one as it ends, and nobody starves."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import CapturingLogger

from services.core.errors import TryLater
from services.runtime.context.service import Context
from services.runtime.worker.outages import FORGOTTEN, Outages
from services.settings.sections import Worker as Pauses
from tests.unit.runtime.loop import Clock, Loop

WAITING = 2_000
OUTAGE = 120.0
FIRST = 100
"""Number of the first document; the one that warms the loop up has another."""


class Away:
    """A store that does not answer; a test says when it does again."""

    def __init__(self, loop: Loop, port: str) -> None:
        self._port = getattr(loop.context.ports, port)
        self._port.ready = lambda: False

    def end(self) -> None:
        """It answers."""
        self._port.ready = lambda: True


def lines(loop: Loop) -> list[tuple[str, dict[str, Any]]]:
    """What an operator reads: the lines above debug."""
    return [(call.args[0], call.kwargs) for call in loop.lines.calls if call.method_name != "debug"]


def work(loop: Loop, seconds: float) -> None:
    """Turn after turn as a process does it, where a turn that finds work takes 10 ms."""
    end = loop.clock.monotonic() + seconds
    while loop.clock.monotonic() < end:
        loop.wait(0.01 if loop.turn_count() else 0.5)


def waiting(count: int = WAITING, **how: Any) -> Loop:
    """A worker before which so many documents lie."""
    loop = Loop(**how).warm()
    loop.lines.calls.clear()
    loop.tell(*((number, 1) for number in range(FIRST, FIRST + count)))
    return loop


def hinder(loop: Loop, count: int = WAITING, code: str = "unavailable") -> None:
    """None of them can be handled."""
    loop.failing = {(number, 1): TryLater(code) for number in range(FIRST, FIRST + count)}


def test_an_outage_is_asked_about_once_and_told_twice() -> None:
    """2,000 wait for two minutes: each tries once, then one for all; it is told as it begins, goes on and ends."""
    loop = waiting()
    hinder(loop)
    work(loop, OUTAGE)
    assert WAITING <= len(loop.seen) <= WAITING + 20
    loop.failing.clear()
    work(loop, 40)
    assert loop.done() == WAITING
    assert [event for event, _ in lines(loop)] == ["outage_began", "outage_goes_on", "outage_ended"]
    facts = lines(loop)[-1][1]
    assert (facts["at"], facts["code"], facts["waiting"]) == ("work", "unavailable", WAITING)
    assert facts["tries"] < WAITING + 20
    assert facts["seconds"] >= OUTAGE


@pytest.mark.parametrize("port", ["blobs", "log"])
def test_while_a_server_that_everything_needs_is_away_nothing_is_tried(port: str) -> None:
    """One delivery finds out; then the server alone is asked, and everything goes on when it answers."""
    loop = waiting()
    hinder(loop)
    away = Away(loop, port)
    work(loop, OUTAGE)
    assert len(loop.seen) == 1
    away.end()
    loop.failing.clear()
    work(loop, 40)
    assert loop.done() == WAITING
    assert [event for event, _ in lines(loop)] == ["outage_began", "outage_goes_on", "outage_ended"]
    assert lines(loop)[0][1]["at"] == port


def test_a_commit_that_fails_is_one_try_of_all() -> None:
    """As an index that refuses to write: what was handled together waits together, and one look asks for all."""
    commits = 0
    away = False

    def commit(_: Context) -> None:
        nonlocal commits
        commits += 1
        if away:
            raise TryLater

    loop = waiting(commit=commit)
    commits, away = 0, True
    work(loop, OUTAGE)
    assert commits <= WAITING / 50 + 20
    away = False
    work(loop, 40)
    assert loop.done() == WAITING
    assert [event for event, _ in lines(loop)] == ["outage_began", "outage_goes_on", "outage_ended"]


def test_what_the_outage_does_not_hinder_goes_on() -> None:
    """Files wait for their reader; mails that need none are read as they come, also behind a thousand files."""
    loop = waiting(1_000)
    hinder(loop, 1_000, "tika_away")
    work(loop, 10)
    loop.tell((7, 1))
    assert (7, 1) in loop.turn(2)


def test_a_document_that_is_hindered_alone_keeps_nobody() -> None:
    """Its own looks fail for ever; who looks is left to chance, so another one soon finds that it is over."""
    loop = waiting(10)
    hinder(loop, 10)
    work(loop, 20)
    loop.failing = {(FIRST, 1): TryLater(), (FIRST + 1, 1): TryLater()}
    work(loop, 120)
    assert loop.done() == 8


def test_two_outages_are_told_apart() -> None:
    """The end of the one is not that of the other."""
    loop = waiting(2)
    loop.failing = {(FIRST, 1): TryLater("tika_away"), (FIRST + 1, 1): TryLater("not_permitted")}
    work(loop, 5)
    del loop.failing[FIRST, 1]
    work(loop, 40)
    told = [(event, facts["code"]) for event, facts in lines(loop) if event != "outage_goes_on"]
    assert told == [
        ("outage_began", "tika_away"),
        ("outage_began", "not_permitted"),
        ("outage_ended", "tika_away"),
    ]


def test_an_outage_is_told_again_in_growing_distances() -> None:
    """An hour is six lines, a day twelve or fewer: whoever reads only the newest lines still learns of it."""
    clock, log = Clock(), CapturingLogger()
    outages = Outages(log, Pauses(), monotonic=clock.monotonic)
    for _ in range(24 * 60):
        outages.hindered("sweeper", "unavailable", fresh=0)
        clock.time += timedelta(minutes=1)
    assert 6 <= len(log.calls) <= 12


def test_an_outage_for_whose_end_nobody_waits_is_closed() -> None:
    """What was hindered here went to another process: the figures do not tell of it for ever."""
    clock, log = Clock(), CapturingLogger()
    outages = Outages(log, Pauses(), monotonic=clock.monotonic)
    outages.hindered("work", "tika_away")
    outages.sweep()
    assert len(list(outages)) == 1
    clock.time += FORGOTTEN * Pauses().longest_pause + timedelta(seconds=1)
    outages.sweep()
    assert list(outages) == []
    assert [call.args[0] for call in log.calls] == ["outage_began", "outage_ended"]
