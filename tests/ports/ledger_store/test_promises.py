"""What every book of receipts promises, whatever it is written in."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.core.ports.ledger_store import LedgerStore, Line, LineFilter, Step

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ADAPTERS = {"sqlite": lambda folder: SqliteLedgerStore(folder / "deep" / "ledger.sqlite")}


@pytest.fixture(params=ADAPTERS)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Opens the book of this test, each time the same one."""
    opened: list[LedgerStore] = []

    def again() -> LedgerStore:
        for book in opened:
            book.close()
        opened[:] = [ADAPTERS[request.param](tmp_path)]
        return opened[0]

    yield again
    for book in opened:
        book.close()


@pytest.fixture
def book(opening: Any) -> LedgerStore:
    """An empty book."""
    made: LedgerStore = opening()
    return made


def line(n: int, **changed: Any) -> Line:
    """The n-th receipt, which came n seconds after eight; each is a document of its own."""
    facts: dict[str, Any] = {
        "receipt": f"PE-{n:03d}", "tenant": "main", "document": f"d{n}", "channel": "mail", "source": "gateway",
        "received_at": NOW + timedelta(seconds=n),
    }  # fmt: skip
    return Line(**facts | changed)


def step(n: int, state: Any, version: int = 0, **changed: Any) -> Step:
    """What became of the n-th document."""
    return Step(tenant="main", document=f"d{n}", state=state, since=NOW, version=version, **changed)


def state(book: LedgerStore, n: int) -> str:
    """How the n-th receipt stands."""
    found = book.find("main", f"PE-{n:03d}")
    assert found
    return found.state


def all_lines(book: LedgerStore, limit: int = 100, **narrow: Any) -> list[str]:
    """The receipts of all pages."""
    found: list[str] = []
    cursor, first = "", True
    while cursor or first:
        lines, cursor = book.lines("main", LineFilter(**narrow), cursor=cursor, limit=limit)
        assert len(lines) <= limit
        found += [line.receipt for line in lines]
        first = False
    return found


def test_line_is_found_as_it_was_added(book: LedgerStore) -> None:
    """With nothing known of its document yet; other tenants do not see it."""
    book.add(line(1))
    assert book.find("main", "PE-001") == line(1)
    assert book.find("other", "PE-001") is None
    assert book.find("main", "PE-002") is None
    assert book.find("main", "' or 1=1 --") is None


def test_known_receipt_stays_as_it_is(book: LedgerStore) -> None:
    """Said twice is said once."""
    book.add(line(1))
    book.add(line(1, source="other", received_at=NOW))
    assert book.find("main", "PE-001") == line(1)


def test_document_never_goes_back(book: LedgerStore) -> None:
    """In whatever order news come, the later stage stands; erased is beyond all."""
    book.add(line(1))
    for told, stands in (
        ("classifying", "classifying"), ("received", "classifying"), ("reading", "classifying"), ("filed", "filed"),
        ("filing", "filed"), ("erased", "erased"), ("filed", "erased"),
    ):  # fmt: skip
        book.advance(step(1, told, version=1))
        assert state(book, 1) == stands


def test_newer_version_outranks_its_equals(book: LedgerStore) -> None:
    """Held, filed, no record: the version of the record decides."""
    book.add(line(1))
    book.advance(step(1, "filed", version=5))
    book.advance(step(1, "held", version=4, reason="unsure"))
    assert state(book, 1) == "filed"
    book.advance(step(1, "held", version=6, reason="reopened"))
    found = book.find("main", "PE-001")
    assert found
    assert (found.state, found.reason) == ("held", "reopened")


def test_news_may_come_before_the_receipt(book: LedgerStore) -> None:
    """Topics are read in any order."""
    book.advance(step(1, "filed", version=3, problem="encrypted"))
    book.indexed("main", "d1", 3)
    book.add(line(1))
    found = book.find("main", "PE-001")
    assert found
    assert (found.state, found.problem, found.indexed_version) == ("filed", "encrypted", 3)


def test_problem_is_remembered(book: LedgerStore) -> None:
    """Later news that do not speak of it do not cure it."""
    book.add(line(1))
    book.advance(step(1, "classifying", problem="encrypted"))
    book.advance(step(1, "filing"))
    found = book.find("main", "PE-001")
    assert found
    assert found.problem == "encrypted"


def test_indexed_version_only_grows(book: LedgerStore) -> None:
    """Also before anything else is known of the document, which hinders no first step."""
    book.add(line(1))
    for version in (3, 2):
        book.indexed("main", "d1", version)
    found = book.find("main", "PE-001")
    assert found
    assert (found.indexed_version, found.state) == (3, "received")
    book.advance(step(1, "received"))
    assert state(book, 1) == "received"


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_show_every_line_once_newest_first(book: LedgerStore, limit: int) -> None:
    """Also where several came in the same moment."""
    for n in range(10):
        book.add(line(n, received_at=NOW + timedelta(seconds=n // 4)))
    assert all_lines(book, limit) == [f"PE-{n:03d}" for n in reversed(range(10))]


def test_lines_that_come_meanwhile_disturb_no_page(book: LedgerStore) -> None:
    """The second page goes on where the first ended."""
    for n in range(4):
        book.add(line(n))
    first, cursor = book.lines("main", LineFilter(), cursor="", limit=2)
    book.add(line(9))
    second, end = book.lines("main", LineFilter(), cursor=cursor, limit=2)
    assert [found.receipt for found in (*first, *second)] == ["PE-003", "PE-002", "PE-001", "PE-000"]
    assert end == ""


def test_nonsense_as_cursor_is_harmless(book: LedgerStore) -> None:
    """It comes from outside."""
    book.add(line(1))
    for cursor in ("~", "x", "'; drop table receipts; --", "\x00~\x00"):
        book.lines("main", LineFilter(), cursor=cursor, limit=5)
    assert state(book, 1) == "received"


def test_lines_are_narrowed(book: LedgerStore) -> None:
    """By source, by state (received where nothing is known), and by time: from inclusive, before exclusive."""
    for n in range(4):
        book.add(line(n, source="scanner" if n == 2 else "gateway"))
    book.advance(step(3, "filed"))
    assert all_lines(book, source="scanner") == ["PE-002"]
    assert all_lines(book, state="filed") == ["PE-003"]
    assert all_lines(book, state="received") == ["PE-002", "PE-001", "PE-000"]
    berlin = timezone(timedelta(hours=1))
    since, before = (NOW + timedelta(seconds=n) for n in (1, 3))
    assert all_lines(book, received_from=since.astimezone(berlin), received_before=before) == ["PE-002", "PE-001"]


def test_documents_are_counted_once(book: LedgerStore) -> None:
    """By state, however many receipts they have; a document without a receipt does not count."""
    book.add(line(1))
    book.add(line(2, document="d1"))
    book.add(line(3))
    book.advance(step(1, "filed"))
    book.advance(step(8, "filed"))
    assert book.counts("main") == {"filed": 1, "received": 1}
    assert book.counts("other") == {}


def test_unknown_receipts_are_told(book: LedgerStore) -> None:
    """Of thousands at once, too; another tenant's do not count."""
    book.add(line(1))
    book.add(line(2, tenant="other"))
    wanted = [f"PE-{n:03d}" for n in range(2000)]
    assert book.unknown("main", wanted) == {*wanted} - {"PE-001"}
    assert book.unknown("main", []) == set()


def test_what_was_told_of_is_not_unknown(book: LedgerStore) -> None:
    """For a day, whatever becomes of it; another tenant's telling does not count, and a cleared book forgets it."""
    book.note_told("main", "PE-001", NOW)
    book.note_told("other", "PE-002", NOW)
    assert book.unknown("main", ["PE-001", "PE-002"]) == {"PE-002"}
    book.note_sweep("main", NOW + timedelta(hours=23))
    assert book.unknown("main", ["PE-001"]) == set()
    book.note_sweep("main", NOW + timedelta(hours=25))
    assert book.unknown("main", ["PE-001"]) == {"PE-001"}
    book.note_told("main", "PE-001", NOW)
    book.clear("main")
    assert book.unknown("main", ["PE-001"]) == {"PE-001"}


def test_sweeps_are_remembered(book: LedgerStore) -> None:
    """The last one, by tenant."""
    assert book.swept_until("main") is None
    book.note_sweep("main", NOW)
    book.note_sweep("main", NOW + timedelta(minutes=1))
    assert book.swept_until("main") == NOW + timedelta(minutes=1)
    assert book.swept_until("other") is None


def test_hours_tell_what_came_and_what_stands_where_it_stays(book: LedgerStore) -> None:
    """By the hour of arrival, and by the hour since which it stands there; hours before are left out."""
    hour = timedelta(hours=1)
    for n, came in ((1, -5 * hour), (2, timedelta(0)), (3, 0.9 * hour), (4, hour)):
        book.add(line(n, received_at=NOW + came))
    for n, state in ((2, "held"), (3, "filed"), (4, "classifying")):
        book.advance(Step(tenant="main", document=f"d{n}", state=state, since=NOW + hour))  # type: ignore[arg-type]
    found = book.hours("main", NOW)
    assert [(one.begins, one.received, one.settled) for one in found] == [(NOW, 2, 0), (NOW + hour, 1, 2)]
    assert book.hours("other", NOW) == []


def test_oldest_under_way_is_neither_filed_nor_before_a_clerk(book: LedgerStore) -> None:
    """The first of those that somebody of the mail room still has to work on."""
    assert book.oldest_under_way("main") is None
    for n, state in ((1, "filed"), (2, "held"), (3, "no_record"), (4, "erased"), (5, "reading"), (6, "received")):
        book.add(line(n))
        book.advance(step(n, state))
    found = book.oldest_under_way("main")
    assert found
    assert found.receipt == "PE-005"


def test_clearing_spares_other_tenants(book: LedgerStore) -> None:
    """Everything of one tenant goes, and nothing of another."""
    for tenant in ("main", "other"):
        book.add(line(1, tenant=tenant))
        book.note_sweep(tenant, NOW)
    book.advance(step(1, "filed"))
    book.clear("main")
    assert (book.find("main", "PE-001"), book.swept_until("main"), book.counts("main")) == (None, None, {})
    assert book.find("other", "PE-001")
    assert book.swept_until("other") == NOW


def test_committed_lines_are_there_when_it_is_opened_again(opening: Any) -> None:
    """A book that was closed tells the same."""
    book = opening()
    book.add(line(1))
    book.advance(step(1, "held", version=2, reason="unsure"))
    book.commit()
    before = book.find("main", "PE-001")
    assert opening().find("main", "PE-001") == before


def test_a_book_of_an_earlier_version_is_filled_anew(tmp_path: Path) -> None:
    """It keeps its receipts, has room for what it lacked, and the sweeper takes it for one that was never swept."""
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as old:
        old.executescript(
            "create table receipts (tenant text, receipt text, document text, channel text, source text,"
            " received_at text, primary key (tenant, receipt)) without rowid;"
            "create table sweeps (tenant text primary key, until text) without rowid;"
            "insert into receipts values ('main', 'PE-001', 'd1', 'mail', 'gateway', '2026-11-23T08:00:01.000+00:00');"
            "insert into sweeps values ('main', '2026-11-23T08:00:00.000+00:00')"
        )
    old.close()
    book = SqliteLedgerStore(file)
    assert book.swept_until("main") is None
    assert book.find("main", "PE-001") == line(1)
    book.add(line(1, office="bauamt", sha256="a", message="b"))
    assert [found.office for found in book.named("main", "b", limit=5)] == ["bauamt"]
    book.add(line(1))
    assert [found.office for found in book.named("main", "a", limit=5)] == ["bauamt"]
    assert book.named("main", "", limit=5) == []
    book.close()
