"""Finds receipts that no event told of, and tells of them: with the log away post is still accepted."""

from datetime import datetime, timedelta

from services.core.errors import TryLater
from services.core.protocol.receiving import arrived_in, receipt_at, received_event
from services.ledger.rebuilding import rebuild
from services.runtime.context.service import Context

OVERLAP = timedelta(minutes=10)
"""Every sweep looks again at what a slow intake may have stored behind the last one."""


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
        _look(context, since - OVERLAP, until)
    ports.ledger.note_sweep(tenant, until)
    ports.ledger.commit()


def _fill(context: Context) -> None:
    if context.ports.index.fresh:
        raise TryLater("index_filling")  # the book notes what the index holds
    documents = rebuild(context)
    context.log.info("ledger_filled", documents=documents)


def _look(context: Context, since: datetime, until: datetime) -> None:
    minute = since.replace(second=0, microsecond=0)
    missing = 0
    while minute <= until:
        missing += _sweep_minute(context, minute, until)
        minute += timedelta(minutes=1)
    if missing:
        context.log.warning("receipts_swept", count=missing)


def _sweep_minute(context: Context, minute: datetime, until: datetime) -> int:
    ports, tenant = context.ports, context.settings.tenant
    missing = ports.ledger.unknown(tenant, arrived_in(ports.blobs, tenant, minute))
    published = 0
    for receipt_id in sorted(missing):
        receipt = receipt_at(ports.blobs, tenant, minute=minute, receipt_id=receipt_id)
        if receipt and receipt.received_at <= until:
            ports.log.publish(received_event(receipt, service=context.service, now=ports.clock.now()))
            published += 1
    return published
