"""Fixtures for every test; nothing is imported from here."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout under test."""
    return Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where pictures go (see `make screenshots`), and which and how large faults are (see `make faults`)."""
    parser.addoption("--screenshots", type=Path, default=None, help="Folder for the pictures of the clerk's guide.")
    parser.addoption("--rotate", type=int, default=None, help="Two of the faults, others for each number.")
    parser.addoption("--mails", type=int, default=300, help="Mails that come in while everything is killed in turn.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest begins first: the last thing that two processes do is else one of them alone."""
    items.sort(key=lambda item: item.path.name != "test_planted_violations.py")
