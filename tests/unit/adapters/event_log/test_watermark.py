"""A watermark remembers exactly what was finished, in little space."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.event_log.watermark import LIMIT, Watermark

numbers = st.integers(min_value=0, max_value=400)
spans = st.tuples(numbers, st.integers(min_value=0, max_value=5)).map(lambda span: (span[0], span[0] + span[1]))


@given(st.integers(min_value=0, max_value=100), st.lists(st.one_of(numbers.map(lambda n: (n, n)), spans)))
def test_done_is_what_was_finished(low: int, finished: list[tuple[int, int]]) -> None:
    """Done is what lay below the start and what was finished since, in whatever order it came."""
    mark, done = Watermark(low), set(range(low))
    for first, last in finished:
        mark.finish(first, last)
        done |= set(range(first, last + 1))
    assert [n for n in range(500) if mark.is_done(n)] == sorted(done)
    assert mark.low == min(set(range(501)) - done)
    assert all(mark.next_open(n) == min(set(range(n, 501)) - done) for n in range(0, 500, 7))


@given(st.integers(min_value=0, max_value=100), st.lists(numbers), st.integers(min_value=0, max_value=450))
def test_open_up_to_counts_what_is_left(low: int, finished: list[int], more: int) -> None:
    """What lies below an end, at or behind everything finished, and was not finished."""
    mark, end = Watermark(low), max([low, *(number + 1 for number in finished)]) + more
    for number in finished:
        mark.finish(number)
    assert mark.open_up_to(end) == len(set(range(low, end)) - set(finished))


@given(st.integers(min_value=0, max_value=2**62), st.lists(st.integers(min_value=0, max_value=5000)))
def test_decode_gives_back_what_encode_wrote(low: int, finished: list[int]) -> None:
    """Low watermark and ranges survive being written down, and the text is plain ASCII."""
    mark = Watermark(low)
    for number in finished:
        mark.finish(low + number)
    text = mark.encode(limit=10**9)
    again = Watermark.decode(mark.low, text)
    assert text.isascii()
    assert (again.low, again.done_ranges) == (mark.low, mark.done_ranges)


@settings(max_examples=10, deadline=None)
@given(st.integers(), st.integers(min_value=1, max_value=2**40))
def test_while_there_is_context_nothing_is_left_out(seed: int, spread: int) -> None:
    """As long as `service` says yes, one more finish still fits into the limit with nothing left out."""
    mark, chance = Watermark(7), Random(seed)
    for _ in range(1500):
        if not mark.context:
            break
        mark.finish(8 + chance.randrange(spread))
    text = mark.encode()
    assert len(text) <= LIMIT
    assert Watermark.decode(mark.low, text).done_ranges == mark.done_ranges


def test_what_does_not_fit_is_left_out_from_the_top() -> None:
    """A text that would be too long forgets the highest ranges, so that they are repeated and none is lost."""
    mark = Watermark(0)
    for number in range(1, 10_000, 2):
        mark.finish(number)
    assert not mark.context
    kept = Watermark.decode(0, mark.encode()).done_ranges
    assert len(mark.encode()) <= LIMIT
    assert 900 < len(kept) < len(mark.done_ranges)
    assert kept == mark.done_ranges[: len(kept)]


@pytest.mark.parametrize("text", ["1", "1.0", "0.1", "1..1", "1.-1", "1.1.", "ä.1", "1.+2", " 1.1"])
def test_foreign_text_is_refused(text: str) -> None:
    """Text that `encode` cannot have written is no silent guess."""
    with pytest.raises(ValueError, match=r"."):
        Watermark.decode(0, text)
