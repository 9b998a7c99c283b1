"""The event that puts a document before the service whose turn it is, made again from the record."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.model.record import Record
from services.core.model.record_files import Classification, Extraction
from services.core.protocol import facts
from services.core.protocol.receiving import SERVICE_OF, received_event

_FIRST, _LAST = 100_000, 999_999
"""Above every number that replays of dead letters reach; a number comes again after ten days."""


def again(found: Record, service: str, now: datetime) -> list[Event]:
    """On the service's own topic of replays: nobody else sees them.

    Each is the event that its author told, under the same id, for what follows of it takes its id from that. The
    number of the replay is made of the clock's second: a reader that remembers the id takes it all the same.
    """
    made = {"ocr": _requests, "classification": _extracted, "filing": _classified}.get(service, _received)
    number = _FIRST + int(now.timestamp()) % (_LAST - _FIRST)
    return [replace(event, topic=topics.replay_topic(service), replay=number) for event in made(found, now)]


def _received(found: Record, now: datetime) -> Iterator[Event]:
    for receipt in found.receipts[:1]:
        yield received_event(receipt, service=SERVICE_OF[receipt.channel], now=now)


def _extracted(found: Record, now: datetime) -> Iterator[Event]:
    made = found.extraction
    if made:
        told = facts.of_extraction(made, found.document, found.revisions["extraction"])
        yield topics.emit(told, cause=_cause(found, made), service="extraction", now=now)


def _requests(found: Record, now: datetime) -> Iterator[Event]:
    made = found.extraction
    if made is None:
        return
    for ordinal, pages in enumerate(made.awaiting):
        told = facts.of_awaited(pages, found.document, found.revisions["extraction"])
        cause = _cause(found, made).nth(ordinal)
        yield topics.emit(told, cause=cause, service="extraction", now=now, key=pages.sha256)


def _classified(found: Record, now: datetime) -> Iterator[Event]:
    made = found.classification
    if made:
        told = facts.of_classification(made, found.document, found.revisions["classification"])
        yield topics.emit(told, cause=_cause(found, made), service="classification", now=now)


def _cause(found: Record, made: Extraction | Classification) -> Cause:
    return Cause(found.tenant, made.cause)
