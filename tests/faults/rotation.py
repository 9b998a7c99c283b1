"""Which faults the build server looks at this time: two of them, and in the end all."""

from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")

TARGETS = 2


def turn_of(faults: Sequence[Thing], number: int) -> list[Thing]:
    """The faults of this turn. They lie far apart, so that they are of different kinds."""
    apart = -(-len(faults) // TARGETS) or 1
    return list(faults[number % apart :: apart])
