"""One engine, its stand-ins and one installation for all tests; what were stand-ins is printed at the end."""

from collections.abc import Iterator

import pytest

from tests.compose import stand_ins
from tests.compose.engine import Engine
from tests.compose.installation import Installation

_MADE: list[stand_ins.StandIn] = []


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine of our own, with an image for every name that docker-compose.yml and the Dockerfile use."""
    with Engine() as engine:
        _MADE.extend(stand_ins.make(engine))
        yield engine


@pytest.fixture(scope="session")
def installation(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Up, as an operator brings it up, and trusted by what this process asks."""
    made = Installation(engine, tmp_path_factory.mktemp("installation"))
    made.make_secrets()
    made.compose("build")
    made.up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.authority()))
        yield made
    made.compose("down", "--volumes")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was not the upstream image."""
    terminalreporter.section("stand-ins, made here because no image registry is asked")
    for one in _MADE:
        terminalreporter.line(f"{one.image}: {one.made_of}")
