"""What every call of a fake passes: nothing by default, the simulation's scheduler and its faults there."""

from collections.abc import Callable
from typing import Protocol


class Gate(Protocol):
    """Called before and after the effect of every port call; may raise, may let others go first."""

    def before(self, call: str) -> None:
        """The effect has not happened yet."""

    def after(self, call: str) -> None:
        """The effect has happened; whoever raises here hides that from the caller."""


class Open:
    """Lets everything pass."""

    def before(self, call: str) -> None:
        """Pass."""

    def after(self, call: str) -> None:
        """Pass."""


class After:
    """A gate that does something after every effect."""

    def __init__(self, act: Callable[[str], None]) -> None:
        self._act = act

    def before(self, call: str) -> None:
        """Nothing."""

    def after(self, call: str) -> None:
        self._act(call)
