"""What is known of positions that have gone on as others."""

from operator import add

from services.classification.weighing import gone_on
from tests.unit.core.test_plan_in_time import SUCCESSION


def test_letters_of_positions_that_became_one_are_counted_together() -> None:
    """A habit of two positions is one habit of their successor; two signs are no surer than the surer one."""
    assert gone_on({"1": 3, "12": 2, "4": 5, "9": 0}, SUCCESSION, add) == {"12": 5, "4": 5}
    assert gone_on({"1": 0.6, "12": 0.9}, SUCCESSION, max) == {"12": 0.9}
    assert gone_on({"12": 0.9, "1": 0.6}, SUCCESSION, max) == {"12": 0.9}


def test_what_several_share_or_nobody_moved_stays_where_it_is() -> None:
    """Only a person can divide it."""
    assert gone_on({"2": 3, "21": 1}, SUCCESSION, add) == {"2": 3, "21": 1}
    assert gone_on({"4": 3, "5": 0}, SUCCESSION, add) == {"4": 3}
