"""Whoever may not see a document sees no hit, no count and no snippet of it."""

from datetime import timedelta

import pytest

from services.core.ports.entries import Filters, Query, Sort, Term, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import (
    CLERK,
    MAIL_ROOM,
    START,
    STRANGER,
    a_query,
    a_tombstone,
    an_entry,
    asking,
    committed,
    numbers,
)

_QUERIES = [
    Query(),
    a_query("Zaun"),
    a_query("Zaun", field="title"),
    asking(Term(text="za", prefix=True)),
    asking(Term(text="der Zaun", phrase=True)),
    asking(Term(text="Haus", negated=True)),
    Query(groups=((Term(text="Haus", negated=True), Term(text="Zaun")),)),
    Query(filters=Filters(offices=("bauamt",))),
    Query(filters=Filters(documents=(an_entry().document,))),
    Query(filters=Filters(received_from=START, received_before=START + timedelta(days=1))),
    a_query("17-2026", field="file"),
    a_query("52", field="position"),
]
_SECRET = an_entry(title="Zaun", body="Das ist der Zaun", files=("52.1/17-2026",), positions=("52.1",))


@pytest.mark.parametrize("query", _QUERIES)
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_only_members_of_its_offices_find_a_document(index: SearchIndex, query: Query, sort: Sort) -> None:
    """Its office and the mail room find it; other offices, nobody's offices and other tenants find nothing at all."""
    committed(index, _SECRET)
    nobody = Viewer(account="a-neu", tenant="main")
    another = Viewer(account="a-berg", tenant="nachbarort", offices=frozenset({"bauamt"}))
    all_closed = Viewer(account="a-post", tenant="nachbarort", all_offices=True)
    query = Query(groups=query.groups, filters=query.filters, sort=sort)
    for viewer in (CLERK, MAIL_ROOM):
        hits = index.search(query, viewer)
        assert (numbers(hits), hits.total) == ([1], 1)
    for viewer in (STRANGER, nobody, another, all_closed):
        hits = index.search(query, viewer)
        assert (hits.items, hits.total, hits.next) == ((), 0, "")


def test_one_office_of_several_is_enough(index: SearchIndex) -> None:
    """A document that stands in files of two offices is found by members of either."""
    committed(index, an_entry(1, offices=("bauamt", "kasse")), an_entry(2, offices=("kasse",)), an_entry(3, offices=()))
    assert sorted(numbers(index.search(Query(), CLERK))) == [1]
    assert sorted(numbers(index.search(Query(), STRANGER))) == [1, 2]
    assert sorted(numbers(index.search(Query(), MAIL_ROOM))) == [1, 2, 3]


def test_a_document_that_moved_is_found_where_it_is_now(index: SearchIndex) -> None:
    """Rights follow the newest entry, also in a list that was begun before."""
    committed(index, *(an_entry(number, body="Zaun") for number in range(1, 5)))
    first = index.search(a_query("Zaun", limit=2), CLERK)
    rest = {1, 2, 3, 4} - set(numbers(first))
    committed(index, an_entry(min(rest), body="Zaun", version=2, offices=("kasse",)))
    second = index.search(a_query("Zaun", limit=2, cursor=first.next), CLERK)
    assert (numbers(second), second.total) == ([max(rest)], 3)


@pytest.mark.parametrize("query", [Query(), a_query("Zaun"), Query(filters=Filters(documents=(an_entry().document,)))])
def test_a_tombstone_is_never_found(index: SearchIndex, query: Query) -> None:
    """What is erased is gone from hits and counts, also for the mail room, and from lists begun before."""
    committed(index, _SECRET, a_tombstone())
    hits = index.search(query, MAIL_ROOM)
    assert (hits.items, hits.total) == ((), 0)


def test_what_is_erased_leaves_a_list_that_was_begun_before(index: SearchIndex) -> None:
    """The next page knows of the erasure."""
    committed(index, *(an_entry(number, body="Zaun") for number in range(1, 5)))
    first = index.search(a_query("Zaun", limit=2), CLERK)
    rest = {1, 2, 3, 4} - set(numbers(first))
    committed(index, a_tombstone(min(rest)))
    second = index.search(a_query("Zaun", limit=2, cursor=first.next), CLERK)
    assert (numbers(second), second.total) == ([max(rest)], 3)
