"""The same bytes came to several offices: each finds and sees its own arrival, and nothing of another's."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.ports.entries import Entry, Filters, Occurrence, Query, Term, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import START, an_entry, asking, committed, numbers

OFFICES = ("bauamt", "kasse", "ordnungsamt")
NAMES = ("Zaunplan.pdf", "Rechnung 4711.pdf", "geheim_Gutachten.tif", "Scan-0042.png")
WORDS = ("zaunplan", "rechnung", "gutachten", "geheim", "scan", "4711")

BOXES = ("bau@stadt.example", "kasse@stadt.example", "rechnung@stadt.example")

arrivals = st.lists(
    st.builds(
        Occurrence,
        st.sampled_from(OFFICES),
        st.sampled_from(NAMES),
        st.sampled_from(("mail", "scan")),
        st.integers(0, 9).map(lambda hour: START + timedelta(hours=hour)),
        st.lists(st.sampled_from(BOXES), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


def viewers() -> list[Viewer]:
    """A member of each office, of two, of none, and the mail room."""
    of = [frozenset({office}) for office in OFFICES] + [frozenset(OFFICES[:2]), frozenset({"archiv"})]
    return [Viewer(account="a", tenant="main", offices=offices) for offices in of] + [
        Viewer(account="a", tenant="main", all_offices=True)
    ]


def with_arrivals(number: int, version: int, found: list[Occurrence]) -> Entry:
    """A document of all three offices, that says nothing of itself."""
    return an_entry(number, version=version, title="", offices=OFFICES, occurrences=tuple(found))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=arrivals, second=arrivals)
def test_an_arrival_is_found_by_those_who_may_know_of_it(
    index: SearchIndex, first: list[Occurrence], second: list[Occurrence]
) -> None:
    """Against the naive answer, for every viewer and every word: hits, counts, titles, channels and times."""
    test_an_arrival_is_found_by_those_who_may_know_of_it.version += 1  # type: ignore[attr-defined]  # newer each time
    version = test_an_arrival_is_found_by_those_who_may_know_of_it.version  # type: ignore[attr-defined]
    both = {1: first, 2: second}
    committed(index, *(with_arrivals(number, version, found) for number, found in both.items()))
    for viewer in viewers():
        theirs = {number: [one for one in found if viewer.may_see((one.office,))] for number, found in both.items()}
        for word in WORDS:
            expected = [n for n, found in theirs.items() if any(word in one.name.lower() for one in found)]
            hits = index.search(asking(Term(text=word)), viewer)
            assert sorted(numbers(hits)) == (expected if viewer.may_see(OFFICES) else [])
            assert hits.total == len(hits.items)
        for box in BOXES:
            expected = [n for n, found in theirs.items() if any(box in one.recipients for one in found)]
            assert sorted(numbers(index.search(asking(Term(text=box, field="recipients")), viewer))) == expected
        for channel in ("mail", "scan"):
            expected = [n for n, found in theirs.items() if any(one.channel == channel for one in found)]
            assert sorted(numbers(index.search(Query(filters=Filters(channels=(channel,))), viewer))) == expected
        for hit in index.search(Query(), viewer).items:
            own = theirs[int(hit.document[1:])][:1]
            assert (hit.title, hit.channel) == ((own[0].name, own[0].channel) if own else ("", ""))
            assert hit.received_at == (own[0].received_at if own else None)


test_an_arrival_is_found_by_those_who_may_know_of_it.version = 0  # type: ignore[attr-defined]


def test_beginnings_and_phrases_of_a_name_are_found_too(index: SearchIndex) -> None:
    """By its office, as in every other field."""
    committed(index, with_arrivals(1, 1, [Occurrence("bauamt", "Lageplan Mühlweg 4.pdf")]))
    clerk, stranger = viewers()[0], viewers()[1]
    for term in (
        Term(text="lagepl", prefix=True),
        Term(text="Plan Mühlweg", phrase=True),
        Term(text="Mühlweg 4", phrase=True),
    ):
        expected = [] if term.text == "Plan Mühlweg" else [1]
        assert numbers(index.search(asking(term), clerk)) == expected
        assert numbers(index.search(asking(term), stranger)) == []
