"""Marks before work that a process may die of."""

from datetime import datetime
from typing import Any, cast

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.runtime.worker.attempts import Attempts
from services.runtime.worker.loop import Broken
from tests.fakes.blob_store import MemoryBlobStore
from tests.unit.runtime.loop import NO_TIME, SERVICE, Loop


class Killed(BaseException):
    """The process died here: nothing of ours catches it."""


def marks(loop: Loop) -> list[str]:
    """The marks that lie in the store."""
    return list(loop.blobs.keys(Bucket.RECORDS, f"main/attempts/{SERVICE}/"))


def test_three_starts_that_die_of_one_delivery_give_it_up() -> None:
    """The fourth start buries it without touching it, and goes on with what lies behind."""
    loop = Loop()
    loop.failing[1, 1] = Killed()
    loop.tell((1, 1), (2, 1))
    for dead in range(1, 4):
        with pytest.raises(Killed):
            loop.start().turn(NO_TIME)
        assert len(marks(loop)) == dead
    loop.start()
    assert loop.turn() == [(2, 1)]
    assert loop.codes() == ["attempts_exhausted"]
    assert marks(loop) == []
    assert loop.done() == 2


def test_marks_go_after_success() -> None:
    """What came back is not held against the next start."""
    loop = Loop()
    loop.tell((1, 1))
    assert loop.turn() == [(1, 1)]
    assert marks(loop) == []


def test_marks_go_when_the_world_was_at_fault() -> None:
    """A server that is away kills nobody: ten tries of that kind are no attempts."""
    loop = Loop(attempts=3)
    loop.failing[1, 1] = TryLater()
    loop.tell((1, 1))
    for _ in range(10):
        loop.start()
        loop.later(60)
        assert marks(loop) == []
    assert loop.codes() == []


def test_a_kill_while_waiting_for_the_log_is_no_attempt() -> None:
    """The document was handled: whoever dies then was killed, and it was not this document that did it."""
    loop = Loop(attempts=3)
    loop.tell((1, 1))
    for _ in range(5):
        reader = loop.start()._reader
        cast("Any", reader).ack = die
        with pytest.raises(Killed):
            loop.worker.turn(NO_TIME)
        assert marks(loop) == []
    loop.start()
    assert loop.turn() == [(1, 1)]
    assert loop.codes() == []


def die(*_: object) -> None:
    """The process is killed here."""
    raise Killed


def test_marks_go_when_the_worker_breaks() -> None:
    """The last letter before the breaker was acknowledged: nothing of it stays in the store."""
    loop = Loop(breaker=1)
    loop.failing[1, 1] = ValueError()
    loop.tell((1, 1))
    with pytest.raises(Broken):
        loop.turn()
    assert marks(loop) == []


def test_batches_after_the_first_are_not_marked() -> None:
    """Marks cost two writes each: only what a start finds waiting is suspicious."""
    loop = Loop().warm()
    seen: list[list[str]] = []

    def look() -> datetime:
        seen.append(marks(loop))
        return loop.clock.time

    cast("Any", loop.context.ports.clock).now = look
    loop.failing[1, 1] = ValueError()
    loop.tell((1, 1))
    loop.turn()
    assert seen
    assert not any(seen)


def test_delivery_that_cannot_be_marked_is_put_back() -> None:
    """With the store away nothing is begun that a process might die of; later ones of its key wait too."""
    loop = Loop()
    create = loop.blobs.create
    cast("Any", loop.blobs).create = refuse
    loop.tell((1, 1), (1, 2))
    assert loop.turn() == []
    cast("Any", loop.blobs).create = create
    assert loop.later(60) == [(1, 1), (1, 2)]


def test_commit_that_fails_after_a_start_keeps_the_order_of_a_key() -> None:
    """One by one too: what could not be committed comes before what follows it."""
    away = [True]

    def commit(_: object) -> None:
        if away:
            away.pop()
            raise TryLater("index_away")

    loop = Loop(commit=commit)
    loop.tell((1, 1), (1, 2), (2, 1))
    assert loop.turn() == [(1, 1), (2, 1)]
    assert loop.later(60) == [(1, 1), (1, 2)]
    assert loop.done() == 3


def test_marks_stay_when_the_store_goes_away() -> None:
    """Removing them is worth no failure."""
    blobs = MemoryBlobStore()
    attempts = Attempts(blobs, tenant="main", service=SERVICE, limit=2)
    assert attempts.begin("e")
    cast("Any", blobs).delete = refuse
    attempts.over()
    assert list(blobs.keys(Bucket.RECORDS, keys.attempts("main", SERVICE, "e")))
    assert attempts.begin("e")
    assert not attempts.begin("e")


def refuse(*_: object) -> bool:
    """The store is away."""
    raise TryLater("store_away")
