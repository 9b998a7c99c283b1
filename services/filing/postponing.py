"""Decisions of the desk wait some seconds, in which they can be taken back; nobody but the desk knows of them before.

A postponed decision is a file of its own beside the records. What comes of it is a second file, which is created once:
`applied` by the round that carries it out, or `withdrawn` by the clerk. Whoever comes second reads what is there, so a
decision is never both, whoever dies, stalls or repeats in between. Registrar, index and procedures learn of a decision
only when it is stored in the record, as that of a program is at once: nothing has ever to be untold.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.model import record, record_files
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.side_files import Postponed, PostponedEnd
from services.core.ports.entries import Viewer
from services.filing.decisions import Wish, checked, decide
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.worker.publishing import Announcer

Kind = TypeVar("Kind", bound=Struct)

ENDS_KEPT = timedelta(days=2)
"""Longer than any process may stall between reading a decision and carrying it out."""
TRIED_FOR = timedelta(days=1)
"""How long a decision waits for pages that are being arranged; well below `ENDS_KEPT`, so nobody takes it back then."""
TOLD_FOR = timedelta(minutes=10)
"""How long the desk tells a clerk that a decision could not be carried out."""


def postpone(wish: Wish, document: str, caller: Caller, *, context: Context, bundle: str = "") -> Postponed:
    """Store what is wanted, to be carried out after `filing.undo_within`; Rejected says what is wrong with it already.

    `bundle` names several that are taken back together. Asked for again by the same clerk it is the one that is there;
    beside another clerk's it is `stale`.
    """
    found = visible(context, caller.viewer, document)
    there = next((one for one in open_ones(context) if one.document == document), None)
    if there:
        if (there.actor, there.action, there.base_revision) == (caller.id, wish.action, wish.base_version):
            return there
        raise Rejected("stale")
    if found.version != wish.base_version:
        raise Rejected("stale")
    decision, now = checked(wish, found, caller, context=context), context.ports.clock.now()
    name = event_id(f"{found.tenant}/{document}/{caller.id}/{now.isoformat()}", "postponed")
    made = Postponed(
        id=name,
        bundle=bundle or name,
        document=document,
        decided_at=now,
        due_at=now + context.settings.filing.undo_within,
        base_revision=wish.base_version,
        decisions=len(found.decisions),
        filings=_filed(found),
        action=decision.action,
        file=decision.file,
        position=decision.position,
        case=decision.case,
        office=decision.office,
        actor=caller.id,
        offices=tuple(sorted(caller.viewer.offices)),
        all_offices=caller.viewer.all_offices,
        protection=caller.viewer.protection,
        represents=caller.viewer.represents,
    )
    key = keys.postponed(found.tenant, name)
    context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made))
    return made


def bundle_of(caller: Caller, context: Context) -> str:
    """A name for decisions that are made together."""
    return event_id(f"{caller.id}/{context.ports.clock.now().isoformat()}", "bundle")


def open_ones(context: Context) -> Sequence[Postponed]:
    """Every decision that waits; few, for each waits some seconds only."""
    return [one for one in _open(context) if not _is_withdrawn(one, context)]


def undo(bundle: str, caller: Caller, context: Context) -> tuple[Sequence[str], Sequence[str]]:
    """Take back what this clerk decided together: the documents of which it was, and those for which it is too late."""
    taken_back, late = [], []
    for one in _open(context):
        if (one.bundle, one.actor) != (bundle, caller.id):
            continue
        if _end(one, "withdrawn", context) == "withdrawn":
            _forget(one, context)
            taken_back.append(one.document)
        else:
            late.append(one.document)
    return taken_back, late


def apply_due(context: Context) -> None:
    """Carry out what has waited long enough, in the order in which it was decided; TryLater leaves the rest."""
    announcer = Announcer(context.ports.log, log=context.log)
    now = context.ports.clock.now()
    for one in sorted(_open(context), key=lambda one: one.decided_at):
        if _is_due(one, now):
            with passing_unreadable(context, one.document):
                _apply(one, context, announcer)


def sweep_ends(context: Context) -> None:
    """Remove what tells of decisions of days ago."""
    blobs, tenant = context.ports.blobs, context.settings.tenant
    oldest = f"{context.ports.clock.now() - ENDS_KEPT:%Y-%m-%d}"
    ends, told = keys.postponed_ends(tenant), keys.postponed_told(tenant)
    for key in list(takewhile(lambda key: key.removeprefix(ends) < oldest, blobs.keys(Bucket.RECORDS, ends))):
        blobs.delete(Bucket.RECORDS, key)
    for key in list(blobs.keys(Bucket.RECORDS, told)):
        one = _read(key, Postponed, context)
        if one is None or f"{one.due_at:%Y-%m-%d}" < oldest:
            blobs.delete(Bucket.RECORDS, key)


def refused_to(caller: Caller, context: Context) -> Sequence[Postponed]:
    """The clerk's decisions of the last minutes that could not be carried out."""
    since = context.ports.clock.now() - TOLD_FOR
    folder = keys.postponed_refused(context.settings.tenant, caller.id)
    found = [_read(key, Postponed, context) for key in list(context.ports.blobs.keys(Bucket.RECORDS, folder))]
    return [one for one in found if one and one.due_at >= since and not _stands(one, context)]


def _is_due(one: Postponed, now: datetime) -> bool:
    return one.due_at <= now


def _stands(one: Postponed, context: Context) -> bool:
    """Whether it was made after all, by a process that was at it when another one refused it."""
    return _was_made(one, record.load(context.ports.blobs, context.settings.tenant, one.document))


def _apply(one: Postponed, context: Context, announcer: Announcer) -> None:
    """1. Claim it; a clerk who took it back was first. 2. Store the decision. 3. Forget that it waited.

    After a crash the same again: a decision that is in the record is not made twice.
    """
    if _end(one, "applied", context) == "applied":
        try:
            found = visible(context, _caller(one, context).viewer, one.document)
            if not _was_made(one, found):
                decide(_wish(one, found), one.document, _caller(one, context), context=context, announcer=announcer)
        except Rejected as error:
            if error.code == "stale" and _goes_on(one, context):
                return  # something else was written at the same moment: the next round looks again
            if error.code == "not_yet" and context.ports.clock.now() < one.due_at + TRIED_FOR:
                return  # its pages are being arranged: what is decided meanwhile would let that be forgotten
            _refuse(one, error.code, context)
    _forget(one, context)


def _wish(one: Postponed, found: Record) -> Wish:
    """On the record as it is now, where no decision and no filing came between: another receipt changes nothing."""
    unchanged = (one.decisions, one.filings) == (len(found.decisions), _filed(found))
    version = found.version if unchanged else one.base_revision
    return Wish(
        action=one.action,
        base_version=version,
        file=one.file,
        position=one.position,
        case=one.case,
        office=one.office,
    )


def _was_made(one: Postponed, found: Record) -> bool:
    """Whether the record's next decision is this one."""
    made = found.decisions[one.decisions] if len(found.decisions) > one.decisions else None
    names = ("actor", "action", "file", "position", "case", "office")
    return made is not None and all(getattr(made, name) == getattr(one, name) for name in names)


def _filed(found: Record) -> int:
    """How often it was entered anywhere; that automation held it in the pause is no reason to refuse."""
    return sum(filing.outcome == "filed" for filing in found.filings)


def _goes_on(one: Postponed, context: Context) -> bool:
    found = record.load(context.ports.blobs, context.settings.tenant, one.document)
    return _was_made(one, found) or (one.decisions, one.filings) == (len(found.decisions), _filed(found))


def _refuse(one: Postponed, code: str, context: Context) -> None:
    context.log.warning("postponed_refused", document=one.document, code=code)
    key = f"{keys.postponed_refused(context.settings.tenant, one.actor)}{one.id}.json"
    context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(replace(one, refused=code)))


def _end(one: Postponed, outcome: vocabulary.Code, context: Context) -> str:
    """What came of it: this outcome, or the one that was first."""
    ports, tenant = context.ports, context.settings.tenant
    key = keys.postponed_end(tenant, one.decided_at, one.id)
    ended = PostponedEnd(outcome=outcome, ended_at=ports.clock.now())
    if ports.blobs.create(Bucket.RECORDS, key, record_files.encode(ended)):
        return outcome
    return record_files.decode(PostponedEnd, ports.blobs.read(Bucket.RECORDS, key)).outcome


def _is_withdrawn(one: Postponed, context: Context) -> bool:
    key = keys.postponed_end(context.settings.tenant, one.decided_at, one.id)
    ended = _read(key, PostponedEnd, context)
    return ended is not None and ended.outcome == "withdrawn"


def _forget(one: Postponed, context: Context) -> None:
    context.ports.blobs.delete(Bucket.RECORDS, keys.postponed(context.settings.tenant, one.id))


def _open(context: Context) -> Iterator[Postponed]:
    folder = keys.postponed_open(context.settings.tenant)
    for key in list(context.ports.blobs.keys(Bucket.RECORDS, folder)):
        one = _read(key, Postponed, context)
        if one:
            yield one


def _read(key: str, kind: type[Kind], context: Context) -> Kind | None:
    """The file under a key; None where it is gone, which is another process's doing, or is none of ours."""
    found = None
    with passing_unreadable(context, key), suppress(BlobMissing):
        found = record_files.decode(kind, context.ports.blobs.read(Bucket.RECORDS, key))
    return found


def _caller(one: Postponed, context: Context) -> Caller:
    """Whoever decided, with the rights of that moment."""
    tenant = context.settings.tenant
    offices = frozenset(one.offices)
    viewer = Viewer(
        account=one.actor,
        tenant=tenant,
        offices=offices,
        all_offices=one.all_offices,
        protection=one.protection,
        represents=one.represents,
    )
    return Caller(id=one.actor, source=one.actor, rights=frozenset({"decide"}), viewer=viewer)
