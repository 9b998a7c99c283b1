"""What a process tells of itself: that the log is away, that it is dead, whether it is ready, whether it accepts."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from services.cli.installation.run import until_stopped
from services.core.errors import TryLater
from services.runtime.context.service import Service
from services.runtime.process import Process
from tests.component.browser import Browser
from tests.fakes.event_log import MemoryReader
from tests.unit.runtime.app import app_of
from tests.unit.runtime.loop import Loop
from tests.unit.runtime.test_lifecycle import SOON, keeping, process_of, rest, running, until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a second in here."""
    monkeypatch.setattr("services.runtime.process.RETRY", SOON)


def test_a_log_that_is_away_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred reads in vain are one line, and one more when it is back; the figures tell of it meanwhile."""
    loop = Loop()
    tries, away = 0, True

    def read(*_: object, **__: object) -> list[Any]:
        nonlocal tries
        tries += 1
        if away:
            raise TryLater
        return rest()

    monkeypatch.setattr(MemoryReader, "read", read)
    process = process_of(loop, Service(name="ledger", handle=keeping([])))
    browser = Browser(app_of(loop, process))
    with running(process):
        assert until(lambda: tries > 100)
        assert (
            'poststelle_outage_tries{at="reading",code="unavailable",service="ledger"}' in browser.get("/metrics").text
        )
        away = False
        assert until(lambda: "outage_ended" in loop.told())
        assert "poststelle_outage_tries{" not in browser.get("/metrics").text
    events = [call.args[0] for call in loop.lines.calls]
    assert [event for event in events if event.startswith("outage")] == ["outage_began", "outage_ended"]
    assert len(events) < 10


def test_a_process_whose_loop_died_is_dead() -> None:
    """`/health/live` says so, and `poststelle run` ends after a while, so that a supervisor starts a new one."""
    loop = Loop()

    def broken(_: str, __: Sequence[str]) -> Any:
        raise RuntimeError

    cast("Any", loop.log).reader = broken
    process = Process(
        services=(service := Service(name="ledger", handle=keeping([])),),
        contexts={service.name: loop.context},
        configuration=loop.context.configuration,
    )
    browser = Browser(app_of(loop, process))
    with running(process):
        assert until(lambda: process.red == {"ledger": "loop_died"})
        answer = browser.get("/health/live")
        assert (answer.status_code, answer.json()) == (503, {"status": "dead", "red": {"ledger": "loop_died"}})
        assert until_stopped(threading.Event(), lambda: process.lives, linger=SOON) is False


def test_a_stop_comes_before_the_end_of_a_dead_process() -> None:
    """Whoever stops it meanwhile gets the exit code of an orderly stop."""
    stop = threading.Event()
    threading.Timer(0.7, stop.set).start()
    assert until_stopped(stop, lambda: False, linger=timedelta(seconds=30)) is True


@pytest.mark.parametrize(("service", "status"), [("scan_intake", 200), ("ledger", 503)])
def test_an_intake_is_ready_as_long_as_it_accepts(service: str, status: int) -> None:
    """With the log away post is taken, so no balancer may turn it away; a service that reads the log is not ready."""
    loop = Loop()
    cast("Any", loop.log).ready = lambda: False
    process = process_of(loop, Service(name=service, intake=service == "scan_intake"))
    browser = Browser(app_of(loop, process))
    answer = browser.get("/health/ready")
    assert (answer.status_code, answer.json()["ports"]["log"]) == (status, False)
    assert browser.get("/health/accepts").status_code == 200
    cast("Any", loop.blobs).ready = lambda: False
    assert browser.get("/health/ready").status_code == 503
    assert browser.get("/health/accepts").status_code == 503
