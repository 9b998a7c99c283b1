"""What people write into a record beside decisions: a revision of its own, told, and told again where that failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct

from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import Facts
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.side_files import Decided
from services.core.protocol.revise import append, withdraw
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.worker.publishing import Announcer


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One kind of such revisions."""

    stage: str
    cause: str
    """Names the cause of its events, which so have the same ids whoever tells them."""
    pointers: Callable[[str], str]
    """Above the pointers of a tenant."""
    revisions: Callable[[Record], Sequence[Struct]]
    facts: Callable[[str, int, Struct], Facts]
    """What is told of a document, its revision, and what that says."""


def write(kind: Written, found: Record, made: Struct, *, context: Context, announcer: Announcer) -> bool:
    """Store the next revision and tell of it; False where somebody else was first. Rejected `erased`.

    1. Point at it, then store it: what a crash or an absent log leaves untold, `tell_again` finds by the pointer.
    2. Tell, and forget the pointer where that went well.
    """
    blobs, document = context.ports.blobs, found.document
    pointer = f"{kind.pointers(found.tenant)}{document}-{found.next_revision(kind.stage)}.json"
    pointing = Decided(document=document, decided_at=context.ports.clock.now())
    blobs.create(Bucket.RECORDS, pointer, record_files.encode(pointing))
    revision = append(blobs, found, kind.stage, made)
    if revision == 0:
        raise Rejected("erased")
    if revision and announcer.announce(_event(kind, document, revision, made, context=context)):
        blobs.delete(Bucket.RECORDS, pointer)
    return revision is not None


def tell_again(kind: Written, context: Context) -> None:
    """Tell of what nobody may have heard of: the log was away, or the process died before it told."""
    blobs = context.ports.blobs
    for pointer in list(blobs.keys(Bucket.RECORDS, kind.pointers(context.settings.tenant))):
        with passing_unreadable(context, pointer):
            _tell_again(kind, pointer, context)


def _tell_again(kind: Written, pointer: str, context: Context) -> None:
    ports, tenant = context.ports, context.settings.tenant
    try:
        pointing = record_files.decode(Decided, ports.blobs.read(Bucket.RECORDS, pointer))
    except BlobMissing:
        return  # another process is at the same round
    if ports.clock.now() - pointing.decided_at < context.settings.filing.repair_every:
        return  # whoever wrote it is still at it
    found = record.load(ports.blobs, tenant, pointing.document)
    if found.erased:
        withdraw(ports.blobs, tenant, pointing.document, kind.stage)
    revision, revisions = int(pointer.removesuffix(".json").rpartition("-")[2]), kind.revisions(found)
    if len(revisions) >= revision:
        event = _event(kind, pointing.document, revision, revisions[revision - 1], context=context)
        ports.log.publish(event)
    ports.blobs.delete(Bucket.RECORDS, pointer)


def _event(kind: Written, document: str, revision: int, made: Struct, *, context: Context) -> Event:
    tenant = context.settings.tenant
    cause = Cause(tenant, event_id(f"{tenant}/{document}/{revision}", kind.cause))
    facts = kind.facts(document, revision, made)
    return topics.emit(facts, cause=cause, service=context.service, now=context.ports.clock.now())
