"""An index of each adapter, and how to open it again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.core.ports import SearchIndex
from tests.ports.search_index.adapters import ADAPTERS

Opening = Callable[[], SearchIndex]


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    """The name of the adapter under test."""
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
