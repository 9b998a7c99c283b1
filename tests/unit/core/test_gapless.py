"""The end of a row without gaps, with few looks, and once more with two."""

from hypothesis import given
from hypothesis import strategies as st

from services.core.gapless import ROWS_KNOWN, Rows, last_of_gapless


class _Row:
    """A row whose end moves, and how often it was asked."""

    def __init__(self, end: int) -> None:
        self.end, self.asked = end, 0

    def __call__(self, number: int) -> bool:
        self.asked += 1
        return number <= self.end


@given(last=st.integers(0, 5000), known=st.integers(0, 6000))
def test_the_end_is_found_with_few_looks_whatever_is_remembered(last: int, known: int) -> None:
    """Without asking for each; what is remembered may be wrong in either direction."""
    row = _Row(last)
    assert last_of_gapless(row, known) == last
    assert row.asked <= 2 * last.bit_length() + 3


def test_the_next_look_begins_at_the_last_end() -> None:
    """Two looks where nothing came, a few where something came, and all of them where the store was given back."""
    row, rows = _Row(3000), Rows()
    assert [rows.last("a", row), _again(rows, row, 3000), _again(rows, row, 3001)] == [3000, (3000, 2), (3001, 4)]
    assert _again(rows, row, 7)[0] == 7


def test_rows_are_told_apart_and_not_remembered_for_ever() -> None:
    """Each has its own end; beyond a number of them all are searched anew."""
    rows, first = Rows(), _Row(40)
    rows.last("first", first)
    for number in range(ROWS_KNOWN):
        assert rows.last(str(number), _Row(number % 3)) == number % 3
    assert _again(rows, first, 40, "first") > (40, 2)


def _again(rows: Rows, row: _Row, end: int, name: str = "a") -> tuple[int, int]:
    row.end, row.asked = end, 0
    return rows.last(name, row), row.asked
