"""What every book promises of how judgements turned out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.core.ports.ledger_store import Judged, LedgerStore, Span

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
ALWAYS = Span(since=MONDAY - timedelta(days=30), before=MONDAY + timedelta(days=30))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[LedgerStore]:
    """An empty book."""
    made = SqliteLedgerStore(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def judged(n: int, **changed: Any) -> Judged:
    """The n-th document: proposed 52.10 half sure, decided so by a clerk of the building office."""
    facts: dict[str, Any] = {
        "tenant": "main", "document": f"d{n}", "version": 4, "judged_at": MONDAY, "office": "bauamt",
        "proposed_office": "bauamt", "position": "52.10", "confidence": 0.5, "reason": "unsure", "automatic": False,
        "corrected": False, "decided": True, "final": "52.10",
    }  # fmt: skip
    return Judged(**facts | changed)


def test_older_outcome_never_replaces_a_newer_one(book: LedgerStore) -> None:
    """By the record's version; the same again changes nothing, and a document counts once."""
    for version, decided in ((4, True), (3, False), (4, True)):
        book.note_judged(judged(1, version=version, decided=decided))
    (all_of,) = book.tallies("main", "all", ALWAYS)
    assert (all_of.judged, all_of.decided, all_of.hits, all_of.waiting) == (1, 1, 1, 0)


def test_documents_are_counted_under_each_key(book: LedgerStore) -> None:
    """By office, position, week (named by its Monday), reason and tenth of certainty."""
    book.note_judged(judged(1))
    book.note_judged(judged(2, final="", confidence=1.0, judged_at=MONDAY + timedelta(days=6, hours=23)))
    book.note_judged(judged(3, office="kasse", final="20.1", confidence=0.49, judged_at=MONDAY - timedelta(seconds=1)))
    book.note_judged(judged(4, position="", confidence=0.0, decided=False, final="", judged_at=MONDAY + timedelta(7)))
    book.note_judged(judged(5, decided=False, automatic=True, reason="number"))

    def counted(by: Any) -> dict[str, int]:
        return {tally.key: tally.judged for tally in book.tallies("main", by, ALWAYS)}

    assert counted("office") == {"bauamt": 4, "kasse": 1}
    assert counted("position") == {"": 1, "52.10": 4}
    assert counted("week") == {"2026-11-16": 1, "2026-11-23": 3, "2026-11-30": 1}
    assert counted("reason") == {"number": 1, "unsure": 4}
    assert counted("certainty") == {"0.0": 1, "0.4": 1, "0.5": 2, "0.9": 1}
    (whole,) = book.tallies("main", "all", ALWAYS)
    found = msgspec.structs.asdict(whole)
    expected = {"judged": 5, "automatic": 1, "corrected": 0, "decided": 3, "hits": 1, "office_hits": 1, "placed": 2}
    assert found == {"key": "", "expected": 1.99, "waiting": 1} | expected


def test_only_what_is_asked_for_is_counted(book: LedgerStore) -> None:
    """A time, the offices of whoever asks, one tenant; of nobody's offices there is nothing."""
    book.note_judged(judged(1))
    book.note_judged(judged(2, office="kasse"))
    book.note_judged(judged(3, tenant="other"))
    for offices, count in ((None, 2), (frozenset({"kasse"}), 1), (frozenset({"x' or 1=1 --"}), 0), (frozenset(), 0)):
        span = msgspec.structs.replace(ALWAYS, offices=offices)
        assert sum(tally.judged for tally in book.tallies("main", "all", span)) == count
    for position, count in ((None, 2), ("52.10", 2), ("", 0)):
        span = msgspec.structs.replace(ALWAYS, position=position)
        assert sum(tally.judged for tally in book.tallies("main", "all", span)) == count
    empty = msgspec.structs.replace(ALWAYS, before=MONDAY)
    assert sum(tally.judged for tally in book.tallies("main", "all", empty)) == 0


def test_erased_document_counts_no_more(book: LedgerStore) -> None:
    """It is forgotten for good; clearing the book forgets all."""
    book.note_judged(judged(1))
    book.note_judged(judged(2))
    book.forget_judged("main", "d1")
    assert [tally.judged for tally in book.tallies("main", "all", ALWAYS)] == [1]
    book.clear("main")
    assert [tally.judged for tally in book.tallies("main", "all", ALWAYS) if tally.judged] == []
