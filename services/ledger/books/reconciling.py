"""Everything compared from end to end: each document of store and ledger once, in the order of their ids."""

import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from heapq import merge

from msgspec import Struct

from services.core.bookkeeping import Discrepancy, Fault, Reconciliation
from services.core.errors import Rejected
from services.ledger.books.comparing import Comparison, unreadable
from services.ledger.scrub import documents_behind
from services.runtime.context.service import Context

NAMED = 1000
"""Differences that the report holds; the log names each of them."""
TELLS_EVERY_S = 0.5
PAGE = 1000
_one_at_a_time = threading.Lock()


class Progress(Struct, frozen=True):
    """How many documents were compared so far."""

    done: int


def reconcile(context: Context, *, read_originals: bool) -> Generator[Progress | Reconciliation]:
    """Compare everything; the last thing that it tells is the report. Rejected `already_running` while another runs.

    What it heals it heals on the way: whoever breaks it off has lost nothing but the report.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise Rejected("already_running")
    try:
        yield from _walk(context, read_originals=read_originals)
    finally:
        _one_at_a_time.release()


def report_of(context: Context, *, read_originals: bool) -> Reconciliation:
    """The same for whoever does not listen."""
    *_, last = reconcile(context, read_originals=read_originals)
    if not isinstance(last, Reconciliation):
        raise TypeError  # the walk ends with its report
    return last


def _walk(context: Context, *, read_originals: bool) -> Generator[Progress | Reconciliation]:
    began_at, told = context.ports.clock.now(), time.monotonic()
    comparison = Comparison.begin(context, read_originals=read_originals)
    counts: Counter[Fault] = Counter()
    named: list[Discrepancy] = []
    done = 0
    for done, document in enumerate(_documents(context), 1):
        for difference in _compared(comparison, document):
            counts[difference.fault] += 1
            named += [difference] if len(named) < NAMED else []
        if time.monotonic() - told > TELLS_EVERY_S:
            context.ports.ledger.commit()
            told = time.monotonic()
            yield Progress(done)
    context.ports.ledger.commit()
    yield Reconciliation(
        began_at=began_at,
        ended_at=context.ports.clock.now(),
        documents=done,
        receipts=comparison.receipts,
        originals_read=read_originals,
        under_way=comparison.under_way,
        counts=dict(counts),
        differences=tuple(named),
    )


def _compared(comparison: Comparison, document: str) -> list[Discrepancy]:
    try:
        return list(comparison.of(document))
    except (Rejected, ValueError):  # a file of the record is not what it should be, or its name is no number
        return [unreadable(comparison.context, document)]


def _documents(context: Context) -> Iterator[str]:
    last = ""
    for document in merge(documents_behind("", context), _booked(context)):
        if document != last:
            last = document
            yield document


def _booked(context: Context) -> Iterator[str]:
    after = ""
    while page := context.ports.ledger.documents(context.settings.tenant, after, limit=PAGE):
        yield from page
        after = page[-1]
