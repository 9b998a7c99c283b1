"""Fixtures for every test; nothing is imported from here."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout under test."""
    return Path(__file__).resolve().parents[1]
