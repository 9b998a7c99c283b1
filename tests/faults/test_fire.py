"""A day on which everything dies: each process and each server in turn, while mails come in all the time."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

import pytest

from deploy.servers import OpenSearch
from tests.faults.post import Post
from tests.journeys.agreement import agree
from tests.journeys.instance import eventually
from tests.journeys.metropolis import Metropolis

pytestmark = pytest.mark.fault

SEED = 20261126
MANY = 1000
"""From so many mails on everything dies twice."""
PER_MAIL_S = 0.5
"""What acknowledging may take, on a machine that has other work."""
WITHIN_S = 180.0


@dataclass(frozen=True)
class Victim:
    """What is killed, and how it comes back."""

    name: str
    kill: Callable[[], None]
    revive: Callable[[], None]
    ready: Callable[[], bool]


@dataclass
class Recovery:
    """Seconds from a kill until it was ready again, until the next mail was acknowledged, and the next one indexed."""

    name: str
    seconds: dict[str, float] = field(default_factory=dict)

    def shown(self, sign: str) -> str:
        """As the table has it; nothing where there was nothing to wait for."""
        return f"{self.seconds[sign]:.1f}" if sign in self.seconds else ""


def test_everything_is_killed_in_turn(
    city: Metropolis, file: str, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every acknowledged receipt's document is there once, and everything that tells of it agrees."""
    mails: int = pytestconfig.getoption("--mails")
    victims = [victim for _ in range(1 + (mails >= MANY)) for victim in _shuffled(city)]
    posts, recoveries = [], []
    for number, victim in enumerate(victims):
        share = len(range(number, mails, len(victims)))
        posts.append(Post(city=city, file=file, mails=share, patience_s=WITHIN_S + mails * PER_MAIL_S).start())
        posts[-1].gateway.wait_for(share // 3)
        recoveries.append(_strike(city, victim, posts))
    receipts = [receipt for post in posts for receipt in post.gateway.finish().values()]
    began = time.monotonic()
    agree(city.books, receipts, within_s=WITHIN_S + mails * PER_MAIL_S)
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line(_table(recoveries, len(receipts), time.monotonic() - began))
    assert len(receipts) == mails
    for post in posts:
        post.is_found()
    eventually(city.well, WITHIN_S)


def _shuffled(city: Metropolis) -> list[Victim]:
    """All processes and all servers, the same order in each run."""
    victims = [
        *(Victim(process.name, process.kill, city.city.tend, process.ready) for process in city.city.processes),
        *(Victim(server.name, server.kill, server.restart, server.answers) for server in city.city.servers),
    ]
    return random.Random(SEED).sample(sorted(victims, key=lambda victim: victim.name), len(victims))


def _strike(city: Metropolis, victim: Victim, posts: list[Post]) -> Recovery:
    """Kill, start again, and look on until it works; where no mail is left to wait for, it is not waited for."""
    accepted, indexed = _accepted(posts), _indexed(city)
    recovery = Recovery(victim.name)
    signs: dict[str, Callable[[], bool]] = {"indexed": lambda: _indexed(city) > indexed, "ready": victim.ready}
    if accepted < sum(post.mails for post in posts):
        signs["accepted"] = lambda: _accepted(posts) > accepted
    victim.kill()
    struck = time.monotonic()
    reviving = threading.Thread(target=victim.revive)
    reviving.start()

    def recovered() -> bool:
        for sign, seen in signs.items():
            if sign not in recovery.seconds and seen():
                recovery.seconds[sign] = time.monotonic() - struck
        return len(recovery.seconds) == len(signs)

    eventually(recovered, WITHIN_S)
    reviving.join()
    return recovery


def _accepted(posts: list[Post]) -> int:
    return sum(len(post.gateway.receipts) for post in posts)


def _indexed(city: Metropolis) -> int:
    """How many documents the index holds, asked past the city; 0 while nobody answers."""
    try:
        count: int = city.city.server(OpenSearch).ask("POST", "/documents-*/_count").get("count", 0)
    except (OSError, HTTPException, ValueError):
        return 0
    return count


def _table(recoveries: list[Recovery], receipts: int, settled_s: float) -> str:
    lines = [
        f"{recovery.name:<18}" + "".join(f"{recovery.shown(sign):>12}" for sign in ("ready", "accepted", "indexed"))
        for recovery in recoveries
    ]
    head = f"\n{'killed':<18}{'ready, s':>12}{'next mail':>12}{'next entry':>12}"
    foot = f"{receipts} receipts, {len(recoveries)} kills; all agreed {settled_s:.0f} s after the last mail"
    return "\n".join([head, *lines, foot])
