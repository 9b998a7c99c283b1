"""Facets count what the viewer finds, and nothing else; both engines count the same."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.language.senders import sender_key
from services.core.ports.entries import Entry, FacetName, Facets, Filters, Occurrence, Query, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import (
    CLERK,
    MAIL_ROOM,
    STRANGER,
    a_query,
    a_tombstone,
    an_entry,
    committed,
    numbers,
)

_NAMES: tuple[FacetName, ...] = ("offices", "positions", "kinds", "channels", "years", "senders", "states", "problems")


def told(facets: Facets) -> dict[str, dict[str, int]]:
    """Counts by facet and value."""
    return {name: {one.value: one.count for one in values} for name, values in facets.items()}


def test_hits_are_counted_by_their_values(index: SearchIndex) -> None:
    """Positions count for all above them, senders by their address; the most frequent first."""
    committed(
        index,
        an_entry(1, body="Zaun", positions=("52.10.02",), problems=("no_text",), kind="objection"),
        an_entry(2, body="Zaun", positions=("52.10.03", "52.20"), state="held", sender="Post <A.Post@Beispiel.test>"),
        an_entry(3, body="Tor", positions=("60",)),
    )
    facets = index.facets(a_query("Zaun"), CLERK)
    assert told(facets) == {
        "offices": {"bauamt": 2},
        "positions": {"52": 2, "52.10": 2, "52.10.02": 1, "52.10.03": 1, "52.20": 1},
        "kinds": {"objection": 1},
        "channels": {"mail": 2},
        "years": {"2026": 2},
        "senders": {"a.post@beispiel.test": 1},
        "states": {"filed": 1, "held": 1},
        "problems": {"no_text": 1},
    }
    assert [one.value for one in facets["positions"]] == ["52", "52.10", "52.10.02", "52.10.03", "52.20"]


def test_filters_narrow_the_counts_and_pages_do_not(index: SearchIndex) -> None:
    """A facet counts all hits of the query, whichever page and order is asked for."""
    committed(
        index, *(an_entry(number, body="Zaun", state="held" if number > 3 else "filed") for number in range(1, 7))
    )
    narrowed = Query(groups=a_query("Zaun").groups, filters=Filters(states=("held",)), limit=1, sort="oldest")
    assert told(index.facets(narrowed, CLERK))["states"] == {"held": 3}


def test_what_is_gone_counts_no_more(index: SearchIndex) -> None:
    """Of a document its newest entry counts, and of an erased one nothing."""
    committed(index, an_entry(1), an_entry(2), an_entry(3))
    committed(index, an_entry(1, version=2, state="held"), a_tombstone(2))
    assert told(index.facets(Query(), MAIL_ROOM)) == {
        "offices": {"bauamt": 2},
        "channels": {"mail": 2},
        "years": {"2026": 2},
        "states": {"held": 1, "filed": 1},
    }


def test_channel_and_year_are_those_of_the_arrivals_that_the_viewer_may_know_of(index: SearchIndex) -> None:
    """A letter that came to two offices counts once for whoever has both; each alone learns nothing of the other."""
    came = (Occurrence("bauamt", "", "mail", _NEW_YEAR), Occurrence("kasse", "", "mail", _OLD_YEAR))
    further = Occurrence("kasse", "", "scan", _NEW_YEAR)
    committed(index, an_entry(1, occurrences=(*came, further), offices=("bauamt", "kasse"), received_at=_OLD_YEAR))
    both = Viewer(account="a-x", tenant="main", offices=frozenset({"bauamt", "kasse"}))
    asked = {
        CLERK: ({"mail": 1}, {"2026": 1}),
        STRANGER: ({"mail": 1, "scan": 1}, {"2025": 1, "2026": 1}),
        both: ({"mail": 1, "scan": 1}, {"2025": 1, "2026": 1}),
        MAIL_ROOM: ({"mail": 1, "scan": 1}, {"2025": 1, "2026": 1}),
    }
    for viewer, (channels, years) in asked.items():
        facets = told(index.facets(Query(), viewer))
        assert (facets["channels"], facets["years"]) == (channels, years)
        for value in ("2025", "2026"):
            narrowed = index.search(Query(filters=Filters(years=(value,))), viewer)
            assert narrowed.total == years.get(value, 0)


def test_what_was_counted_is_found_by_its_value(index: SearchIndex) -> None:
    """A facet's value chosen as a filter finds as many as were counted; a sender that is nobody finds none."""
    committed(
        index,
        an_entry(1, sender="Erika Muster <erika@beispiel.test>", kind="invoice"),
        an_entry(2, sender="erika@Beispiel.test"),
        an_entry(3, sender="Stadtwerke  Neustadt, Vertrieb"),
    )
    counted = told(index.facets(Query(), CLERK))
    assert counted["senders"] == {"erika@beispiel.test": 2, "stadtwerke neustadt, vertrieb": 1}
    for sender, count in counted["senders"].items():
        assert index.search(Query(filters=Filters(senders=(sender,))), CLERK).total == count
    assert index.search(Query(filters=Filters(senders=(" ",))), CLERK).total == 0
    assert numbers(index.search(Query(filters=Filters(kinds=("invoice",))), CLERK)) == [1]


def test_documents_that_are_known_are_left_out(index: SearchIndex) -> None:
    """Of hits and of their number, also beside a filter of the same kind, and however many are named."""
    committed(index, *(an_entry(number, body="Zaun") for number in range(1, 5)))
    known = tuple(f"d{number:026d}" for number in (1, 3, *range(100, 1_090)))
    left = index.search(Query(groups=a_query("Zaun").groups, filters=Filters(not_documents=known)), CLERK)
    assert (sorted(numbers(left)), left.total) == ([2, 4], 2)
    both = Filters(documents=tuple(f"d{number:026d}" for number in (1, 2)), not_documents=known)
    assert numbers(index.search(Query(filters=both), CLERK)) == [2]


_OLD_YEAR = datetime(2025, 12, 31, 22, 59, tzinfo=UTC)
_NEW_YEAR = datetime(2025, 12, 31, 23, 1, tzinfo=UTC)
"""A minute before and after the year begins at the city hall."""
_ARRIVALS = st.builds(
    Occurrence,
    st.sampled_from(["bauamt", "kasse", "ordnung"]),
    st.just(""),
    st.sampled_from(["mail", "scan"]),
    st.sampled_from([_OLD_YEAR, _NEW_YEAR]),
)
_SOME = st.lists(st.sampled_from(["bauamt", "kasse", "ordnung"]), max_size=2, unique=True).map(tuple)
_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "offices": _SOME,
            "state": st.sampled_from(["held", "filed"]),
            "positions": st.lists(st.sampled_from(["52", "52.1", "60.2.1"]), max_size=2, unique=True).map(tuple),
            "problems": st.sampled_from([(), ("no_text",)]),
            "kind": st.sampled_from(["", "invoice", "reminder"]),
            "sender": st.sampled_from(["", "Eva <eva@beispiel.test>", "EVA@beispiel.test", "Lindner GmbH"]),
            "occurrences": st.lists(_ARRIVALS, min_size=1, max_size=3).map(tuple),
            "body": st.sampled_from(["Zaun", "Tor", "Zaun und Tor"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=_ENTRIES, theirs=st.frozensets(st.sampled_from(["bauamt", "kasse"])), word=st.sampled_from(["Zaun", ""]))
def test_counts_never_tell_of_what_the_viewer_may_not_see(
    index: SearchIndex, drawn: list[dict[str, object]], theirs: frozenset[str], word: str
) -> None:
    """Whatever lies in the index, the counts are those of a naive filter over rights and words."""
    versions = test_counts_never_tell_of_what_the_viewer_may_not_see.__dict__
    versions["now"] = versions.get("now", 0) + 1
    entries = [an_entry(number, version=versions["now"], **facts) for number, facts in enumerate(drawn, 1)]
    gone = [an_entry(number, version=versions["now"], offices=()) for number in range(len(drawn) + 1, 9)]
    committed(index, *entries, *gone)
    viewer = Viewer(account="a-x", tenant="main", offices=theirs)
    query = a_query(word) if word else Query()
    assert told(index.facets(query, viewer)) == _naive(entries, viewer, word)
    assert sum(told(index.facets(query, STRANGER)).get("states", {}).values()) == index.search(query, STRANGER).total


def _naive(entries: list[Entry], viewer: Viewer, word: str) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in _NAMES}
    for entry in entries:
        if word not in entry.body or not viewer.may_see(entry.offices):
            continue
        counts["offices"].update(office for office in entry.offices if viewer.may_see((office,)))
        counts["states"][entry.state] += 1
        counts["problems"].update(entry.problems)
        counts["kinds"].update([entry.kind] if entry.kind else [])
        counts["senders"].update([sender_key(entry.sender)] if entry.sender else [])
        theirs = [one for one in entry.occurrences if viewer.may_see((one.office,))]
        counts["channels"].update({one.channel for one in theirs})
        counts["years"].update({"2025" if one.received_at == _OLD_YEAR else "2026" for one in theirs})
        above = {".".join(code.split(".")[:n]) for code in entry.positions for n in range(1, code.count(".") + 2)}
        counts["positions"].update(above)
    return {name: dict(values) for name, values in counts.items() if values}
