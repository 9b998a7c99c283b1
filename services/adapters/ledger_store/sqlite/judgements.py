"""How judgements turned out, in the ledger's file: one small row a document, counted when it is asked for."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from services.core.ports.ledger_store import By, Judged, Span, Tally

SCHEMA = """
create table if not exists judgements (
    tenant text, document text, version integer, judged_at text, office text, proposed_office text, position text,
    confidence real, reason text, automatic integer, corrected integer, decided integer, final text,
    primary key (tenant, document)) without rowid;
create index if not exists judgements_by_time on judgements (tenant, judged_at);
"""
_NOTE = """
insert into judgements values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set version = excluded.version, judged_at = excluded.judged_at, office = excluded.office,
    proposed_office = excluded.proposed_office, position = excluded.position, confidence = excluded.confidence,
    reason = excluded.reason, automatic = excluded.automatic, corrected = excluded.corrected,
    decided = excluded.decided, final = excluded.final
where excluded.version >= judgements.version"""
_KEYS: dict[By, str] = {
    "all": "''",
    "office": "office",
    "position": "position",
    "week": "date(judged_at, '-6 days', 'weekday 1')",
    "reason": "reason",
    "certainty": "printf('%.1f', min(cast(confidence * 10 as integer), 9) / 10.0)",
}
_COUNT = """
select {key}, count(*), sum(automatic), sum(corrected), sum(decided),
    sum(decided and position <> '' and position = final), sum(decided and final <> '' and proposed_office = office),
    sum(decided and final <> ''), sum(decided * confidence), sum(not automatic and not decided)
from judgements where tenant = ? and judged_at >= ? and judged_at < ? and {whose}
    and (? is null or position = ?)
group by 1 order by 1"""

Write = Callable[[str, tuple[object, ...]], None]
Rows = Callable[[str, tuple[object, ...]], list[tuple[object, ...]]]


class SqliteJudgementBook:
    """Works on the connection of the book that it is a part of."""

    def __init__(self, write: Write, rows: Rows) -> None:
        self._write = write
        self._rows = rows

    def note_judged(self, judged: Judged) -> None:
        row = (
            judged.tenant,
            judged.document,
            judged.version,
            _text(judged.judged_at),
            judged.office,
            judged.proposed_office,
            judged.position,
            judged.confidence,
            judged.reason,
            judged.automatic,
            judged.corrected,
            judged.decided,
            judged.final,
        )
        self._write(_NOTE, row)

    def forget_judged(self, tenant: str, document: str) -> None:
        self._write("delete from judgements where tenant = ? and document = ?", (tenant, document))

    def tallies(self, tenant: str, by: By, span: Span) -> Sequence[Tally]:
        offices = sorted(span.offices) if span.offices is not None else []
        whose = f"office in ({','.join('?' * len(offices))})" if span.offices is not None else "1"
        query = _COUNT.format(key=_KEYS[by], whose=whose)
        values = (tenant, _text(span.since), _text(span.before), *offices, span.position, span.position)
        return [_tally(row) for row in self._rows(query, values)]


def _tally(row: tuple[object, ...]) -> Tally:
    key, judged, automatic, corrected, decided, hits, office_hits, placed, expected, waiting = row
    return Tally(
        key=str(key or ""),
        judged=int(str(judged)),
        automatic=int(str(automatic)),
        corrected=int(str(corrected)),
        decided=int(str(decided)),
        hits=int(str(hits)),
        office_hits=int(str(office_hits)),
        placed=int(str(placed)),
        expected=float(str(expected)),
        waiting=int(str(waiting)),
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
