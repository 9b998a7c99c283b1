"""The log under test, one adapter after another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports.event_log.logs import LOGS, Logs, MakeLogs


@pytest.fixture(params=LOGS)
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Logs]:
    """Empty, or shared with tests whose keys and groups are others."""
    make: MakeLogs = request.param
    logs = make(tmp_path)
    yield logs
    logs.close()
