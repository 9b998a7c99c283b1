"""Whose turn it is: one at a time, in order, and nobody is kept by who only waits."""

import threading
import time
from collections.abc import Callable

import pytest

from services.runtime.context.fair_semaphore import BUSY, PROBATION, FairSemaphore

SOON = 60.0


def spawn(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Visitor:
    """A thread that wants in, and stays until it is told to leave."""

    def __init__(self, semaphore: FairSemaphore, act: Callable[[], None] = lambda: None) -> None:
        self.inside, self.may_leave = threading.Event(), threading.Event()
        self._semaphore, self._act = semaphore, act
        self.thread = spawn(self._visit)

    def _visit(self) -> None:
        with self._semaphore.entered():
            self._act()
            self.inside.set()
            assert self.may_leave.wait(SOON)

    def leave(self) -> None:
        self.may_leave.set()
        self.thread.join(SOON)


def test_who_waited_longest_goes_in_next() -> None:
    """With one place, threads work one after another in the order in which they came."""
    semaphore = FairSemaphore(1, patience=SOON)
    first = Visitor(semaphore)
    assert first.inside.wait(SOON)
    waiting = []
    for number in range(3):
        waiting.append(Visitor(semaphore))
        until(lambda number=number: len(semaphore._waiting) == number + 1)  # type: ignore[misc]  # bound early on purpose
    first.leave()
    for visitor in waiting:
        assert visitor.inside.wait(SOON)
        assert [other.inside.is_set() for other in waiting].count(True) == waiting.index(visitor) + 1
        visitor.leave()
    assert semaphore._places == 1


def test_as_many_work_as_there_are_places() -> None:
    """Two places let two work and keep the third waiting."""
    semaphore = FairSemaphore(2, patience=SOON)
    visitors = [Visitor(semaphore) for _ in range(3)]
    until(lambda: len(semaphore._waiting) == 1)
    assert sum(visitor.inside.is_set() for visitor in visitors) == 2
    for visitor in visitors:
        visitor.may_leave.set()
    for visitor in visitors:
        visitor.thread.join(SOON)
        assert visitor.inside.is_set()


def test_without_a_limit_nobody_waits() -> None:
    """Processes of a city have no semaphore."""
    semaphore = FairSemaphore()
    visitors = [Visitor(semaphore) for _ in range(8)]
    for visitor in visitors:
        assert visitor.inside.wait(SOON)
    for visitor in visitors:
        visitor.leave()


def test_who_steps_aside_lets_the_next_in_and_stands_in_line_again() -> None:
    """Waiting for Tika keeps nobody from working."""
    semaphore = FairSemaphore(1, patience=SOON)
    stood_aside, go_on = threading.Event(), threading.Event()

    def wait_for_somebody() -> None:
        with semaphore.aside():
            stood_aside.set()
            assert go_on.wait(SOON)

    first = Visitor(semaphore, wait_for_somebody)
    assert stood_aside.wait(SOON)
    second = Visitor(semaphore)
    assert second.inside.wait(SOON)
    go_on.set()
    until(lambda: len(semaphore._waiting) == 1)
    assert not first.inside.is_set()
    second.leave()
    assert first.inside.wait(SOON)
    first.leave()
    assert semaphore._places == 1


def test_aside_outside_of_any_turn_changes_nothing() -> None:
    """A handler may be called by a listener or a test, which hold no place."""
    semaphore = FairSemaphore(1)
    with semaphore.aside():
        pass
    assert semaphore._places == 1


def test_who_loses_patience_goes_in_without_a_place() -> None:
    """A service that hangs holds up the others for a moment only."""
    semaphore = FairSemaphore(1, patience=0.01)
    first = Visitor(semaphore)
    assert first.inside.wait(SOON)
    second = Visitor(semaphore)
    assert second.inside.wait(SOON)
    second.leave()
    assert semaphore._places == 0, "what it never had it cannot give back"
    first.leave()
    assert semaphore._places == 1


@pytest.mark.parametrize(("computed", "keeps"), [(BUSY / 2, False), (BUSY * 2, True)])
def test_who_mostly_waits_gives_its_place_up(computed: float, *, keeps: bool) -> None:
    """On a slow disk services wait side by side; who computes stays alone."""
    watch = [0.0, 0.0]
    semaphore = FairSemaphore(1, patience=SOON, watch=lambda: (watch[0], watch[1]))

    def work() -> None:
        until(lambda: len(semaphore._waiting) == 1)
        watch[:] = [2 * PROBATION, computed * 2 * PROBATION]
        semaphore.let_pass()

    first = Visitor(semaphore, work)
    until(lambda: semaphore._places == 0)
    second = Visitor(semaphore)
    assert (first if keeps else second).inside.wait(SOON)
    assert not keeps or not second.inside.is_set()
    first.leave()
    assert second.inside.wait(SOON)
    second.leave()
    assert semaphore._places == 1


def test_in_the_beginning_nobody_is_judged() -> None:
    """One slow sync does not yet make a slow disk."""
    watch = [0.0, 0.0]
    semaphore = FairSemaphore(1, patience=SOON, watch=lambda: (watch[0], watch[1]))

    def begin() -> None:
        until(lambda: len(semaphore._waiting) == 1)
        watch[0] = PROBATION
        semaphore.let_pass()

    first = Visitor(semaphore, begin)
    until(lambda: semaphore._places == 0)
    second = Visitor(semaphore)
    assert first.inside.wait(SOON)
    assert not second.inside.is_set()
    first.leave()
    second.leave()


def test_a_failure_inside_gives_the_place_back() -> None:
    """A service that breaks does not stop the mail room."""
    semaphore = FairSemaphore(1)
    with pytest.raises(RuntimeError), semaphore.entered():
        raise RuntimeError
    assert semaphore._places == 1
