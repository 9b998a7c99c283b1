"""Finds receipts that no event told of, and tells of them: with the log away post is still accepted."""

from datetime import datetime, timedelta

from services.core.errors import TryLater
from services.core.protocol.receiving import arrived_in, receipt_at, received_event
from services.ledger.rebuilding import rebuild
from services.runtime.context.service import Room

OVERLAP = timedelta(minutes=10)
"""Every sweep looks again at what a slow intake may have stored behind the last one."""


def sweep(room: Room) -> None:
    """Compare the arrivals since the last sweep with the book, publish what it lacks, and note how far this came.

    Only arrivals older than the grace are looked at: younger ones may be on their way. A book that was never swept is
    new, or was deleted: it is written from the whole store, with what no event may have told yet.
    """
    ports, tenant = room.ports, room.settings.tenant
    until = ports.clock.now() - room.settings.ledger.grace
    since = ports.ledger.swept_until(tenant)
    if since is None:
        _fill(room)
    else:
        _look(room, since - OVERLAP, until)
    ports.ledger.note_sweep(tenant, until)
    ports.ledger.commit()


def _fill(room: Room) -> None:
    if room.ports.index.fresh:
        raise TryLater("index_filling")  # the book notes what the index holds
    documents = rebuild(room)
    room.log.info("ledger_filled", documents=documents)


def _look(room: Room, since: datetime, until: datetime) -> None:
    minute = since.replace(second=0, microsecond=0)
    missing = 0
    while minute <= until:
        missing += _sweep_minute(room, minute, until)
        minute += timedelta(minutes=1)
    if missing:
        room.log.warning("receipts_swept", count=missing)


def _sweep_minute(room: Room, minute: datetime, until: datetime) -> int:
    ports, tenant = room.ports, room.settings.tenant
    missing = ports.ledger.unknown(tenant, arrived_in(ports.blobs, tenant, minute))
    published = 0
    for receipt_id in sorted(missing):
        receipt = receipt_at(ports.blobs, tenant, minute=minute, receipt_id=receipt_id)
        if receipt and receipt.received_at <= until:
            ports.log.publish(received_event(receipt, service=room.service, now=ports.clock.now()))
            published += 1
    return published
