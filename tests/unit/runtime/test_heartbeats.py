"""Processes of a city tell of themselves: whoever asks one hears of all, also of those that died."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.core.errors import TryLater
from services.core.keys import Bucket
from services.runtime.context.service import Context, Finding, Service
from services.runtime.operations.check_others import checks_of_others
from services.runtime.operations.heartbeat import FORGOTTEN, SILENT
from services.runtime.operations.heartbeats import Heart, clear, everyone, ports_of_all, red_of_all
from services.runtime.process import LOOP_DIED, Process
from tests.unit.runtime.loop import Loop


def process_of(loop: Loop, name: str, *services: Service) -> Process:
    """One process of the city that shares this store."""
    contexts = {service.name: replace(loop.context, service=service.name) for service in services}
    configuration = loop.context.configuration
    return Process(
        services=services, contexts=contexts, configuration=configuration, needs=frozenset(), name=f"{name}:1"
    )


def a_city(loop: Loop, **procedures: Any) -> tuple[Process, Process, Heart]:
    """A process that is asked, and one of which it only hears."""
    asked = process_of(loop, "host-a", Service(name="filing"))
    other = process_of(loop, "host-b", Service(name="procedures", **procedures))
    heart = Heart(other)
    heart.beat()
    return asked, other, heart


def told(loop: Loop, asked: Process) -> dict[str, tuple[bool, str]]:
    """What `poststelle check` says of the others."""
    return {check.name: (check.good, check.text) for check in checks_of_others(asked)}


def test_a_process_is_told_of_by_every_other_one() -> None:
    """Ready, and how long ago it said so."""
    loop = Loop()
    asked, _, _ = a_city(loop)
    assert told(loop, asked) == {"procedures at host-b:1": (True, "ready; told 0 s ago")}


def test_a_loop_that_died_elsewhere_is_told() -> None:
    """The check is red, and so is the status page, though the process that is asked is well."""
    loop = Loop()
    asked, other, heart = a_city(loop)
    other.red["procedures"] = LOOP_DIED
    heart.beat()
    assert told(loop, asked) == {"procedures at host-b:1": (False, "procedures stopped (loop_died); told 0 s ago")}
    assert red_of_all(everyone(asked), loop.clock.now()) == {"procedures": LOOP_DIED}


def test_a_port_that_is_away_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that one process does not reach is not ready, though the one that is asked reaches it."""
    loop = Loop()
    asked, _, heart = a_city(loop)
    monkeypatch.setattr(loop.log, "ready", lambda: False)
    heart.beat()
    monkeypatch.undo()
    assert told(loop, asked) == {"procedures at host-b:1": (False, "log not ready; told 0 s ago")}
    assert ports_of_all(everyone(asked), loop.clock.now()) == {"log": False, "blobs": True}


def test_a_process_that_died_falls_silent() -> None:
    """Nobody takes its last word for true for longer than a minute."""
    loop = Loop()
    asked, _, _ = a_city(loop)
    loop.wait(SILENT.total_seconds() + 1)
    name, (good, text) = next(iter(told(loop, asked).items()))
    assert (name, good) == ("procedures at host-b:1", False)
    assert text.startswith("silent since 2026-11-23 08:00:00 UTC; its work waits")
    assert red_of_all(everyone(asked), loop.clock.now()) == {"procedures": "silent"}


def test_a_process_that_was_replaced_is_forgotten() -> None:
    """For a while it is told of beside the one that does its work; then it is cleared away."""
    loop = Loop()
    asked, _, _ = a_city(loop)
    loop.wait(SILENT.total_seconds() + 1)
    successor = Heart(process_of(loop, "host-c", Service(name="procedures")))
    successor.beat()
    assert told(loop, asked)["procedures at host-b:1"][1].endswith("another process does its work")
    assert red_of_all(everyone(asked), loop.clock.now()) == {}
    loop.wait(FORGOTTEN.total_seconds())
    successor.beat()
    assert list(told(loop, asked)) == ["procedures at host-c:1"]
    clear(asked)
    assert len(stored(loop)) == 1


def test_a_process_that_nobody_replaces_is_told_of_for_good() -> None:
    """Days later, too: its work still waits."""
    loop = Loop()
    asked, _, _ = a_city(loop)
    loop.wait(timedelta(days=3).total_seconds())
    clear(asked)
    assert list(told(loop, asked)) == ["procedures at host-b:1"]


def test_an_orderly_stop_is_no_death() -> None:
    """Who stops takes its word away; whoever lives keeps one object in the store, however long."""
    loop = Loop()
    asked, _, heart = a_city(loop)
    for _ in range(10):
        heart.beat()
    assert len(stored(loop)) == 1
    heart.stop()
    assert stored(loop) == []
    assert told(loop, asked) == {}


def test_what_only_one_process_can_find_out_is_told_by_it() -> None:
    """Such as a hot folder: its condition is an item of the check, wherever that is asked."""
    loop = Loop()

    def condition(_: Context) -> Finding:
        return False, "the share is away", "Mount it."

    asked, _, _ = a_city(loop, condition=condition)
    assert told(loop, asked)["procedures"] == (False, "the share is away")


def test_while_the_store_is_away_a_process_tells_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there when it is needed most."""
    loop = Loop()
    asked, _, _ = a_city(loop)

    def away(*_: object) -> None:
        raise TryLater

    monkeypatch.setattr(loop.blobs, "keys", away)
    assert [one.process for one in everyone(asked)] == ["host-a:1"]


def test_a_word_that_nobody_understands_is_passed_over() -> None:
    """A later version of the program may tell in another way; no question ends in a fault for it."""
    loop = Loop()
    asked, _, _ = a_city(loop)
    loop.blobs.create(Bucket.RECORDS, "main/heartbeats/ocr/0123/1.json", b'{"schema":"heartbeat:9"}')
    assert list(told(loop, asked)) == ["procedures at host-b:1"]


def stored(loop: Loop) -> list[str]:
    """The objects of all lives."""
    return list(loop.blobs.keys(Bucket.RECORDS, "main/heartbeats/"))
