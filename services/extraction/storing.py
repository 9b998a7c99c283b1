"""Revisions of the extraction in the record: created once, told by events, taken back where a tombstone stands."""

import contextlib
from collections.abc import Sequence

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentExtracted, OcrRequested
from services.core.model import record, record_files
from services.core.model.record_files import Extraction, PageRange
from services.core.protocol import writing
from services.runtime.context.service import Room

STAGE = "extraction"


def stored(room: Room, event: Event, revision: int) -> Extraction | None:
    """That revision of the event's document, or None."""
    key = keys.stage(event.tenant, event.document, STAGE, revision)
    with contextlib.suppress(BlobMissing):
        return record_files.decode(Extraction, room.ports.blobs.read(Bucket.RECORDS, key))
    return None


def latest(room: Room, event: Event) -> tuple[int, Extraction] | None:
    """The newest revision with its number, or None where nothing was read yet."""
    folder = f"{keys.record(event.tenant, event.document)}{STAGE}/"
    numbers = [keys.number_in(key) for key in room.ports.blobs.keys(Bucket.RECORDS, folder)]
    found = stored(room, event, max(numbers)) if numbers else None
    return (max(numbers), found) if found else None


def is_erased(room: Room, event: Event) -> bool:
    """Whether the tombstone of the event's document stands."""
    return record.is_erased(room.ports.blobs, event.tenant, event.document)


def withdrawn(room: Room, event: Event) -> list[Event]:
    """Nothing to tell of an erased document, and nothing left of what a crash kept us from taking back."""
    writing.withdraw(room.ports.blobs, event.tenant, event.document, STAGE)
    return []


def keep(room: Room, event: Event, *, revision: int, extraction: Extraction) -> Extraction | None:
    """Store under a new number, then look for the tombstone and take the writing back.

    Returns what stands under that number: this one, or that of whoever was first; None when the document is erased.
    """
    key = keys.stage(event.tenant, event.document, STAGE, revision)
    created = room.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(extraction))
    if is_erased(room, event):
        _take_back(room, event, key=key, extraction=extraction)
        return None
    return extraction if created else stored(room, event, revision)


def told(room: Room, event: Event, *, revision: int, extraction: Extraction) -> list[Event]:
    """The events of a stored revision: that it is there, and requests for the pages it newly waits for.

    Ids come from the cause in the revision, so whoever tells it, and how often, these are the same events.
    """
    before = stored(room, event, revision - 1) if revision > 1 else None
    known = set(before.awaiting) if before else set()
    cause = Cause(event.tenant, extraction.cause, event.trace)
    facts = DocumentExtracted(
        document=event.document,
        revision=revision,
        complete=extraction.complete,
        part_count=len(extraction.parts),
        problem_code=extraction.problem,
    )
    fresh = [pages for pages in extraction.awaiting if pages not in known]
    first = topics.emit(facts, cause=cause, service=room.service, now=extraction.made_at)
    return [first, *requests(room, event, cause=cause, revision=revision, ranges=fresh)]


def requests(room: Room, event: Event, *, cause: Cause, revision: int, ranges: Sequence[PageRange]) -> list[Event]:
    """One request for each range, keyed by content, so that equal contents are read one after another."""
    now = room.ports.clock.now()
    found = []
    for ordinal, pages in enumerate(ranges):
        facts = OcrRequested(
            document=event.document,
            revision=revision,
            part=pages.part,
            first_page=pages.first_page,
            last_page=pages.last_page,
            content_key=pages.content_key,
        )
        cause_of_this = cause.nth(ordinal)
        found.append(topics.emit(facts, cause=cause_of_this, service=room.service, now=now, key=pages.sha256))
    return found


def _take_back(room: Room, event: Event, *, key: str, extraction: Extraction) -> None:
    blobs = room.ports.blobs
    blobs.delete(Bucket.RECORDS, key)
    hashes = {part.sha256 for part in extraction.parts} | {pages.sha256 for pages in extraction.awaiting}
    for sha256 in sorted(filter(None, hashes)):
        own = keys.handed_over(event.tenant, sha256, event.document)
        others = keys.handed_over(event.tenant, sha256, "")
        for derived in list(blobs.keys(Bucket.DERIVED, keys.derived(event.tenant, sha256, ""))):
            # What another document laid out is its own; what was made from the content goes with any user of it.
            if derived == own or not derived.startswith(others):
                blobs.delete(Bucket.DERIVED, derived)
