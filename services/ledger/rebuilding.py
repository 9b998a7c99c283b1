"""The book from the store alone."""

from collections.abc import Callable

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.protocol.receiving import received_event
from services.ledger.handler import line_of, note_outcome, step_of
from services.runtime.access.originals import inspect
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.web.rebuilding import Tell, silent

BATCH = 500


def rebuild_checked(context: Context, tell: Tell) -> int:
    """The same for an operator, who is also told which originals are damaged: each is read from end to end."""
    return rebuild(context, tell, look=inspect)


def rebuild(context: Context, tell: Tell = silent, *, look: Callable[[str, Context], bool] | None = None) -> int:
    """Write every receipt and standing of the store into the book, and say how many documents that were.

    Events that arrive meanwhile go on being noted: both only ever add or advance. What no event may have told yet is
    told first: the sweeper sees only receipts that are not in the book.
    """
    prefix = keys.documents(context.settings.tenant)
    count, damaged, last = 0, 0, ""
    for key in context.ports.blobs.keys(Bucket.RECORDS, prefix):
        document = key[len(prefix) :].partition("/")[0]
        if document == last:
            continue
        with passing_unreadable(context, document):
            _note(context, document)
        count, last = count + 1, document
        damaged += look is not None and not look(document, context)
        tell(count, damaged)
        if count % BATCH == 0:
            context.ports.ledger.commit()
    context.ports.ledger.commit()
    return count


def _note(context: Context, document: str) -> None:
    book, tenant = context.ports.ledger, context.settings.tenant
    found = record.load(context.ports.blobs, tenant, document)
    untold = [_received(receipt, context) for receipt in found.receipts if _untold(receipt, found)]
    context.ports.log.publish(*untold)
    for receipt in found.receipts:
        book.add(line_of(receipt))
    if found.receipts or found.erased:
        book.advance(step_of(found))
        note_outcome(found, context)
    version = context.ports.index.version_of(document)
    if version:
        book.indexed(tenant, document, version)


def _untold(receipt: Receipt, found: Record) -> bool:
    """Whether nothing proves that its event was told: the reading came of one, of this receipt or of an earlier."""
    return found.extraction is None or found.extraction.made_at < receipt.received_at


def _received(receipt: Receipt, context: Context) -> Event:
    return received_event(receipt, service=context.service, now=context.ports.clock.now())
