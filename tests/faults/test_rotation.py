"""The turns of the faults on the build server."""

import pytest

from tests.faults.rotation import TARGETS, turn_of


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32])
def test_every_fault_has_its_turn(count: int) -> None:
    """One number after another brings each of them once, two at a time at most, and then they come again."""
    faults = list(range(count))
    numbers = range(1000, 1000 + (count + 1) // TARGETS)
    turns = [turn_of(faults, number) for number in numbers]
    assert sorted(fault for turn in turns for fault in turn) == faults
    assert all(1 <= len(turn) <= TARGETS for turn in turns)
    assert [turn_of(faults, number + len(numbers)) for number in numbers] == turns
