"""Lists are ordered, and pages of them have no doubles and no gaps."""

import base64
from datetime import timedelta

import pytest

from services.core.errors import Rejected
from services.core.ports.entries import Filters, Query, Sort, Term
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, START, a_query, an_entry, committed, letters, numbers


def _pages(index: SearchIndex, query: Query, meanwhile: int = 0) -> list[list[int]]:
    """All pages; before each but the first, so many new documents come in."""
    pages, cursor, fresh = [], "", 10_000
    while True:
        asked = Query(groups=query.groups, filters=query.filters, sort=query.sort, limit=query.limit, cursor=cursor)
        hits = index.search(asked, CLERK)
        pages.append(numbers(hits))
        if not hits.next:
            return pages
        cursor = hits.next
        if meanwhile:
            committed(index, *(an_entry(fresh + each, body="Zaun") for each in range(meanwhile)))
            fresh += meanwhile


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("words", [(), ("Zaun",)])
@pytest.mark.parametrize("same_time", [False, True])
def test_pages_hold_every_hit_once(index: SearchIndex, sort: Sort, words: tuple[str, ...], *, same_time: bool) -> None:
    """250 hits come in pages of 40, each once, also when all have the same score and time of arrival."""
    when = {"received_at": START} if same_time else {}
    for number in range(1, 251):
        index.write([an_entry(number, body="Der Zaun", **when)])
        if number % 60 == 0:
            index.commit()
    index.commit()
    pages = _pages(index, a_query(*words, sort=sort, limit=40))
    assert [len(page) for page in pages] == [40] * 6 + [10]
    assert sorted(number for page in pages for number in page) == list(range(1, 251))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_hold_every_hit_once_while_others_come_in(index: SearchIndex, sort: Sort) -> None:
    """What was there at the first page is shown once, whatever is written meanwhile."""
    committed(index, *(an_entry(number, body="Der Zaun " + "und " * (number % 5)) for number in range(1, 101)))
    pages = _pages(index, a_query("Zaun", sort=sort, limit=30), meanwhile=3)
    shown = [number for page in pages for number in page if number < 10_000]
    assert sorted(shown) == list(range(1, 101))


def test_lists_by_time_are_in_order(index: SearchIndex) -> None:
    """Newest and oldest first by arrival; what has no time of arrival counts as oldest."""
    order = [3, 1, 5, 2, 4]
    entries = [an_entry(number, received_at=START + timedelta(days=place)) for place, number in enumerate(order)]
    committed(index, *entries, an_entry(9, received_at=None))
    assert numbers(index.search(Query(sort="oldest"), CLERK)) == [9, *order]
    assert numbers(index.search(Query(sort="newest"), CLERK)) == [*reversed(order), 9]
    assert numbers(index.search(Query(sort="relevance"), CLERK)) == [*reversed(order), 9]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_the_total_is_that_of_the_whole_list_on_every_page(index: SearchIndex, sort: Sort) -> None:
    """The total counts all hits, not the rest."""
    committed(index, *(an_entry(number, body="Zaun") for number in range(1, 8)), an_entry(8, body="Mauer"))
    first = index.search(a_query("Zaun", sort=sort, limit=3), CLERK)
    second = index.search(a_query("Zaun", sort=sort, limit=3, cursor=first.next), CLERK)
    assert [first.total, second.total] == [7, 7]
    assert not set(numbers(first)) & set(numbers(second))


@pytest.mark.parametrize(
    "cursor",
    ["x", "*", "ä", "\x00", "A" * 10_000, base64.urlsafe_b64encode(b"\xc0").decode(), "lAAAAAAA"],
)
def test_a_malformed_cursor_is_refused(index: SearchIndex, cursor: str) -> None:
    """A cursor that was never given out is a bad query."""
    with pytest.raises(Rejected, match="bad_query"):
        index.search(Query(cursor=cursor), CLERK)


def test_a_cursor_fits_only_the_query_it_was_given_for(index: SearchIndex) -> None:
    """A cursor under another query is a bad query."""
    committed(index, *letters(5))
    cursor = index.search(Query(limit=2), CLERK).next
    for other in (Query(cursor=cursor, sort="oldest"), Query(cursor=cursor, filters=Filters(states=("held",)))):
        with pytest.raises(Rejected, match="bad_query"):
            index.search(other, CLERK)
    with pytest.raises(Rejected, match="bad_query"):
        index.search(Query(cursor=cursor, groups=((Term(text="Zaun"),),)), CLERK)
