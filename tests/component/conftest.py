"""Doors for every test that knocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.mail_intake.door import SmtpDoor
from tests.component.city_hall import CityHall
from tests.component.surroundings import Doors


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    """Both rooms with the default settings, but small limits: mails up to 100 KB, scans up to 300 KB."""
    return Doors(
        tmp_path,
        mail_intake={"max_size": 100_000, "spool_above": 20_000, "byte_budget": 250_000},
        scan_intake={"max_size": 300_000, "byte_budget": 500_000},
    )


@pytest.fixture
def smtp(doors: Doors) -> Iterator[SmtpDoor]:
    """The SMTP door of these doors, open."""
    door = doors.open_smtp()
    yield door
    door.stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Every room of the corridor over real stores, with a small plan."""
    hall = CityHall(tmp_path)
    yield hall
    hall.close()
