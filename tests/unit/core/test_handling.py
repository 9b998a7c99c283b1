"""The words that an index keeps of a day answer what lies before another one."""

from datetime import date, timedelta

import pytest

from services.core.protocol.working.handling import until, words_of

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("now", [TODAY, date(2026, 1, 1), date(2026, 12, 31), date(2028, 2, 29)])
def test_until_holds_each_day_that_has_come_and_no_other(now: date) -> None:
    """For two years around: a day is found if, and only if, it is not after the day that is asked for."""
    asked = set(until(now))
    for days in range(-366, 367):
        day = now + timedelta(days)
        assert bool(asked & set(words_of(day))) == (day <= now), day
    assert len(asked) < 60
    assert words_of(None) == ()
