"""The mail room of a journey, on every stack; one for all journeys of a file."""

from collections.abc import Iterator

import pytest

from tests.journeys.stacks import STACKS, Stack


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.stack)])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running house."""
    with STACKS[request.param](tmp_path_factory.mktemp("house")) as stack:
        stack.house.start()
        yield stack
