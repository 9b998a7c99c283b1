"""Fixtures for every test; nothing is imported from here."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout under test."""
    return Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--screenshots FOLDER`: where the browser's run through the demo keeps its pictures; see `make screenshots`."""
    parser.addoption("--screenshots", type=Path, default=None, help="Folder for the pictures of the clerk's guide.")
