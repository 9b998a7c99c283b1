"""A selection judged anew: the differences as a dry run, applied as one run, and the run taken back.

What a clerk decided is never touched. A run is stored before its first effect, with the revision of every judgement
that it replaces, so that a crash in its middle leaves nothing that cannot be taken back. Asking for the same run again
goes on where it ended: its id is made of what it is asked to do.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from services.classification.invoiced import by_invoice
from services.classification.judgement import judge
from services.classification.told.covered import by_cover
from services.classification.told.divided import with_case
from services.classification.told.separated import by_separation, with_sheets
from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.model import record, record_files
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.record_files import Classification
from services.core.model.side_files import Reclassification, Rejudged
from services.core.protocol import facts
from services.core.protocol.revise import append
from services.runtime.access.visibility import known
from services.runtime.context.service import Context

Effect = Literal["files", "moves", "passes_on", "proposes", "none"]
"""`files`: what waits goes into a file; `moves`: what was filed without a clerk goes into another one; `passes_on`: it
waits at another office; `proposes`: other proposals where it waits; `none`: filed it stays, a doubt takes no file."""
Left = Literal["same", "decided", "changed", "not_read", "not_found"]
"""Why a document is left as it is."""


class Asked(Struct, frozen=True, kw_only=True):
    """A document and the version of its record that somebody saw."""

    document: str
    version: int


class Said(Struct, frozen=True, kw_only=True):
    """The gist of a judgement."""

    outcome: str
    reason: str
    office: str
    position: str
    confidence: float
    file: str


class Difference(Struct, frozen=True, kw_only=True):
    """One document that would be, or was, judged otherwise."""

    document: str
    version: int
    effect: Effect
    before: Said
    after: Said


class Compared(Struct, frozen=True, kw_only=True):
    """What judging anew makes of a selection; `left` are the others, with the reason."""

    differences: tuple[Difference, ...]
    left: dict[str, Left]
    run: str = ""
    """The run that applied it, by which it can be taken back; empty for a dry run."""


Change = Callable[[str, Record], tuple[Difference, Event] | Left]


def compare(documents: Sequence[str], caller: Caller, context: Context) -> Compared:
    """The differences, as far as the caller may see the documents. Changes nothing."""
    differences: list[Difference] = []
    left: dict[str, Left] = {}
    for document in dict.fromkeys(documents):
        found = _seen(document, caller, context)
        drafted = _drafted(found, context, cause=event_id(document, "comparison"))
        if isinstance(drafted, str):
            left[document] = drafted
        elif found and found.classification:
            differences.append(_difference(found, found.classification, drafted))
    return Compared(differences=tuple(differences), left=left)


def apply(asked: Sequence[Asked], caller: Caller, context: Context) -> Compared:
    """Judge anew what still is as it was seen; tell of it. TryLater while the log is away: ask again, it goes on."""
    run = _run_of(asked, caller)
    planned = _planned(run, asked, caller, context=context)

    def judged_anew(document: str, found: Record) -> tuple[Difference, Event] | Left:
        before = planned.get(document)
        return _applied(run, before, found, context=context) if before else "changed"

    return _revised(run, [one.document for one in asked], judged_anew, caller, context=context)


def undo(run: str, caller: Caller, context: Context) -> Compared:
    """Give every document of a run its judgement of before, unless it went on since; Rejected where there is no run."""
    before = {item.document: item for item in _stored(run, context).items}

    def restored(document: str, found: Record) -> tuple[Difference, Event] | Left:
        return _restored(run, before[document], found, context=context)

    return _revised(run, [*before], restored, caller, context=context)


def _revised(run: str, documents: Sequence[str], change: Change, caller: Caller, *, context: Context) -> Compared:
    """Revise each that the caller may see, and publish what came of all of them together."""
    differences: list[Difference] = []
    left: dict[str, Left] = {}
    events: list[Event] = []
    for document in documents:
        found = _seen(document, caller, context)
        done = change(document, found) if found else "not_found"
        if isinstance(done, str):
            left[document] = done
            continue
        difference, event = done
        differences.append(difference)
        events.append(event)
    context.ports.log.publish(*events)
    return Compared(differences=tuple(differences), left=left, run=run)


def _seen(document: str, caller: Caller, context: Context) -> Record | None:
    try:
        return known(context, caller.viewer, document)
    except Rejected:
        return None


def _drafted(found: Record | None, context: Context, *, cause: str) -> Classification | Left:
    """The new judgement, or why there is none."""
    if found is None:
        return "not_found"
    there, extraction = found.classification, found.extraction
    if there is None or extraction is None or not extraction.complete:
        return "not_read"
    if found.decisions:
        return "decided"
    made = by_separation(found, extraction, cause=cause, context=context)
    made = made or by_cover(found, cause=cause, context=context)
    made = made or by_invoice(found, extraction, cause=cause, context=context)
    made = with_sheets(with_case(made or judge(found, extraction, cause=cause, context=context), context), found)
    same = (made.candidates, made.case) == (there.candidates, there.case)
    return "same" if same and _said(made) == _said(there) else made


def _run_of(asked: Sequence[Asked], caller: Caller) -> str:
    words = "/".join(f"{one.document}@{one.version}" for one in asked)
    return event_id(hashlib.sha256(f"{caller.id}/{words}".encode()).hexdigest(), "reclassification")


def _planned(run: str, asked: Sequence[Asked], caller: Caller, *, context: Context) -> dict[str, Rejudged]:
    """The run as it is stored: what its documents' judgements were before it."""
    tenant = context.settings.tenant
    items = []
    for one in asked:
        found = _seen(one.document, caller, context)
        if found and found.version == one.version and found.classification:
            items.append(Rejudged(document=one.document, before=found.revisions["classification"]))
    made = Reclassification(
        run=run,
        made_at=context.ports.clock.now(),
        actor=caller.id,
        plan_version=context.plan.version,
        items=tuple(items),
    )
    context.ports.blobs.create(Bucket.RECORDS, keys.reclassification(tenant, run), record_files.encode(made))
    return {item.document: item for item in _stored(run, context).items}


def _stored(run: str, context: Context) -> Reclassification:
    key = keys.reclassification(context.settings.tenant, run)
    try:
        return record_files.decode(Reclassification, context.ports.blobs.read(Bucket.RECORDS, key))
    except BlobMissing as error:
        raise Rejected("not_found") from error


def _applied(run: str, item: Rejudged, found: Record, *, context: Context) -> tuple[Difference, Event] | Left:
    cause = event_id(f"{run}/{item.document}", "applied")
    there, revision = found.classification, found.revisions.get("classification", 0)
    if there and there.cause == cause:  # the run was asked for before, and told or not
        before = _judgement(item.document, item.before, context)
        return _difference(found, before, there), _event(there, item.document, revision, context=context)
    if revision != item.before or there is None:
        return "changed"
    made = _drafted(found, context, cause=cause)
    if isinstance(made, str):
        return made
    return _written(found, there, made, context=context)


def _restored(run: str, item: Rejudged, found: Record, *, context: Context) -> tuple[Difference, Event] | Left:
    cause = event_id(f"{run}/{item.document}", "undone")
    there, revision = found.classification, found.revisions.get("classification", 0)
    if there and there.cause == cause:
        return _difference(found, there, there), _event(there, item.document, revision, context=context)
    if found.decisions:
        return "decided"
    if there is None or there.cause != event_id(f"{run}/{item.document}", "applied"):
        return "changed"
    old = _judgement(item.document, item.before, context)
    made = msgspec.structs.replace(old, cause=cause, made_at=context.ports.clock.now(), restores=item.before)
    return _written(found, there, made, context=context)


def _written(
    found: Record, there: Classification, made: Classification, *, context: Context
) -> tuple[Difference, Event] | Left:
    revision = append(context.ports.blobs, found, "classification", made)
    if not revision:
        return "changed" if revision is None else "not_found"
    return _difference(found, there, made), _event(made, found.document, revision, context=context)


def _judgement(document: str, revision: int, context: Context) -> Classification:
    key = keys.stage(context.settings.tenant, document, "classification", revision)
    return record_files.decode(Classification, context.ports.blobs.read(Bucket.RECORDS, key))


def _event(made: Classification, document: str, revision: int, *, context: Context) -> Event:
    cause, told = Cause(context.settings.tenant, made.cause), facts.of_classification(made, document, revision)
    return topics.emit(told, cause=cause, service=context.service, now=context.ports.clock.now())


def _difference(found: Record, before: Classification, after: Classification) -> Difference:
    effect = _effect(found, before, after)
    return Difference(
        document=found.document, version=found.version, effect=effect, before=_said(before), after=_said(after)
    )


def _effect(found: Record, before: Classification, after: Classification) -> Effect:
    filed = any(filing.outcome == "filed" for filing in record.standing(found).filings)
    if after.outcome == "proposed" and after.file:
        return "moves" if filed else "files"
    if filed and after.restores is None:
        return "none"
    return "passes_on" if before.office != after.office or filed else "proposes"


def _said(made: Classification) -> Said:
    first = made.candidates[0] if made.candidates else None
    return Said(
        outcome=made.outcome,
        reason=made.reason,
        office=made.office,
        position=first.position if first else "",
        confidence=first.confidence if first else 0.0,
        file=made.file or "",
    )
