"""When documents came and were done with, in the ledger's file: one small row a document, counted when asked for."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from services.core.ports.reports.course_book import Arrivals, Backlog, Course, Dues, Passage, PassageBy, Period
from services.core.vocabulary import MAIN_OFFICE

SCHEMA = """
create table if not exists courses (
    tenant text, document text, version integer, received_at text, channel text, office text, filed_at text,
    settled_at text, due_before text, primary key (tenant, document)) without rowid;
create index if not exists courses_by_filing on courses (tenant, filed_at) where filed_at <> '';
create index if not exists courses_open on courses (tenant, settled_at, received_at);
create index if not exists courses_due on courses (tenant, due_before) where due_before <> '';
"""
FILL = """
insert or ignore into courses
select r.tenant, r.document, 0, min(r.received_at), r.channel, coalesce(j.office, nullif(r.office, ''), 'poststelle'),
    case d.state when 'filed' then d.since else '' end,
    case when d.state in ('filed', 'no_record', 'erased') then d.since else '' end, ''
from receipts r left join documents d on d.tenant = r.tenant and d.document = r.document
    left join judgements j on j.tenant = r.tenant and j.document = r.document
where not exists (select 1 from courses) group by r.tenant, r.document;
"""
"""A book from before there were courses gets them as well as it can tell: writing it anew tells them exactly."""
_NOTE = """
insert into courses values (?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set version = excluded.version, received_at = excluded.received_at, channel = excluded.channel,
    office = excluded.office, filed_at = excluded.filed_at, settled_at = excluded.settled_at,
    due_before = excluded.due_before
where excluded.version > courses.version
    or (excluded.version = 0 and courses.version = 0 and excluded.received_at < courses.received_at)"""
_END = "update courses set settled_at = ? where tenant = ? and document = ? and settled_at = ''"
_BOX = f"case office when '' then '{MAIN_OFFICE}' else office end"
_ARRIVALS = """
select {step}, channel, {box}, count(*)
from receipts where tenant = ? and received_at >= ? and received_at < ? and {whose} group by 1, 2, 3 order by 1, 2, 3"""
_PASSAGES = """
with taken as (select {key} as name, (julianday(filed_at) - julianday(received_at)) * 86400.0 as seconds
        from courses where tenant = ? and filed_at <> '' and filed_at >= ? and filed_at < ? and {whose}),
    ranked as (select name, seconds, row_number() over (partition by name order by seconds) as rank,
        count(*) over (partition by name) as many from taken)
select name, many, max(case when rank = (many + 1) / 2 then seconds end),
    max(case when rank = (many * 9 + 9) / 10 then seconds end), sum(seconds <= ?)
from ranked group by name order by name"""
_OPEN = "tenant = ? and received_at < ? and (settled_at = '' or settled_at >= ?) and {whose}"
_BACKLOG = "select office, count(*), sum(received_at < ?) from courses where {open} group by 1 order by 1"
_OLDEST = """
select tenant, document, version, received_at, channel, office, filed_at, settled_at, due_before
from courses where {open} order by received_at, document limit ?"""
_DUES = """
select sum(done <> '' and done < due_before), sum(done >= due_before), sum(done = ''),
    sum(done = '' and due_before <= ?)
from (select due_before, case when settled_at < ? then settled_at else '' end as done
    from courses where tenant = ? and due_before > ? and due_before <= ? and received_at < ? and {whose})"""
_KEYS: dict[PassageBy, str] = {"all": "''", "office": "office", "channel": "channel"}

Write = Callable[[str, tuple[object, ...]], None]
Rows = Callable[[str, tuple[object, ...]], list[tuple[object, ...]]]


class SqliteCourseBook:
    """A part of the book: writes by its connection, and reads by one that holds no writer up."""

    def __init__(self, write: Write, rows: Rows) -> None:
        self._write_course = write
        self._counted = rows

    def note_course(self, course: Course) -> None:
        row = (
            course.tenant,
            course.document,
            course.version,
            _text(course.received_at),
            course.channel,
            course.office,
            _text(course.filed_at),
            _text(course.settled_at),
            _text(course.due_before),
        )
        self._write_course(_NOTE, row)

    def end_course(self, tenant: str, document: str, at: datetime) -> None:
        self._write_course(_END, (_text(at), tenant, document))

    def arrivals(self, tenant: str, period: Period) -> Sequence[Arrivals]:
        whose, offices = _whose(period, _BOX)
        step, steps = _step(period, "received_at")
        query = _ARRIVALS.format(step=step, box=_BOX, whose=whose)
        rows = self._counted(query, (*steps, tenant, *_between(period), *offices))
        return [
            Arrivals(step=_int(step), channel=str(channel), office=str(office), count=_int(count))
            for step, channel, office, count in rows
        ]

    def passages(self, tenant: str, by: PassageBy, period: Period) -> Sequence[Passage]:
        whose, offices = _whose(period, "office")
        key, steps = _step(period, "filed_at") if by == "step" else (_KEYS[by], ())
        query = _PASSAGES.format(key=key, whose=whose)
        values = (*steps, tenant, *_between(period), *offices, period.within.total_seconds())
        return [
            Passage(key=str(key), filed=_int(many), median_s=_seconds(median), p90_s=_seconds(p90), in_time=_int(quick))
            for key, many, median, p90, quick in self._counted(query, values)
        ]

    def backlog(self, tenant: str, period: Period) -> Sequence[Backlog]:
        whose, offices = _whose(period, "office")
        at = _text(period.at)
        values = (_text(period.at - period.within), tenant, at, at, *offices)
        rows = self._counted(_BACKLOG.format(open=_OPEN.format(whose=whose)), values)
        return [Backlog(office=str(office), open=_int(many), late=_int(late)) for office, many, late in rows]

    def oldest_open(self, tenant: str, period: Period, *, limit: int) -> Sequence[Course]:
        whose, offices = _whose(period, "office")
        at = _text(period.at)
        return [
            _course(row)
            for row in self._counted(_OLDEST.format(open=_OPEN.format(whose=whose)), (tenant, at, at, *offices, limit))
        ]

    def dues(self, tenant: str, period: Period) -> Dues:
        whose, offices = _whose(period, "office")
        at = _text(period.at)
        values = (at, at, tenant, *_between(period), at, *offices)
        (row,) = self._counted(_DUES.format(whose=whose), values)
        in_time, late, still_open, overdue = (_int(value or 0) for value in row)
        return Dues(in_time=in_time, late=late, open=still_open, overdue=overdue)


def _whose(period: Period, column: str) -> tuple[str, list[str]]:
    if period.offices is None:
        return "1", []
    offices = sorted(period.offices)
    return f"{column} in ({','.join('?' * len(offices))})", offices


def _step(period: Period, column: str) -> tuple[str, tuple[str, ...]]:
    """The number of the part that a moment lies in: how many of the later parts have begun by then."""
    later = tuple(_text(step) for step in period.steps[1:])
    return " + ".join(["0", *(f"({column} >= ?)" for _ in later)]), later


def _between(period: Period) -> tuple[str, str]:
    return _text(period.since), _text(period.before)


def _course(row: tuple[object, ...]) -> Course:
    tenant, document, version, received_at, channel, office, filed_at, settled_at, due_before = map(str, row)
    return Course(
        tenant=tenant,
        document=document,
        version=int(version),
        received_at=datetime.fromisoformat(received_at),
        channel=channel,
        office=office,
        filed_at=datetime.fromisoformat(filed_at) if filed_at else None,
        settled_at=datetime.fromisoformat(settled_at) if settled_at else None,
        due_before=datetime.fromisoformat(due_before) if due_before else None,
    )


def _int(value: object) -> int:
    return int(str(value))


def _seconds(value: object) -> float:
    return max(round(float(str(value)), 1), 0.0)


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else ""
