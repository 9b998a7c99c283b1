"""One city for all faults: two copies of every service that can have them, over servers that are ours to kill."""

from collections.abc import Callable, Iterator

import pytest

from services import stack
from tests.faults.post import Post
from tests.faults.rotation import turn_of
from tests.journeys.filing import a_new_file
from tests.journeys.metropolis import Metropolis, metropolis

POSITION = "11.10.02"
MAILS = 24
QUICK = {
    "WORKER__LONGEST_PAUSE": "PT5S",
    "EXTRACTION__TIMEOUT": "PT40S",
}
"""So that what waited is looked at again soon, and what hangs is given up soon."""

UNTURNED = "test_everything_is_killed_in_turn"
"""Takes minutes by itself, so that it has no turn."""

Delivering = Callable[..., Post]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--rotate N` the faults of that turn stay, and nothing else."""
    number: int | None = config.getoption("--rotate")
    if number is not None:
        items[:] = turn_of([item for item in items if _has_turns(item)], number)


def _has_turns(item: pytest.Item) -> bool:
    return item.get_closest_marker("fault") is not None and UNTURNED not in item.name


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metropolis]:
    """The city; each test leaves it well."""
    copies = dict.fromkeys(stack.SERVICES, 2)
    with metropolis(tmp_path_factory.mktemp("city"), copies, QUICK) as met:
        yield met


@pytest.fixture(scope="session")
def file(city: Metropolis) -> str:
    """A file that is there from the beginning, of a position where a procedure takes part."""
    city.register("vorgang", POSITION)
    return a_new_file(city, POSITION)


@pytest.fixture
def delivering(city: Metropolis, file: str) -> Delivering:
    """Begins to deliver so many mails and scans."""
    return lambda mails=MAILS, scans=0: Post(city=city, file=file, mails=mails, scans=scans).start()
