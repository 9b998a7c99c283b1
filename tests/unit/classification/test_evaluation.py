"""What `make evaluate` counts, and a sample of it: every build sees when classification gets worse."""

import pytest

from tests.evaluation.__main__ import held_back
from tests.evaluation.judging import shipped_plan
from tests.evaluation.measures import Row, calibration_error, coverage, share


def row(sure: float, *, first: bool) -> Row:
    """One judged letter."""
    return Row(position="1", first=first, three=first, office=first, sure=sure, filed=False, milliseconds=1.0)


def test_a_kept_promise_has_no_error() -> None:
    """Of letters promised with 0.75 three in four are right; promised with 0.95, that is off by a fifth."""
    kept = [row(0.75, first=number != 0) for number in range(4)]
    assert calibration_error(kept) == pytest.approx(0.0)
    assert calibration_error([row(0.95, first=number != 0) for number in range(4)]) == pytest.approx(0.2)


def test_coverage_counts_the_surest() -> None:
    """As many letters as can be told with so few mistakes, the surest first."""
    rows = [row(0.9, first=True), row(0.8, first=True), row(0.7, first=False), row(0.6, first=False)]
    assert coverage(rows, 0.95) == pytest.approx(0.5)
    assert coverage(rows, 0.5) == pytest.approx(1.0)
    assert coverage([]) == 0.0


def test_held_back_examples_are_found_as_often_as_before() -> None:
    """A sample of what the project's own letters reach; a chance hit would be one in three hundred."""
    rows = held_back(shipped_plan(), every=6)["held back"]
    assert len(rows) > 100
    assert share(rows, "first") >= 0.27
    assert share(rows, "three") >= 0.40
    sure = [one for one in rows if one.sure >= 0.95]
    assert sum(one.first for one in sure) >= 0.8 * len(sure)
    assert not any(one.filed and not one.first for one in rows)
