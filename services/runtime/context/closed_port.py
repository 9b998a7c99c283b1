"""A port that is not open in this process, because none of its services needs it: other processes have it."""

from typing import Any


class ClosedPort:
    """Stands in the place of the port; whoever asks it for anything should have declared the need."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, asked: str) -> Any:
        raise RuntimeError(
            f"the port {self._name} is not open in this process: no service here declares that it needs it"
        )

    def close(self) -> None:
        """There is nothing to let go of."""
