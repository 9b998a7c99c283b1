"""Finds receipts that no event told of, and tells of them: with the log away post is still accepted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.core.errors import TryLater
from services.core.messages import topics
from services.core.ports.ledger_store import LineFilter
from services.core.protocol.receiving import arrived_in, receipt_at, received_event
from services.ledger.rebuilding import rebuild
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable

OVERLAP = timedelta(minutes=10)
"""Every sweep looks again at what a slow intake may have stored behind the last one."""
LONGEST_LAG = timedelta(hours=1)
"""A book that is further behind stands still: what arrived before is told of all the same, once."""


def sweep(context: Context) -> None:
    """Compare the arrivals since the last sweep with the book, publish what it lacks, and note how far this came.

    Only arrivals older than the grace are looked at: younger ones may be on their way. A book that was never swept is
    new, or was deleted: it is written from the whole store, with what no event may have told yet.
    """
    ports, tenant = context.ports, context.settings.tenant
    until = ports.clock.now() - context.settings.ledger.grace
    since = ports.ledger.swept_until(tenant)
    if since is None:
        _fill(context)
    else:
        until = max(since, _look(context, since - OVERLAP, until))
    ports.ledger.note_sweep(tenant, until)
    ports.ledger.commit()


def _fill(context: Context) -> None:
    if context.ports.index.fresh:
        raise TryLater("index_filling")  # the book notes what the index holds
    documents = rebuild(context)
    context.log.info("ledger_filled", documents=documents)


def _look(context: Context, since: datetime, until: datetime) -> datetime:
    """Tell of what is missing, once each; the moment up to which nothing is missing any more."""
    missing = list(_missing(context, since, until))
    if not missing:
        return until
    reached = _reached(context, until)
    told = sum(_tell(context, minute, receipt_id, reached) for minute, receipt_id in missing)
    if told:
        context.log.warning("receipts_swept", count=told)
    return reached


def _missing(context: Context, since: datetime, until: datetime) -> Iterator[tuple[datetime, str]]:
    ports, tenant = context.ports, context.settings.tenant
    minute = since.replace(second=0, microsecond=0)
    while minute <= until:
        for receipt_id in sorted(ports.ledger.unknown(tenant, arrived_in(ports.blobs, tenant, minute))):
            yield minute, receipt_id
        minute += timedelta(minutes=1)


def _reached(context: Context, until: datetime) -> datetime:
    """How far the book can be compared: as long as it has events to read, up to the newest receipt that it holds.

    What it lacks beyond may well lie before it on the log, and telling of it again would only make it later.
    """
    ports, tenant, ledger = context.ports, context.settings.tenant, context.settings.ledger
    if not any(ports.log.backlog(context.service, (topics.RECEIVED,)).values()):
        return until
    newest, _ = ports.ledger.lines(tenant, LineFilter(), cursor="", limit=1)
    longest = ports.clock.now() - LONGEST_LAG
    return min(until, max(longest, newest[0].received_at - ledger.grace)) if newest else longest


def _tell(context: Context, minute: datetime, receipt_id: str, reached: datetime) -> bool:
    ports, tenant = context.ports, context.settings.tenant
    receipt = None
    with passing_unreadable(context, receipt_id):
        receipt = receipt_at(ports.blobs, tenant, minute=minute, receipt_id=receipt_id)
    if receipt is None or receipt.received_at > reached:
        return False
    now = ports.clock.now()
    ports.log.publish(received_event(receipt, service=context.service, now=now))
    ports.ledger.note_told(tenant, receipt_id, now)
    return True
