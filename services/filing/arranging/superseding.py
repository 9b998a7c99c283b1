"""What a clerk's arrangement of pages means for the documents that had them: each is told so in its own record."""

from collections.abc import Iterator, Sequence

from services.core import vocabulary
from services.core.errors import TryLater
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import FilingDecided
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Decision
from services.core.protocol.revise import ROUNDS, append
from services.runtime.context.service import Context

PERSONS_WORD = frozenset({"file", "move", "no_record", "arrange"})
"""Decided about a document between the arrangement and its being told, these go on holding."""


def told_to_parts(event: Event, facts: FilingDecided, context: Context) -> Sequence[Event]:
    """Set aside what has no pages any more, and bring back what has them again; repeats tell the same again.

    The clerk's decision names them, so whoever repeats this does the same, also where the scan has changed since.
    """
    if facts.action not in ("arrange", "reopen"):
        return ()
    found = record.load(context.ports.blobs, event.tenant, event.document)
    decision = next((one for one in found.decisions if one.decision == facts.decision), None)
    return list(_told(decision, context)) if decision else ()


def decided_event(decision: Decision, document: str, context: Context) -> Event:
    """The same event whoever tells it: its cause is the decision."""
    facts = FilingDecided(
        document=document,
        decision=decision.decision,
        base_revision=decision.base_revision,
        action=decision.action,
        file=decision.file,
        position=decision.position,
        case=decision.case,
        part=decision.part,
        office=decision.office,
        actor=decision.actor,
    )
    cause = Cause(context.settings.tenant, decision.decision)
    return topics.emit(facts, cause=cause, service=context.service, now=context.ports.clock.now())


def _told(decision: Decision, context: Context) -> Iterator[Event]:
    for document in decision.superseded:
        yield from _decided(decision, document, "supersede", context=context)
    for part in decision.arrangement:
        yield from _decided(decision, part.document, "reopen", context=context)


def _decided(arranging: Decision, document: str, action: vocabulary.Action, *, context: Context) -> Sequence[Event]:
    """The document's own decision, by the clerk who arranged the pages; nothing where it is not called for."""
    blobs, name = context.ports.blobs, event_id(f"{arranging.decision}/{document}", action)
    for _ in range(ROUNDS):
        found = record.load(blobs, context.settings.tenant, document)
        there = next((one for one in found.decisions if one.decision == name), None)
        if there:
            return (decided_event(there, document, context),)
        if not _is_called_for(action, found, context):
            return ()
        made = Decision(
            decision=name,
            decided_at=arranging.decided_at,
            base_revision=found.version,
            action=action,
            actor=arranging.actor,
        )
        revision = append(blobs, found, "decision", made)
        if revision is not None:
            return (decided_event(made, document, context),) if revision else ()
    raise TryLater("busy")


def _is_called_for(action: str, found: Record, context: Context) -> bool:
    last = found.decisions[-1].action if found.decisions else ""
    if action == "reopen":
        return last == "supersede"
    if last in PERSONS_WORD:
        context.log.warning("part_kept", document=found.document, action=last)
        return False
    return bool(found.receipts)
