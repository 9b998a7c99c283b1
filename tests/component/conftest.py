"""Listeners for every test that knocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.mail_intake.listener import SmtpListener
from tests.component.city_hall import CityHall
from tests.component.surroundings import Intakes, Shifted


@pytest.fixture
def intakes(tmp_path: Path) -> Intakes:
    """Both services with the default settings, but small limits: mails up to 100 KB, scans up to 300 KB."""
    return Intakes(
        tmp_path,
        mail_intake={"max_size": 100_000, "spool_above": 20_000, "byte_budget": 250_000},
        scan_intake={"max_size": 300_000, "byte_budget": 500_000},
    )


@pytest.fixture
def smtp(intakes: Intakes) -> Iterator[SmtpListener]:
    """The SMTP listener of these listeners, open."""
    listener = intakes.open_smtp()
    yield listener
    listener.stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Every service of the pipeline over real stores, with a small plan."""
    hall = CityHall(tmp_path)
    yield hall
    hall.close()


@pytest.fixture
def clock(hall: CityHall) -> Shifted:
    """The hall's clock from now on."""
    made = Shifted()
    for ports in (hall.ports, *(context.ports for context in hall.contexts.values())):
        object.__setattr__(ports, "clock", made)
    return made
