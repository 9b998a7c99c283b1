"""What the books do by themselves: a day that is over is closed, and once a day everything is compared.

The comparison goes on in short pieces: a process that is to stop cannot wait for its end, and whatever else works here
has the time between them. A process that ends over it begins anew at its next start.
"""

import inspect
import time
from collections.abc import Generator
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from services.core import keys
from services.core.bookkeeping import Reconciliation
from services.core.keys import Bucket
from services.core.model import record_files
from services.ledger.books.balancing import close_days
from services.ledger.books.reconciling import Progress, reconcile
from services.runtime.context.configuration import Configuration
from services.runtime.context.service import Context

EVERY = timedelta(seconds=20)
PIECE_S = 10.0
"""Seconds of one piece: with the rest between two, comparing takes a third of one processor at most."""
_walks: "WeakKeyDictionary[Configuration, Generator[Progress | Reconciliation]]" = WeakKeyDictionary()


def keep_books(context: Context) -> None:
    """Close the days that are over; go on comparing, or begin where that is due."""
    walk = _walks.get(context.configuration)
    if walk is None:
        close_days(context)
        if not is_due(context):
            return
        walk = _walks[context.configuration] = reconcile(context, read_originals=False)
    report = None
    try:
        report = _go_on(walk)
    finally:
        if report or inspect.getgeneratorstate(walk) == inspect.GEN_CLOSED:
            walk.close()
            del _walks[context.configuration]
    if report:
        _keep(context, report)


def is_due(context: Context) -> bool:
    """Whether today, as the town counts days, nothing was compared yet and the time for it has come."""
    at = context.settings.ledger.reconcile_at
    now = _local(context)
    key = keys.reconciliation(context.settings.tenant, now.date())
    return bool(at) and f"{now:%H:%M}" >= at and context.ports.blobs.size(Bucket.RECORDS, key) is None


def last_report(context: Context) -> Reconciliation | None:
    """What the last comparison found that went by itself."""
    *_, last = (None, *context.ports.blobs.keys(Bucket.RECORDS, keys.reconciliations(context.settings.tenant)))
    return record_files.decode(Reconciliation, context.ports.blobs.read(Bucket.RECORDS, last)) if last else None


def _go_on(walk: Generator[Progress | Reconciliation]) -> Reconciliation | None:
    until = time.monotonic() + PIECE_S
    for told in walk:
        if isinstance(told, Reconciliation):
            return told
        if time.monotonic() > until:
            return None
    return None


def _keep(context: Context, report: Reconciliation) -> None:
    day = _local(context).date()
    content = record_files.encode(report)
    context.ports.blobs.create(Bucket.RECORDS, keys.reconciliation(context.settings.tenant, day), content)
    tell = context.log.info if report.agrees else context.log.error
    tell("books_compared", documents=report.documents, receipts=report.receipts, found=dict(report.counts))


def _local(context: Context) -> datetime:
    return context.ports.clock.now().astimezone(ZoneInfo(context.settings.filing.time_zone))
