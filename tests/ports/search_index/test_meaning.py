"""Points of meaning are kept with an entry: they come after its words, and go with it."""

from collections.abc import Callable

from services.core.ports.entries import Entry, Filters, Query, Viewer
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, MAIL_ROOM, STRANGER, a_tombstone, an_entry, committed, numbers

MODEL = "model-1"


def meant(number: int = 1, version: int = 1, *, near: str = "model-1:7", points: bytes = b"\x01\xff\x00") -> Entry:
    """An entry with points."""
    facts = {"meant": points, "meant_by": MODEL, "near": (near,)}
    return an_entry(number, version=version, body="Zaun", **facts)


def near(index: SearchIndex, landmark: str = "model-1:7", *, viewer: Viewer = CLERK) -> list[int]:
    """The documents by a landmark."""
    query = Query(filters=Filters(near=(landmark, "model-1:99")), sort="newest")
    return numbers(index.search(query, viewer))


def lacking(index: SearchIndex, model: str = MODEL) -> list[int]:
    """The documents without points of a model."""
    return sorted(numbers(index.search(Query(filters=Filters(not_meant_by=model), sort="newest"), MAIL_ROOM)))


def test_points_join_the_words_of_the_same_version(index: SearchIndex) -> None:
    """They change nothing but themselves; whoever writes the same version without them later takes nothing away."""
    committed(index, an_entry(1, body="Zaun"), an_entry(2, body="Zaun"))
    assert lacking(index) == [1, 2]
    committed(index, meant(1))
    committed(index, an_entry(1, body="Zaun"))
    assert (lacking(index), index.version_of(an_entry(1).document)) == ([2], 1)
    (hit,) = index.search(Query(filters=Filters(near=("model-1:7",))), MAIL_ROOM).items
    assert (hit.document, hit.version, hit.meant, hit.meant_by) == (an_entry(1).document, 1, b"\x01\xff\x00", MODEL)


def test_a_newer_version_waits_for_points_of_its_own(index: SearchIndex) -> None:
    """What an older text meant says nothing of the new one; another model finds all of them lacking."""
    committed(index, meant(1), meant(2))
    committed(index, an_entry(1, version=2, body="Mauer"))
    assert (lacking(index), near(index)) == ([1], [2])
    committed(index, meant(1, version=1))
    assert lacking(index) == [1]
    assert lacking(index, "model-2") == [1, 2]


def test_points_are_found_by_their_landmarks_with_the_rights_of_the_viewer(index: SearchIndex) -> None:
    """As by words: the offices are part of the question."""
    committed(index, meant(1), meant(2, near="model-1:8"), an_entry(3, body="Zaun"))
    assert (near(index), near(index, "model-1:8"), near(index, "model-2:7")) == ([1], [2], [])
    assert (near(index, viewer=STRANGER), near(index, viewer=MAIL_ROOM)) == ([], [1])


def test_points_are_erased_with_their_document(opening: Callable[[], SearchIndex]) -> None:
    """And do not come back, late or over a restart."""
    index = committed(opening(), meant(1))
    committed(index, a_tombstone(1))
    committed(index, meant(1, version=9))
    assert (near(index, viewer=MAIL_ROOM), lacking(index)) == ([], [])
    index = opening()
    assert near(index, viewer=MAIL_ROOM) == []


def test_hits_by_words_bring_their_points(index: SearchIndex) -> None:
    """By them the first page is ordered, without another question."""
    committed(index, meant(1))
    (hit,) = index.search(Query(groups=()), CLERK).items
    assert hit.meant == b"\x01\xff\x00"
