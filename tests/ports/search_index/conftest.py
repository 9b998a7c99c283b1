"""An index of each adapter, and how to open it again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.adapters import ADAPTERS, ON_SERVERS

Opening = Callable[[], SearchIndex]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.stack] * (name in ON_SERVERS)) for name in ADAPTERS])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of the adapter under test, whose server is ready."""
    if request.param in ON_SERVERS:
        ON_SERVERS[request.param](tmp_path)
    return str(request.param)


@pytest.fixture
def opening(adapter: str, tmp_path: Path) -> Iterator[Opening]:
    """Opens the index of this test, each time the same one; the one before is closed first."""
    opened: list[SearchIndex] = []

    def again() -> SearchIndex:
        for index in opened:
            index.close()
        opened.append(ADAPTERS[adapter](tmp_path))
        return opened[-1]

    yield again
    for index in opened:
        index.close()


@pytest.fixture
def index(opening: Opening) -> SearchIndex:
    """An empty index."""
    return opening()
