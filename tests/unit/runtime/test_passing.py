"""The way past a record that stops a service: named in the log, marked by a person, given up without a look."""

import pytest

from services.core.errors import EventNewer, Rejected
from services.runtime.context.service import Service
from services.runtime.worker.passing import mark
from tests.unit.runtime.loop import SERVICE, Loop, event
from tests.unit.runtime.test_lifecycle import dying, process_of, running, until


class Panic(BaseException):
    """As libraries written in Rust raise it: no Exception."""


def id_of(doc: int, version: int) -> str:
    """The id that the log names."""
    return event(doc, version).id


def test_a_record_that_ends_the_loop_is_passed_over_after_a_restart() -> None:
    """It is named as the one in hand; marked, it is a dead letter and those behind it are worked off."""
    loop = Loop()
    loop.tell((1, 1), (2, 1), (3, 1))
    loop.failing[2, 1] = Panic()
    with pytest.raises(Panic):
        loop.turn()
    [line] = [call for call in loop.lines.calls if call.args == ("stopped_at",)]
    assert line.kwargs == {"event_ids": [id_of(2, 1)], "deliveries": 1}
    loop.start()
    with pytest.raises(Panic):
        loop.turn()
    mark(loop.blobs, "main", service=SERVICE, event_id=id_of(2, 1))
    loop.start()
    loop.turn(3)
    assert loop.seen[-1] == (3, 1)
    assert loop.codes() == ["passed_over"]
    assert loop.done() == 3


def test_a_record_that_is_waited_for_in_vain_is_passed_over_without_a_restart() -> None:
    """At its next try; what waited behind it in its document goes on."""
    loop = Loop().warm()
    loop.tell((1, 1), (1, 2))
    loop.failing[1, 1] = EventNewer()
    assert loop.turn() == [(1, 1)]
    assert loop.later(1) == [(1, 1)]
    mark(loop.blobs, "main", service=SERVICE, event_id=id_of(1, 1))
    loop.later(60)
    loop.later(60)
    assert loop.seen[-1] == (1, 2)
    assert loop.codes() == ["passed_over"]


def test_other_services_do_not_pass_it_over() -> None:
    """A mark is one service's; a word that is no service is refused."""
    loop = Loop()
    mark(loop.blobs, "main", service="indexing", event_id=id_of(1, 1))
    loop.tell((1, 1))
    assert loop.turn() == [(1, 1)]
    with pytest.raises(Rejected):
        mark(loop.blobs, "main", service="nobody", event_id=id_of(1, 1))


def test_a_panic_of_a_library_turns_its_service_red() -> None:
    """What is no Exception ended the thread without a word, and the mail room looked healthy."""
    loop = Loop()
    process = process_of(loop, Service(name="ledger", handle=dying(Panic())))
    with running(process):
        loop.tell((1, 1))
        assert until(lambda: process.red == {"ledger": "loop_died"})
    assert "stopped_at" in loop.told()
    assert loop.done() == 0
