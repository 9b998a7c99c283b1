"""The book from the store alone."""

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.protocol.receiving import received_event
from services.ledger.handler import line_of, step_of
from services.runtime.context.service import Room
from services.runtime.web.rebuilding import Tell

BATCH = 500


def rebuild(room: Room, tell: Tell = lambda _: None) -> int:
    """Write every receipt and standing of the store into the book, and say how many documents that were.

    Events that arrive meanwhile go on being noted: both only ever add or advance. What no event may have told yet is
    told first: the sweeper sees only receipts that are not in the book.
    """
    prefix = keys.documents(room.settings.tenant)
    count, last = 0, ""
    for key in room.ports.blobs.keys(Bucket.RECORDS, prefix):
        document = key[len(prefix) :].partition("/")[0]
        if document == last:
            continue
        _note(room, document)
        count, last = count + 1, document
        tell(count)
        if count % BATCH == 0:
            room.ports.ledger.commit()
    room.ports.ledger.commit()
    return count


def _note(room: Room, document: str) -> None:
    book, tenant = room.ports.ledger, room.settings.tenant
    found = record.load(room.ports.blobs, tenant, document)
    untold = [_received(receipt, room) for receipt in found.receipts if _untold(receipt, found)]
    room.ports.log.publish(*untold)
    for receipt in found.receipts:
        book.add(line_of(receipt))
    if found.receipts or found.erased:
        book.advance(step_of(found))
    version = room.ports.index.version_of(document)
    if version:
        book.indexed(tenant, document, version)


def _untold(receipt: Receipt, found: Record) -> bool:
    """Whether nothing proves that its event was told: the reading came of one, of this receipt or of an earlier."""
    return found.extraction is None or found.extraction.made_at < receipt.received_at


def _received(receipt: Receipt, room: Room) -> Event:
    return received_event(receipt, service=room.service, now=room.ports.clock.now())
