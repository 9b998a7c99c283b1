"""One line a minute for whoever waits for a large run, past the capture of the test's output."""

import sys
import time
from collections.abc import Callable

import pytest

from tests.journeys.instance import eventually


class Progress:
    """Waits, and says how far it is."""

    def __init__(
        self, so_far: Callable[[], str], capfd: pytest.CaptureFixture[str], *, within_s: float, every_s: float
    ) -> None:
        self._so_far, self._capfd, self._within_s, self._every_s = so_far, capfd, within_s, every_s
        self._begun = self._told_at = time.monotonic()

    def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true."""

        def done() -> object:
            self._tell()
            return true()

        eventually(done, self._within_s, every_s=self._every_s)

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= 60:
            self._told_at = now
            with self._capfd.disabled():
                sys.stderr.write(f"{now - self._begun:.0f} s: {self._so_far()}\n")
