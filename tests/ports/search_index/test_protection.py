"""Levels of protection inside every answer of the index: compared with a naive filter, which finds a planted leak."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.ports.entries import Entry, Facets, Filters, Hits, Match, Query, Represented, Term, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import an_entry, committed, numbers

OFFICES = ("bauamt", "jugendamt", "kasse")
WORDS = ("Zaun", "Kindeswohl", "Stundung", "Mühlweg")
NEARLY = {"Zaun": "Zaunn", "Kindeswohl": "Kindeswohk", "Stundung": "Stundunk", "Mühlweg": "Mühlwek"}
AT_MOST = 6
_versions = count(1)

letters = st.lists(
    st.fixed_dictionaries(
        {
            "offices": st.sets(st.sampled_from(OFFICES), max_size=2).map(lambda drawn: tuple(sorted(drawn))),
            "protection": st.integers(1, 3),
            "body": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(" ".join),
            "positions": st.sampled_from([(), ("51.1",), ("52.10",)]),
            "state": st.sampled_from(["filed", "held"]),
        }
    ),
    min_size=1,
    max_size=AT_MOST,
)
views = st.builds(
    Represented,
    account=st.just("a-y"),
    offices=st.sets(st.sampled_from(OFFICES)).map(lambda drawn: tuple(sorted(drawn))),
    all_offices=st.sampled_from([False, False, False, True]),
    protection=st.integers(1, 3),
)
readers = st.builds(
    Viewer,
    account=st.just("a-x"),
    tenant=st.just("main"),
    offices=st.frozensets(st.sampled_from(OFFICES)),
    all_offices=st.booleans(),
    protection=st.integers(1, 3),
    represents=st.lists(views, max_size=2).map(tuple),
    places=st.frozensets(st.sampled_from(["51", "52", "52.10", "52.1"]), max_size=2),
)
sought = st.lists(st.sampled_from(WORDS), max_size=2, unique=True)
steps: st.SearchStrategy[Match] = st.sampled_from(["exact", "all", "most", "any"])


def differences(
    index: SearchIndex, entries: Sequence[Entry], viewer: Viewer, words: Sequence[str], match: Match
) -> list[str]:
    """In which of its answers the index says something else than a naive filter over the same letters."""
    query = Query(groups=tuple((Term(text=word),) for word in words), match=match)
    enough = any if match in ("most", "any") and words else all
    theirs = [one for one in entries if viewer.may_see(one.offices, one.protection) or at_places(one, viewer)]
    expected = [one for one in theirs if enough(word in one.body for word in words)]
    said = [name for name, differs in _compared(index, query, viewer, expected) if differs]
    for word in words:  # what a suggestion is made of: words spelled nearly so
        near = Query(groups=((Term(text=NEARLY[word], near=True),),), match="any")
        if numbers(index.search(near, viewer)) and not any(word in one.body for one in theirs):
            said.append("suggestion")
    return said


def at_places(one: Entry, viewer: Viewer) -> bool:
    """Whether it is filed at or below a place of the viewer's, and not above the level."""
    lines = (f"{code}." for code in one.positions)
    return one.protection <= viewer.protection and any(
        line.startswith(f"{place}.") for line in lines for place in viewer.places
    )


def _compared(index: SearchIndex, query: Query, viewer: Viewer, expected: list[Entry]) -> Iterator[tuple[str, bool]]:
    hits, told = index.search(query, viewer), index.facets(query, viewer)
    yield "hits", {hit.document for hit in hits.items} != {one.document for one in expected}
    yield "total", hits.total != len(expected)
    states = {one.value: one.count for one in told.get("states", ())}
    yield "facets", states != dict(Counter(one.state for one in expected))
    places = {one.value: one.count for one in told.get("positions", ())}
    above = Counter(line for one in expected for code in one.positions for line in {code, code.split(".")[0]})
    yield "positions", places != dict(above)
    by_name = Query(filters=Filters(documents=tuple(hit.document for hit in hits.items) or ("d0",)))
    yield "by name", index.search(by_name, viewer).total != len(expected)


def stored(index: SearchIndex, drawn: Sequence[dict[str, object]]) -> list[Entry]:
    """These letters and no others: what an earlier example left is anybody's no more."""
    version = next(_versions)
    entries = [an_entry(number, version=version, **facts) for number, facts in enumerate(drawn, 1)]
    gone = [an_entry(number, version=version, tenant="gone") for number in range(len(drawn) + 1, AT_MOST + 1)]
    committed(index, *entries, *gone)
    return entries


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=letters, viewer=readers, words=sought, match=steps)
def test_no_answer_tells_of_what_is_above_the_viewers_level(
    index: SearchIndex, drawn: list[dict[str, object]], viewer: Viewer, words: list[str], match: Match
) -> None:
    """Random rights, levels, letters and questions: hits, counts, facets and near words are those of a naive filter."""
    entries = stored(index, drawn)
    assert differences(index, entries, viewer, words, match) == []


class Leaky:
    """An index that forgets the level in one of its answers."""

    def __init__(self, index: SearchIndex, leaks: str) -> None:
        self._index, self._leaks = index, leaks

    def __getattr__(self, name: str) -> Callable[..., object]:
        made: Callable[..., object] = getattr(self._index, name)
        return made

    def search(self, query: Query, viewer: Viewer) -> Hits:
        open_to_all = msgspec.structs.replace(viewer, protection=3)
        true, leaking = self._index.search(query, viewer), self._index.search(query, open_to_all)
        if self._leaks == "total":
            return msgspec.structs.replace(true, total=leaking.total)
        is_near = any(term.near for group in query.groups for term in group)
        return leaking if self._leaks == ("suggestion" if is_near else "hits") else true

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        return self._index.facets(
            query, msgspec.structs.replace(viewer, protection=3) if self._leaks == "facets" else viewer
        )


@pytest.mark.parametrize("leak", ["hits", "total", "facets", "suggestion"])
def test_a_planted_leak_is_found(index: SearchIndex, leak: str) -> None:
    """The comparison names the answer that forgets the level, so it would find one of ours."""
    entries = stored(index, [{"offices": ("jugendamt",), "protection": 3, "body": "Kindeswohl", "state": "filed"}])
    clerk = Viewer(account="a-x", tenant="main", offices=frozenset({"jugendamt"}), protection=2)
    assert differences(index, entries, clerk, ["Kindeswohl"], "all") == []
    leaking: SearchIndex = Leaky(index, leak)  # type: ignore[assignment]  # the rest of the port is passed on
    assert leak in differences(leaking, entries, clerk, ["Kindeswohl"], "all")


def test_offices_and_levels_of_two_people_are_not_mixed(index: SearchIndex) -> None:
    """A deputy sees what either may see: not the one's offices at the other's level, which a mixture would show."""
    drawn: list[dict[str, object]] = [
        {"offices": (office,), "protection": level, "body": "Zaun", "state": "filed"}
        for office in ("bauamt", "jugendamt")
        for level in (1, 3)
    ]
    stored(index, drawn)
    absent = Represented(account="a-y", offices=("jugendamt",), protection=1)
    own = Viewer(account="a-x", tenant="main", offices=frozenset({"bauamt"}), protection=3)
    deputy = msgspec.structs.replace(own, represents=(absent,))
    mixed = msgspec.structs.replace(own, offices=frozenset({"bauamt", "jugendamt"}))
    query = Query(groups=((Term(text="Zaun"),),))
    assert sorted(numbers(index.search(query, deputy))) == [1, 2, 3]
    assert sorted(numbers(index.search(query, mixed))) == [1, 2, 3, 4]
    assert index.search(query, deputy).items[0].score == index.search(query, mixed).items[0].score
