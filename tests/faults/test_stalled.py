"""Processes that hang, are slow, or wake up when others have long done their work."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from deploy.cluster.service_process import ServiceProcess
from tests.faults.conftest import Delivering
from tests.journeys.agreement import agree
from tests.journeys.instance import eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

WRITERS = ("extraction", "classification", "filing", "indexing")
MAILS = 48
AWAKE_S, ASLEEP_S = 0.05, 0.45


@pytest.mark.parametrize("service", WRITERS)
def test_a_stalled_writer_that_wakes_up_does_no_harm(city: Metropolis, delivering: Delivering, service: str) -> None:
    """Stopped in the middle of its work, a copy loses it to the other; when it goes on, nothing is there twice."""
    post = delivering(MAILS)
    stalled, _ = city.processes(service)
    post.gateway.wait_for(post.mails // 3)
    with _asleep(stalled):
        agree(city.books, post.gateway.finish().values())
        before = city.stored("documents")
    eventually(stalled.ready, 180)
    delivering().arrives()  # what it had in hand when it woke up lies behind it when this has gone through both
    post.arrives()
    known = {_document(key) for key in before}
    assert [key for key in city.stored("documents") if _document(key) in known] == before


def _document(key: str) -> str:
    return key.split("/")[2]


@contextmanager
def _asleep(process: ServiceProcess) -> Iterator[None]:
    process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send(signal.SIGCONT)


def test_a_slow_consumer_holds_up_nobody_else(city: Metropolis, delivering: Delivering) -> None:
    """While indexing gets a tenth of the time, post is accepted, read and filed; the index follows in the end."""
    with _slowed(city.processes("indexing")):
        post = delivering(MAILS)
        receipts = set(post.gateway.finish().values())
        eventually(lambda: receipts <= city.settled(), 180)
    post.arrives()


@contextmanager
def _slowed(processes: Sequence[ServiceProcess]) -> Iterator[None]:
    """They sleep most of the time, in short pieces."""
    over = threading.Event()

    def doze() -> None:
        while not over.is_set():
            for number, seconds in ((signal.SIGSTOP, ASLEEP_S), (signal.SIGCONT, AWAKE_S)):
                for process in processes:
                    process.send(number)
                time.sleep(seconds)

    thread = threading.Thread(target=doze, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
