"""Which files of a folder belong together, and under which names they are put away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan_intake.hot_folder.pairing import (
    MAX_KEPT_BYTES,
    Pair,
    file_of_note,
    is_unfinished,
    kept_name,
    numbered,
    pairs,
)

PIECES = ["a", "b", ".pdf", ".json", ".xml", ".XML", ".sidecar", ".reason.txt", ".tmp", "."]
NAMES = st.lists(st.builds("".join, st.lists(st.sampled_from(PIECES), min_size=1)), unique=True, max_size=12)


@given(NAMES)
def test_every_finished_file_belongs_to_one_delivery(names: list[str]) -> None:
    """None is lost, none is in two."""
    finished = sorted(name for name in names if not is_unfinished(name))
    assert sorted(name for pair in pairs(names) for name in pair.names) == finished
    notes = {name for name in finished if file_of_note(name) in finished and not file_of_note(file_of_note(name))}
    assert sorted(name for pair in pairs(names, notes) for name in (*pair.names, *pair.notes)) == finished


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.pdf", "a.json"], [Pair("a.pdf", "a.json")]),
        (["a.pdf", "a.pdf.XML"], [Pair("a.pdf", "a.pdf.XML")]),
        (["a.pdf", "a.tif", "a.xml"], [Pair("a.pdf"), Pair("a.tif"), Pair("a.xml")]),
        (["a.pdf", "a.pdf.json", "a.xml"], [Pair("a.pdf", "a.pdf.json"), Pair("a.xml")]),
        (["a.xml", "a.json"], [Pair("a.json"), Pair("a.xml")]),
        (["rechnung.xml", "rechnung.xml.json"], [Pair("rechnung.xml", "rechnung.xml.json")]),
        (["a", "a.json", "a.json.json"], [Pair("a", "a.json"), Pair("a.json.json")]),
        (["a.pdf", "a.pdf.sidecar.json"], [Pair("a.pdf", "a.pdf.sidecar.json")]),
        (["a (2).pdf", "a.pdf", "a (2).pdf.sidecar.xml"], [Pair("a (2).pdf", "a (2).pdf.sidecar.xml"), Pair("a.pdf")]),
        (["a.pdf", "a.pdf.json", "a.pdf.sidecar.json"], [Pair("a.pdf", "a.pdf.json"), Pair("a.pdf.sidecar.json")]),
        (["a", "a.sidecar", "a.sidecar.json"], [Pair("a"), Pair("a.sidecar", "a.sidecar.json")]),
    ],
)
def test_a_sidecar_belongs_to_one_scan_or_none(names: list[str], expected: list[Pair]) -> None:
    """By its full name, or by a stem that only one scan has; never by a guess."""
    assert pairs(names) == expected


def test_a_note_of_ours_goes_with_its_file() -> None:
    """With the scan or with its sidecar, never alone; what is not known as a note is post."""
    names = ["a.pdf", "a.json", "a.pdf.reason.txt", "a.json.reason.txt", "b.reason.txt"]
    notes = {"a.pdf.reason.txt", "a.json.reason.txt"}
    assert pairs(names, notes) == [
        Pair("a.pdf", "a.json", ("a.pdf.reason.txt", "a.json.reason.txt")),
        Pair("b.reason.txt"),
    ]


@pytest.mark.parametrize("name", [".a.pdf", "~$a.docx", "a.pdf.part", "A.TMP", "a.pdf~", "Thumbs.db", "a.filepart"])
def test_what_is_being_written_is_no_scan(name: str) -> None:
    """Temporary and hidden names are passed over."""
    assert is_unfinished(name)


@given(st.text(alphabet=st.characters(blacklist_characters="/\0", blacklist_categories=()), min_size=1, max_size=255))
def test_no_name_does_harm_where_it_is_kept(name: str) -> None:
    """A kept name is text of one component, never hidden, never `..`, and leaves service for what is put behind it."""
    kept = kept_name(name)
    assert 0 < len(kept.encode()) <= MAX_KEPT_BYTES
    assert kept.isprintable()
    assert "/" not in kept
    assert not kept.startswith((".", "~"))


def test_doubles_are_numbered_before_the_ending() -> None:
    """As people know it from their file managers."""
    assert [numbered("a.pdf", n) for n in (1, 2, 3)] == ["a.pdf", "a (2).pdf", "a (3).pdf"]
    assert numbered("liste", 2) == "liste (2)"
