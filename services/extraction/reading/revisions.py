"""Revisions of the extraction in the record: created once, told by events, taken back where a tombstone stands."""

import contextlib
from collections.abc import Sequence

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.model import record, record_files
from services.core.model.record_files import Extraction, PageRange
from services.core.protocol import facts
from services.core.protocol.revise import withdraw
from services.extraction.invoices.telling import invoices_told
from services.runtime.context.service import Context

STAGE = "extraction"


def stored(context: Context, event: Event, revision: int) -> Extraction | None:
    """That revision of the event's document, or None."""
    key = keys.stage(event.tenant, event.document, STAGE, revision)
    with contextlib.suppress(BlobMissing):
        return record_files.decode(Extraction, context.ports.blobs.read(Bucket.RECORDS, key))
    return None


def is_erased(context: Context, event: Event) -> bool:
    """Whether the tombstone of the event's document stands."""
    return record.is_erased(context.ports.blobs, event.tenant, event.document)


def withdrawn(context: Context, event: Event) -> list[Event]:
    """Nothing to tell of an erased document, and nothing left of what a crash kept us from taking back."""
    withdraw(context.ports.blobs, event.tenant, event.document, STAGE)
    return []


def keep_first(context: Context, event: Event, extraction: Extraction) -> Extraction | None:
    """Store the first reading, then look for the tombstone and take the writing back.

    Returns what stands: this one, or that of whoever was first; None when the document is erased. It is not `revise`,
    because nothing stands before it on which it could be decided, and loading a record of nothing but receipts would
    cost every mail three reads.
    """
    key = keys.stage(event.tenant, event.document, STAGE, 1)
    created = context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(extraction))
    if is_erased(context, event):
        context.ports.blobs.delete(Bucket.RECORDS, key)
        delete_derived(context, event, extraction)
        return None
    return extraction if created else stored(context, event, 1)


def events_of(context: Context, event: Event, *, revision: int, extraction: Extraction) -> list[Event]:
    """The events of a stored revision: that it is there, and requests for the pages it newly waits for.

    Ids come from the cause in the revision, so whoever tells it, and how often, these are the same events.
    """
    before = stored(context, event, revision - 1) if revision > 1 else None
    known = set(before.awaiting) if before else set()
    cause = Cause(event.tenant, extraction.cause, event.trace)
    told = facts.of_extraction(extraction, event.document, revision)
    fresh = [pages for pages in extraction.awaiting if pages not in known]
    first = topics.emit(told, cause=cause, service=context.service, now=extraction.made_at)
    asked = requests(context, event, cause=cause, revision=revision, ranges=fresh)
    return [first, *asked, *invoices_told(extraction, event, service=context.service)]


def told_before(context: Context, event: Event, newest: int) -> list[Event]:
    """The events of the revision that this event brought about; none where it has brought none about yet.

    Others may have made newer revisions since: the way goes back from the newest.
    """
    for number in range(newest, 0, -1):
        extraction = stored(context, event, number)
        if extraction and extraction.cause == event.id:
            return events_of(context, event, revision=number, extraction=extraction)
    return []


def requests(
    context: Context, event: Event, *, cause: Cause, revision: int, ranges: Sequence[PageRange]
) -> list[Event]:
    """One request for each range, keyed by content, so that equal contents are read one after another."""
    now = context.ports.clock.now()
    found = []
    for ordinal, pages in enumerate(ranges):
        told = facts.of_awaited(pages, event.document, revision)
        cause_of_this = cause.nth(ordinal)
        found.append(topics.emit(told, cause=cause_of_this, service=context.service, now=now, key=pages.sha256))
    return found


def delete_derived(context: Context, event: Event, extraction: Extraction) -> None:
    """Remove what was laid out and read for this document, which was erased meanwhile."""
    blobs = context.ports.blobs
    hashes = {part.sha256 for part in extraction.parts} | {pages.sha256 for pages in extraction.awaiting}
    for sha256 in sorted(filter(None, hashes)):
        own = keys.handed_over(event.tenant, sha256, event.document)
        others = keys.handed_over(event.tenant, sha256, "")
        for derived in list(blobs.keys(Bucket.DERIVED, keys.derived(event.tenant, sha256, ""))):
            # What another document laid out is its own; what was made from the content goes with any user of it.
            if derived == own or not derived.startswith(others):
                blobs.delete(Bucket.DERIVED, derived)
