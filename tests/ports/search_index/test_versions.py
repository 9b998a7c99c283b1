"""An entry is replaced only by one of a higher version; erased stays erased."""

from collections.abc import Callable, Sequence

import pytest

from services.core.ports.entries import TOMBSTONE_VERSION, Entry
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import MAIL_ROOM, a_tombstone, an_entry, committed, found


def _in_one_batch(opening: Callable[[], SearchIndex], entries: Sequence[Entry]) -> SearchIndex:
    return committed(opening(), *entries)


def _in_several_batches(opening: Callable[[], SearchIndex], entries: Sequence[Entry]) -> SearchIndex:
    index = opening()
    for entry in entries:
        index.write([entry])
    index.commit()
    return index


def _in_several_commits(opening: Callable[[], SearchIndex], entries: Sequence[Entry]) -> SearchIndex:
    index = opening()
    for entry in entries:
        committed(index, entry)
    return index


def _with_restarts(opening: Callable[[], SearchIndex], entries: Sequence[Entry]) -> SearchIndex:
    for entry in entries:
        committed(opening(), entry)
    return opening()


def _with_rebuild(opening: Callable[[], SearchIndex], entries: Sequence[Entry]) -> SearchIndex:
    index = opening()
    rebuild = index.rebuild()
    for entry in entries:
        rebuild.write([entry])
    rebuild.switch()
    return index


_WAYS = [_in_one_batch, _in_several_batches, _in_several_commits, _with_restarts, _with_rebuild]


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("versions", [(1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 3, 1)])
def test_the_highest_version_wins_in_any_order(
    opening: Callable[[], SearchIndex], way: Callable[..., SearchIndex], versions: tuple[int, ...]
) -> None:
    """Whatever comes late and old is ignored."""
    words = {1: "eins", 2: "zwei", 3: "drei"}
    index = way(opening, [an_entry(7, version=version, body=words[version]) for version in versions])
    assert [found(index, word) for word in ("eins", "zwei", "drei")] == [[], [], [7]]
    assert index.version_of(an_entry(7).document) == 3


@pytest.mark.parametrize("way", _WAYS)
def test_nothing_brings_an_erased_document_back(
    opening: Callable[[], SearchIndex], way: Callable[..., SearchIndex]
) -> None:
    """A tombstone outranks every version that a record can reach."""
    entries = [an_entry(7, body="Zaun"), a_tombstone(7), an_entry(7, version=TOMBSTONE_VERSION - 1, body="Zaun")]
    index = way(opening, entries)
    assert found(index, "Zaun", viewer=MAIL_ROOM) == []
    assert index.version_of(an_entry(7).document) == TOMBSTONE_VERSION


@pytest.mark.parametrize("way", _WAYS)
def test_the_same_entry_again_changes_nothing(
    opening: Callable[[], SearchIndex], way: Callable[..., SearchIndex]
) -> None:
    """A repeated write leaves one hit."""
    index = way(opening, [an_entry(7, body="Zaun")] * 3)
    assert found(index, "Zaun") == [7]


def test_versions_are_those_of_what_is_committed(index: SearchIndex) -> None:
    """Nothing known, nothing committed, then the version."""
    document = an_entry(3).document
    assert index.version_of(document) is None
    index.write([an_entry(3, version=5)])
    assert index.version_of(document) is None
    index.commit()
    assert index.version_of(document) == 5


def test_what_is_not_committed_is_not_found(index: SearchIndex) -> None:
    """A search sees whole commits only."""
    committed(index, an_entry(1, body="Zaun"))
    index.write([an_entry(1, version=2, body="Mauer"), an_entry(2, body="Zaun")])
    assert [found(index, "Zaun"), found(index, "Mauer")] == [[1], []]
    index.commit()
    assert [found(index, "Zaun"), found(index, "Mauer")] == [[2], [1]]


def test_what_was_not_committed_is_gone_after_a_restart(opening: Callable[[], SearchIndex]) -> None:
    """Closing commits nothing."""
    committed(opening(), an_entry(1, body="Zaun")).write([an_entry(2, body="Zaun"), a_tombstone(1)])
    assert found(opening(), "Zaun") == [1]


def test_a_commit_without_writes_is_fine(index: SearchIndex) -> None:
    """Nothing written, nothing to do."""
    index.commit()
    index.write([])
    index.commit()
    assert found(index, "Zaun") == []
