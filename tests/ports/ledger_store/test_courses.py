"""What every book promises of when documents came and were done with."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.core.ports.ledger_store import LedgerStore, Line, Step
from services.core.ports.reports.course_book import Course, Dues, Period

MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPRING = Period(since=MARCH, before=MAY, at=MAY, steps=(MARCH, APRIL), within=DAY)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[LedgerStore]:
    """An empty book."""
    made = SqliteLedgerStore(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def course(n: int, **changed: Any) -> Course:
    """The n-th document, which came at the n-th hour of March to the building office and is open."""
    facts: dict[str, Any] = {
        "tenant": "main", "document": f"d{n}", "version": 1, "received_at": MARCH + n * HOUR, "channel": "mail",
        "office": "bauamt",
    }  # fmt: skip
    return Course(**facts | changed)


def filed(n: int, after: timedelta, **changed: Any) -> Course:
    """One that was filed so long after it came."""
    done = MARCH + n * HOUR + after
    return course(n, filed_at=done, settled_at=done, **changed)


def test_median_and_nine_of_ten_are_values_that_occurred(book: LedgerStore) -> None:
    """Nearest rank: of 1 to 10 hours 5 and 9; of three the second and the last; counted by office and channel."""
    for n in range(1, 11):
        book.note_course(filed(n, n * HOUR))
    for n, hours in ((20, 30), (21, 10), (22, 20)):
        book.note_course(filed(n, hours * HOUR, office="kasse", channel="scan"))
    book.commit()
    told = {
        one.key: (one.filed, one.median_s / 3600, one.p90_s / 3600) for one in book.passages("main", "office", SPRING)
    }
    assert told == {"bauamt": (10, 5.0, 9.0), "kasse": (3, 20.0, 30.0)}
    assert [one.key for one in book.passages("main", "channel", SPRING)] == ["mail", "scan"]
    (whole,) = book.passages("main", "all", SPRING)
    assert (whole.filed, whole.in_time) == (13, 12)


def test_a_document_counts_where_it_was_filed(book: LedgerStore) -> None:
    """In the part of the period in which it was; what is filed later counts in the next one, never twice."""
    book.note_course(filed(1, HOUR))
    book.note_course(filed(2, 40 * DAY))
    book.note_course(filed(3, 90 * DAY))
    book.commit()
    assert [(one.key, one.filed) for one in book.passages("main", "step", SPRING)] == [("0", 1), ("1", 1)]


def test_open_is_what_was_open_then(book: LedgerStore) -> None:
    """Also of a time long ago: what is done since was open then, what came later was not there."""
    book.note_course(course(1))
    book.note_course(filed(2, 40 * DAY, office="kasse"))
    book.note_course(course(3, received_at=APRIL + HOUR))
    book.commit()
    then = Period(since=MARCH, before=APRIL, at=APRIL, within=DAY)
    told = [(one.office, one.open, one.late) for one in book.backlog("main", then)]
    assert told == [("bauamt", 1, 1), ("kasse", 1, 1)]
    assert [one.document for one in book.oldest_open("main", then, limit=5)] == ["d1", "d2"]
    assert [(one.open, one.late) for one in book.backlog("main", SPRING)] == [(2, 2)]
    assert [one.document for one in book.oldest_open("main", SPRING, limit=1)] == ["d1"]


def test_an_older_version_never_replaces_a_newer_one(book: LedgerStore) -> None:
    """A further receipt opens nothing again, and of two receipts the first counts, in any order."""
    book.note_course(course(2, version=0))
    book.note_course(course(2, version=0, received_at=MARCH))
    book.commit()
    assert book.oldest_open("main", SPRING, limit=1)[0].received_at == MARCH
    book.note_course(filed(2, HOUR, version=5))
    book.note_course(course(2, version=4))
    book.note_course(course(2, version=0, received_at=MARCH))
    book.commit()
    assert book.backlog("main", SPRING) == []


def test_an_erased_document_stays_counted_and_is_open_no_more(book: LedgerStore) -> None:
    """Figures of last year do not change because something was erased since."""
    book.note_course(filed(1, HOUR))
    book.note_course(course(2))
    for document in ("d1", "d2"):
        book.end_course("main", document, APRIL)
    book.commit()
    assert book.backlog("main", SPRING) == []
    assert book.passages("main", "all", SPRING)[0].filed == 1


def test_invoices_stand_to_their_days(book: LedgerStore) -> None:
    """Done by the day, later, open, open and overdue; the end of the day itself still is in time."""
    book.note_course(filed(1, HOUR, due_before=MARCH + DAY))
    book.note_course(filed(2, 5 * DAY, due_before=MARCH + DAY))
    book.note_course(course(3, due_before=MARCH + 2 * DAY))
    book.note_course(course(4, due_before=MARCH + 10 * DAY))
    book.note_course(course(5, due_before=MAY + DAY))
    book.commit()
    half_way = Period(since=MARCH, before=MAY, at=MARCH + 6 * DAY)
    assert book.dues("main", half_way) == Dues(in_time=1, late=1, open=2, overdue=1)


def test_receipts_are_counted_by_part_channel_and_office(book: LedgerStore) -> None:
    """Each receipt once where it came in; what came through no office's box is the mail room's own."""
    for n, (received_at, office) in enumerate(((MARCH, ""), (APRIL, "bauamt"), (APRIL + DAY, "bauamt"), (MAY, ""))):
        book.add(
            Line(
                receipt=f"PE-{n}", tenant="main", document="d1", channel="mail", source="gateway",
                received_at=received_at, office=office,
            )
        )  # fmt: skip
    book.commit()
    told = [(one.step, one.channel, one.office, one.count) for one in book.arrivals("main", SPRING)]
    assert told == [(0, "mail", "poststelle", 1), (1, "mail", "bauamt", 2)]


def test_an_office_is_told_of_its_own(book: LedgerStore) -> None:
    """In every figure; who belongs to none is told of nothing."""
    book.note_course(filed(1, HOUR, due_before=MARCH + DAY))
    book.note_course(course(2))
    for office, found in ((frozenset({"bauamt"}), 1), (frozenset({"kasse"}), 0), (frozenset[str](), 0)):
        theirs = Period(since=MARCH, before=MAY, at=MAY, offices=office)
        book.commit()
        assert len(book.passages("main", "all", theirs)) == found
        assert len(book.backlog("main", theirs)) == found
        assert len(book.oldest_open("main", theirs, limit=5)) == found
        assert book.dues("main", theirs).in_time == found


def test_a_book_from_before_gets_its_courses(tmp_path: Path) -> None:
    """As well as it can tell: when it came, and since when it stands as it does."""
    old = SqliteLedgerStore(tmp_path / "ledger.sqlite")
    for n, state in ((1, "filed"), (2, "held")):
        old.add(Line(receipt=f"PE-{n}", tenant="main", document=f"d{n}", channel="mail", source="s", received_at=MARCH))
        old.advance(Step(tenant="main", document=f"d{n}", state=state, since=MARCH + HOUR))  # type: ignore[arg-type]
    old.close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as bare:
        bare.execute("drop table courses")
    new = SqliteLedgerStore(tmp_path / "ledger.sqlite")
    assert [one.median_s for one in new.passages("main", "all", SPRING)] == [3600.0]
    assert [one.document for one in new.oldest_open("main", SPRING, limit=5)] == ["d2"]
    new.close()


def test_a_report_holds_no_writer_up(tmp_path: Path) -> None:
    """What is counted is read over another connection: what was not committed yet is not in it."""
    book = SqliteLedgerStore(tmp_path / "ledger.sqlite")
    book.note_course(course(1))
    assert book.backlog("main", SPRING) == []
    book.commit()
    assert len(book.backlog("main", SPRING)) == 1
    book.close()
