"""Fixtures for every test; nothing is imported from here."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from deploy.servers import server
from services.runtime.access.proofs import passwords

ID_CHARACTERS = 80
"""A line of a terminal: whoever reads the report does not want a query of 100 kB in it."""


gc.set_threshold(50_000, 5, 5)
"""So many objects are made before Python looks for rings of unused ones. Its own 700 cost a tenth of the processor's
time of a run; with larger steps behind it, the apps of sixty tests would wait in memory until they are found."""


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout under test."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def own_ports(worker_id: str) -> None:
    """Each process of a parallel run draws from ports of its own: one that is free is taken only a moment later."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    server.PORTS = server.PORTS[number % 4 :: 4]


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashing that costs next to nothing in the process of the tests: a quarter of a second each at full price."""
    real, passwords.HASHER = passwords.HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.prepare.cache_clear()
    yield
    passwords.HASHER = real


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where pictures go (see `make screenshots`), and which and how large faults are (see `make faults`)."""
    parser.addoption("--screenshots", type=Path, default=None, help="Folder for the pictures of the clerk's guide.")
    parser.addoption("--rotate", type=int, default=None, help="Two of the faults, others for each number.")
    parser.addoption("--mails", type=int, default=300, help="Mails that come in while everything is killed in turn.")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: a zip holds the second of its making, and workers must agree on it."""
    if isinstance(val, bytes):
        return argname
    return (
        val[:ID_CHARACTERS].encode("unicode_escape").decode()
        if isinstance(val, str) and len(val) > ID_CHARACTERS
        else None
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest begins first: the last thing that two processes do is else one of them alone."""
    items.sort(key=lambda item: item.path.name != "test_planted_violations.py")
