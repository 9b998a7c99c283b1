"""Giving a document another title: stored as the next revision, told, and told again where that failed."""

from msgspec import Struct

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentTitled
from services.core.model import record, record_files
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.side_files import Decided, Titled
from services.core.protocol.audience import acting_for
from services.core.protocol.revise import append, withdraw
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.worker.publishing import Announcer

STAGE = "title"
LONGEST = 300
"""Characters of a title."""


class TitleWish(Struct, frozen=True, kw_only=True):
    """What a document shall be called, and the version of its record that the person saw."""

    document: str
    title: str
    base_version: int


def entitle(wish: TitleWish, caller: Caller, *, context: Context, announcer: Announcer) -> int:
    """Call the document so from now on; the version of the record with it. Empty: as it says itself.

    What it is called already is no revision. Rejected `stale` where the caller saw another version, `bad_title`.
    """
    document = wish.document
    found = visible(context, caller.viewer, document)
    # What cannot be seen, such as marks that turn the direction of writing, would make a title say something else.
    title = " ".join("".join(letter if letter.isprintable() else " " for letter in wish.title).split())
    if len(title) > LONGEST:
        raise Rejected("bad_title")
    if title == (found.extraction.title if found.extraction else ""):
        title = ""
    if found.version != wish.base_version:
        return _given_before(title, found, caller, base_version=wish.base_version)
    if title == (found.titles[-1].title if found.titles else ""):
        return found.version
    now = context.ports.clock.now()
    pointer = keys.titled_pointer(found.tenant, document, found.next_revision(STAGE))
    pointing = Decided(document=document, decided_at=now)
    context.ports.blobs.create(Bucket.RECORDS, pointer, record_files.encode(pointing))
    made = Titled(
        title=title,
        given_at=now,
        base_revision=wish.base_version,
        actor=caller.id,
        in_place_of=acting_for(found, caller.viewer, context.plan),
    )
    revision = append(context.ports.blobs, found, STAGE, made)
    if revision is None:
        raise Rejected("stale")
    if revision == 0:
        raise Rejected("erased")
    if announcer.announce(_event(document, revision, made, context=context)):
        context.ports.blobs.delete(Bucket.RECORDS, pointer)
    return found.version + 1


def _given_before(title: str, found: Record, caller: Caller, *, base_version: int) -> int:
    """The answer to a wish whose first answer was lost: its title stands as the newest. Else the wish is stale."""
    newest = found.titles[-1] if found.titles else None
    if newest and (newest.actor, newest.base_revision, newest.title) == (caller.id, base_version, title):
        return found.version
    raise Rejected("stale")


def tell_again(context: Context) -> None:
    """Tell of the titles of which nobody may have heard: the log was away, or the process died before it told."""
    blobs = context.ports.blobs
    for pointer in list(blobs.keys(Bucket.RECORDS, keys.titled(context.settings.tenant))):
        with passing_unreadable(context, pointer):
            _tell_again(pointer, context)


def _tell_again(pointer: str, context: Context) -> None:
    ports, tenant = context.ports, context.settings.tenant
    try:
        pointing = record_files.decode(Decided, ports.blobs.read(Bucket.RECORDS, pointer))
    except BlobMissing:
        return  # another process is at the same round
    if ports.clock.now() - pointing.decided_at < context.settings.filing.repair_every:
        return  # whoever gave it is still at it
    found = record.load(ports.blobs, tenant, pointing.document)
    if found.erased:
        withdraw(ports.blobs, tenant, pointing.document, STAGE)
    revision = int(pointer.removesuffix(".json").rpartition("-")[2])
    if len(found.titles) >= revision:
        given = found.titles[revision - 1]
        ports.log.publish(_event(pointing.document, revision, given, context=context))
    ports.blobs.delete(Bucket.RECORDS, pointer)


def _event(document: str, revision: int, given: Titled, *, context: Context) -> Event:
    """The same event whoever tells it: its cause is the revision."""
    tenant = context.settings.tenant
    facts = DocumentTitled(document=document, revision=revision, actor=given.actor)
    cause = Cause(tenant, event_id(f"{tenant}/{document}/{revision}", "titled"))
    return topics.emit(facts, cause=cause, service=context.service, now=context.ports.clock.now())
