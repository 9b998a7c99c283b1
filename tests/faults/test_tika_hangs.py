"""Tika's forks hang: they take what they are given and say nothing, one of them, or all."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from deploy.servers.tika import FORKS
from tests.faults.conftest import Delivering
from tests.journeys.instance import eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

MAILS = 48


@contextmanager
def _hanging(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):  # Tika's watching process has ended it by then, and started another
                os.kill(pid, signal.SIGCONT)


def _forks(city: Metropolis) -> list[int]:
    """The processes that read for Tika's own, which watches them; any of its threads may have started them."""
    threads = Path(f"/proc/{city.server('tika').pid}/task")
    pids = [int(pid) for told in threads.glob("*/children") for pid in told.read_text(encoding="ascii").split()]
    assert len(pids) == FORKS
    return pids


def test_a_hanging_fork_is_passed_over(city: Metropolis, delivering: Delivering) -> None:
    """Everything is read by the other one, also what the hanging one had in hand; nothing is given up as too slow."""
    post = delivering(MAILS)
    post.gateway.wait_for(post.mails // 3)
    with _hanging(_forks(city)[:1]):
        post.arrives()
    eventually(city.well, 180)


def test_while_all_forks_hang_what_they_had_in_hand_waits(city: Metropolis, delivering: Delivering) -> None:
    """Longer than one file may take: when they go on all is read, and nothing is given up as too slow."""
    post = delivering(MAILS)
    post.gateway.wait_for(post.mails // 3)
    with _hanging(_forks(city)):
        before = city.hindered("extraction")
        eventually(lambda: city.hindered("extraction") > before, 300)
    post.arrives()
    eventually(city.well, 180)
