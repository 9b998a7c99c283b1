"""A fresh index grows beside the living one and takes its place, and no hit is lost on the way."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.core.errors import TryLater
from services.core.ports.entries import Entry, Query
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, MAIL_ROOM, a_tombstone, an_entry, committed, found, letters


def test_searches_see_the_fresh_index_after_the_switch_and_not_before(
    opening: Callable[[], SearchIndex],
) -> None:
    """Until the switch the old one answers; then the fresh one does, also after a restart."""
    index = committed(opening(), an_entry(1, body="Zaun"))
    rebuild = index.rebuild()
    rebuild.write([an_entry(2, body="Zaun")])
    assert found(index, "Zaun") == [1]
    rebuild.switch()
    assert found(index, "Zaun") == [2]
    assert found(opening(), "Zaun") == [2]


def test_live_writes_go_into_both(opening: Callable[[], SearchIndex]) -> None:
    """What comes in meanwhile is found before and after the switch, and an older reading does not undo it."""
    index = committed(opening(), an_entry(1, body="Zaun"), an_entry(2, body="Zaun"))
    rebuild = index.rebuild()
    rebuild.write([an_entry(1, body="Zaun")])
    committed(index, an_entry(1, version=2, body="Mauer"), an_entry(3, body="Zaun"), a_tombstone(2))
    rebuild.write([an_entry(1, body="Zaun"), an_entry(2, body="Zaun")])
    for _ in ("before", "after"):
        assert (found(index, "Zaun", viewer=MAIL_ROOM), found(index, "Mauer")) == ([3], [1])
        if _ == "before":
            rebuild.switch()
    committed(index, an_entry(4, body="Zaun"))
    assert found(opening(), "Zaun") == [3, 4]


def test_an_abandoned_rebuild_leaves_the_old_index(opening: Callable[[], SearchIndex]) -> None:
    """Nothing of it stays, it takes nothing more, and another one may begin."""
    index = committed(opening(), an_entry(1, body="Zaun"))
    rebuild = index.rebuild()
    rebuild.write([an_entry(2, body="Zaun")])
    rebuild.abandon()
    rebuild.abandon()
    with pytest.raises(TryLater):
        rebuild.write([an_entry(3, body="Zaun")])
    with pytest.raises(TryLater):
        rebuild.switch()
    assert found(index, "Zaun") == [1]
    index.rebuild().abandon()
    assert found(opening(), "Zaun") == [1]


def test_one_rebuild_at_a_time(index: SearchIndex) -> None:
    """A second rebuild has to wait."""
    index.rebuild()
    with pytest.raises(TryLater, match="busy"):
        index.rebuild()


def test_an_interrupted_rebuild_leaves_the_old_index(opening: Callable[[], SearchIndex]) -> None:
    """After a restart in the middle the old index answers and a new rebuild starts from nothing."""
    index = committed(opening(), an_entry(1, body="Zaun"))
    index.rebuild().write([an_entry(2, body="Zaun")])
    index = opening()
    assert found(index, "Zaun") == [1]
    rebuild = index.rebuild()
    rebuild.write([an_entry(3, body="Zaun")])
    rebuild.switch()
    assert found(index, "Zaun") == [3]


def test_no_search_misses_a_document_while_the_index_is_rebuilt(index: SearchIndex) -> None:
    """Searches and writes go on through five rebuilds; every search finds everything committed before it."""
    entries = list(letters(60))
    committed(index, *entries)
    missed: list[tuple[int, int]] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            known = len(entries)
            missed.extend((known, total) for total in [index.search(Query(limit=1), CLERK).total] if total < known)

    with ThreadPoolExecutor(2) as threads:
        searches = [threads.submit(search) for _ in range(2)]
        try:
            for _ in range(5):
                _rebuilt_while_others_come_in(index, entries)
        finally:
            done.set()
    assert [each.exception() for each in searches] == [None, None]
    assert missed == []
    assert index.search(Query(), CLERK).total == len(entries)


def _rebuilt_while_others_come_in(index: SearchIndex, entries: list[Entry]) -> None:
    rebuild, known = index.rebuild(), list(entries)
    for start in range(0, len(known), 10):
        rebuild.write(known[start : start + 10])
        newcomer = an_entry(len(entries) + 1)
        committed(index, newcomer)
        entries.append(newcomer)
    rebuild.switch()
