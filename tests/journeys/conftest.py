"""The mail room of a journey, on every stack; one for all journeys of a file."""

from collections.abc import Iterator

import pytest

from tests.journeys.stacks import STACKS, Stack


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.stack)])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running mail room."""
    with STACKS[request.param](tmp_path_factory.mktemp("mail-room")) as stack:
        stack.process.start()
        yield stack
