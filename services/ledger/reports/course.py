"""The course of a document: when it came, and when it was done with."""

from datetime import datetime, time, timedelta

from services.core.model import record
from services.core.model.record import Record
from services.core.ports.reports.course_book import Course
from services.runtime.context.local_day import HERE

OPENING = ("assign", "reopen")
"""Actions after which a document waits for somebody again."""


def course_of(found: Record, office_of: dict[str, str]) -> Course | None:
    """The course as the record tells it; None for what is gone, or came to nobody."""
    if found.erased or not found.receipts:
        return None
    now, first = record.standing(found), found.receipts[0]
    judged = found.classification is not None or bool(found.decisions)
    filed = [filing.made_at for filing in found.filings if filing.outcome == "filed"]
    return Course(
        tenant=found.tenant,
        document=found.document,
        version=found.version,
        received_at=first.received_at,
        channel=first.channel,
        office=now.in_charge(office_of) if judged else first.office,
        filed_at=min(filed, default=None),
        settled_at=_settled_at(found, now.state),
        due_before=_due_before(found),
    )


def _settled_at(found: Record, state: str) -> datetime | None:
    """Since when nobody has to do anything with it; None while somebody has."""
    if state not in {"filed", "no_record"}:
        return None
    opened = max((one.decided_at for one in found.decisions if one.action in OPENING), default=None)
    done = [filing.made_at for filing in found.filings if filing.outcome == state]
    done += [one.decided_at for one in found.decisions if state == "no_record" and one.action not in OPENING]
    return min((moment for moment in done if opened is None or moment >= opened), default=record.since(found))


def _due_before(found: Record) -> datetime | None:
    parts = found.extraction.parts if found.extraction else ()
    days = [part.invoice.due_date for part in parts if part.invoice and part.invoice.due_date]
    if not days or min(days).year not in range(1900, 3000):  # what is read off an invoice may be any day at all
        return None
    return datetime.combine(min(days) + timedelta(days=1), time(), HERE)
