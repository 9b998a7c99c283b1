"""The book of receipts in SQLite, on both stacks: derived, small rows, one writing process."""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.adapters.ledger_store.sqlite import courses, judgements
from services.core.errors import TryLater
from services.core.ports.ledger_store import RANK, SETTLED, By, Hour, Judged, Line, LineFilter, Scrub, Span, Step, Tally

_SCHEMA = """
create table if not exists receipts (
    tenant text, receipt text, document text, channel text, source text, received_at text,
    office text default '', sha256 text default '', message text default '',
    primary key (tenant, receipt)) without rowid;
create index if not exists receipts_by_time on receipts (tenant, received_at, receipt);
create index if not exists receipts_by_document on receipts (tenant, document);
create table if not exists documents (
    tenant text, document text, state text default 'received', rank integer default -1, version integer default 0,
    since text, reason text default '', problem text default '', indexed_version integer default 0,
    primary key (tenant, document)) without rowid;
create table if not exists sweeps (tenant text primary key, until text) without rowid;
create table if not exists told (tenant text, receipt text, at text, primary key (tenant, receipt)) without rowid;
create table if not exists scrubs (
    tenant text primary key, began text, after text, tries integer, finished text) without rowid;
"""
_LINE = """
select r.receipt, r.tenant, r.document, r.channel, r.source, r.received_at,
    coalesce(d.state, 'received'), d.since, coalesce(d.reason, ''), coalesce(d.problem, ''),
    coalesce(d.indexed_version, 0), r.office, r.sha256, r.message
from receipts r left join documents d on d.tenant = r.tenant and d.document = r.document
where r.tenant = ?"""
_ADD = """
insert into receipts values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set document = excluded.document,
    office = coalesce(nullif(excluded.office, ''), office), sha256 = coalesce(nullif(excluded.sha256, ''), sha256),
    message = coalesce(nullif(excluded.message, ''), message)"""
_ADVANCE = """
insert into documents (tenant, document, state, rank, version, since, reason, problem) values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set state = excluded.state, rank = excluded.rank, version = excluded.version,
    since = excluded.since, reason = excluded.reason,
    problem = case when excluded.version > 0 then excluded.problem
        else coalesce(nullif(excluded.problem, ''), problem) end
where (excluded.rank, excluded.version) > (documents.rank, documents.version)"""
_INDEXED = """
insert into documents (tenant, document, indexed_version) values (?, ?, ?)
on conflict do update set indexed_version = max(indexed_version, excluded.indexed_version)"""
_RECEIVED_BY_HOUR = """
select substr(received_at, 1, 13), count(*) from receipts where tenant = ? and received_at >= ? group by 1"""
_SETTLED_BY_HOUR = """
select substr(since, 1, 13), count(*) from documents
where tenant = ? and since >= ? and state in ('held', 'filed', 'no_record') group by 1"""
_NAMES = """
create index if not exists receipts_by_sha256 on receipts (tenant, sha256);
create index if not exists receipts_by_message on receipts (tenant, message) where message <> '';"""
_NAMED = f"{_LINE} and (r.sha256 = ? or (r.message = ? and r.message <> '')) order by r.received_at desc limit ?"
_ERASED_RANK = 9
_CHUNK = 500
TOLD_FOR = timedelta(days=1)
"""How long the sweeper remembers what it told of: longer than any minute is looked at again."""


class SqliteLedgerStore(courses.SqliteCourseBook):
    """One connection under one lock; the file may be deleted, `poststelle rebuild` writes it again."""

    def __init__(self, path: Path | None) -> None:
        """Open the book, or one in memory where no path is given."""
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        with self._lock:
            self._db.executescript("pragma journal_mode = wal; pragma synchronous = normal;")
            self._db.executescript(_SCHEMA + judgements.SCHEMA + courses.SCHEMA)
            self._upgrade()
        self._reports = sqlite3.connect(path, check_same_thread=False) if path else self._db
        self._reporting = threading.Lock() if path else self._lock
        self._judgements = judgements.SqliteJudgementBook(self._write, self._rows)
        super().__init__(self._write, self._rows_of_reports)

    def add(self, line: Line) -> None:
        row = (
            line.tenant,
            line.receipt,
            line.document,
            line.channel,
            line.source,
            _text(line.received_at),
            line.office,
            line.sha256,
            line.message,
        )
        self._write(_ADD, row)

    def advance(self, step: Step) -> None:
        rank = RANK.get(step.state, _ERASED_RANK)
        row = (step.tenant, step.document, step.state, rank, step.version, _text(step.since), step.reason, step.problem)
        self._write(_ADVANCE, row)

    def indexed(self, tenant: str, document: str, version: int) -> None:
        self._write(_INDEXED, (tenant, document, version))

    def commit(self) -> None:
        with self._lock:
            try:
                self._db.commit()
            except sqlite3.Error as error:
                raise TryLater("ledger_away") from error

    def find(self, tenant: str, receipt: str) -> Line | None:
        rows = self._rows(f"{_LINE} and r.receipt = ?", (tenant, receipt))
        return _line(rows[0]) if rows else None

    def documents(self, tenant: str, after: str, *, limit: int) -> list[str]:
        query = "select distinct document from receipts where tenant = ? and document > ? order by document limit ?"
        return [str(row[0]) for row in self._rows(query, (tenant, after, limit))]

    def lines_of(self, tenant: str, document: str) -> list[Line]:
        return [_line(row) for row in self._rows(f"{_LINE} and r.document = ?", (tenant, document))]

    def named(self, tenant: str, name: str, *, limit: int) -> list[Line]:
        return [_line(row) for row in self._rows(_NAMED, (tenant, name, name, limit))]

    def lines(self, tenant: str, narrow: LineFilter, *, cursor: str, limit: int) -> tuple[list[Line], str]:
        clauses, values = _narrowed(narrow)
        if cursor:
            at, _, receipt = cursor.partition("~")
            clauses, values = [*clauses, "(r.received_at, r.receipt) < (?, ?)"], [*values, at, receipt]
        where = "".join(f" and {clause}" for clause in clauses)
        order = " order by r.received_at desc, r.receipt desc limit ?"
        rows = self._rows(_LINE + where + order, (tenant, *values, limit + 1))
        lines = [_line(row) for row in rows[:limit]]
        more = len(rows) > limit and lines
        return lines, f"{_text(lines[-1].received_at)}~{lines[-1].receipt}" if more else ""

    def unknown(self, tenant: str, receipts: Iterable[str]) -> set[str]:
        wanted = list(receipts)
        known: set[str] = set()
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            for table in ("receipts", "told"):
                query = f"select receipt from {table} where tenant = ? and receipt in ({marks})"  # noqa: S608  # only marks
                known.update(str(row[0]) for row in self._rows(query, (tenant, *chunk)))
        return set(wanted) - known

    def counts(self, tenant: str) -> dict[str, int]:
        query = """select coalesce(d.state, 'received'), count(distinct r.document) from receipts r
            left join documents d on d.tenant = r.tenant and d.document = r.document where r.tenant = ? group by 1"""
        return {str(state): int(str(count)) for state, count in self._rows(query, (tenant,))}

    def hours(self, tenant: str, since: datetime) -> list[Hour]:
        found: dict[str, list[int]] = {}
        for column, query in enumerate((_RECEIVED_BY_HOUR, _SETTLED_BY_HOUR)):
            for hour, count in self._rows(query, (tenant, _text(since))):
                found.setdefault(str(hour), [0, 0])[column] = int(str(count))
        begins = {hour: datetime.fromisoformat(f"{hour}:00:00+00:00") for hour in found}
        return [Hour(begins=begins[hour], received=found[hour][0], settled=found[hour][1]) for hour in sorted(found)]

    def oldest_under_way(self, tenant: str) -> Line | None:
        marks = ",".join(f"'{state}'" for state in (*SETTLED, "erased"))
        query = f"{_LINE} and coalesce(d.state, 'received') not in ({marks}) order by r.received_at, r.receipt limit 1"
        rows = self._rows(query, (tenant,))
        return _line(rows[0]) if rows else None

    def swept_until(self, tenant: str) -> datetime | None:
        rows = self._rows("select until from sweeps where tenant = ?", (tenant,))
        return _time(rows[0][0]) if rows else None

    def note_sweep(self, tenant: str, until: datetime) -> None:
        self._write("insert or replace into sweeps values (?, ?)", (tenant, _text(until)))
        self._write("delete from told where tenant = ? and at < ?", (tenant, _text(until - TOLD_FOR)))

    def note_told(self, tenant: str, receipt: str, at: datetime) -> None:
        self._write("insert or replace into told values (?, ?, ?)", (tenant, receipt, _text(at)))

    def scrub(self, tenant: str) -> Scrub | None:
        rows = self._rows("select began, after, tries, finished from scrubs where tenant = ?", (tenant,))
        if not rows:
            return None
        began, after, tries, finished = rows[0]
        moment = _time(began) or datetime.fromtimestamp(0, UTC)
        return Scrub(began=moment, after=str(after), tries=int(str(tries)), finished=_time(finished))

    def note_scrub(self, tenant: str, scrub: Scrub) -> None:
        row = (tenant, _text(scrub.began), scrub.after, scrub.tries, _text(scrub.finished))
        self._write("insert or replace into scrubs values (?, ?, ?, ?, ?)", row)

    def clear(self, tenant: str) -> None:
        for table in ("receipts", "documents", "sweeps", "scrubs", "judgements", "courses", "told"):
            self._write(f"delete from {table} where tenant = ?", (tenant,))  # noqa: S608  # our own table names

    def note_judged(self, judged: Judged) -> None:
        self._judgements.note_judged(judged)

    def forget_judged(self, tenant: str, document: str) -> None:
        self._judgements.forget_judged(tenant, document)

    def tallies(self, tenant: str, by: By, span: Span) -> Sequence[Tally]:
        return self._judgements.tallies(tenant, by, span)

    def close(self) -> None:
        with self._reporting:
            if self._reports is not self._db:
                self._reports.close()
        with self._lock:
            self._db.commit()
            self._db.close()

    def _upgrade(self) -> None:
        """A book of an earlier version gets what it lacks; forgetting its sweeps has the sweeper fill it anew."""
        there = {str(row[1]) for row in self._db.execute("pragma table_info(receipts)")}
        for column in ("office", "sha256", "message"):
            if column not in there:
                self._db.execute(f"alter table receipts add column {column} text default ''")
                self._db.execute("delete from sweeps")
        self._db.executescript(_NAMES + courses.FILL)

    def _write(self, query: str, values: tuple[object, ...]) -> None:
        with self._lock:
            try:
                self._db.execute(query, values)
            except sqlite3.Error as error:
                raise TryLater("ledger_away") from error

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        return _fetched(self._db, self._lock, query, values)

    def _rows_of_reports(self, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        """Over a connection of its own: counting a year takes seconds, in which the book goes on being written."""
        return _fetched(self._reports, self._reporting, query, values)


def _fetched(
    connection: sqlite3.Connection, lock: threading.Lock, query: str, values: tuple[object, ...]
) -> list[tuple[object, ...]]:
    with lock:
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise TryLater("ledger_away") from error


def _narrowed(narrow: LineFilter) -> tuple[list[str], list[object]]:
    clauses: list[str] = []
    values: list[object] = []
    pairs = (
        ("r.source = ?", narrow.source),
        ("coalesce(d.state, 'received') = ?", narrow.state),
        ("r.received_at >= ?", _text(narrow.received_from)),
        ("r.received_at < ?", _text(narrow.received_before)),
    )
    for clause, value in pairs:
        if value:
            clauses.append(clause)
            values.append(value)
    return clauses, values


def _line(row: tuple[object, ...]) -> Line:
    receipt, tenant, document, channel, source, received_at, state, since, reason, problem, version, *described = row
    office, sha256, message = map(str, described)
    return Line(
        receipt=str(receipt),
        tenant=str(tenant),
        document=str(document),
        channel=str(channel),
        source=str(source),
        received_at=_time(received_at) or datetime.fromtimestamp(0, UTC),
        office=office,
        sha256=sha256,
        message=message,
        state=str(state),
        since=_time(since),
        reason=str(reason),
        problem=str(problem),
        indexed_version=int(str(version)),
    )


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else ""


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
