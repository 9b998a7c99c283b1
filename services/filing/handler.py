"""From a proposal or a decision to a place in a file, or to a clerk's list. A clerk outranks automation always."""

from collections.abc import Sequence
from functools import partial

from services.core.messages import topics
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import (
    DeliveryReturned,
    DocumentClassified,
    DocumentHeld,
    Facts,
    FilingDecided,
    FilingRequested,
)
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Classification, Decision, Filing
from services.core.protocol.revise import Draft, revise
from services.core.vocabulary import Reason
from services.filing import precedence
from services.filing.arranging.superseding import decided_event, told_to_parts
from services.filing.registrar import register
from services.runtime.context.service import Context

ENDINGS = {
    "no_record": "no_record",
    "assign": "held",
    "reopen": "held",
    "arrange": "no_record",
    "supersede": "no_record",
}
"""What becomes of a document by those decisions that lead to no file."""

REASONS: dict[str, Reason] = {"reopen": "reopened", "arrange": "separated", "supersede": "superseded"}


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Look at the record, do what it still lacks, and tell of it; repeats tell the same again."""
    facts = event.facts
    if isinstance(facts, FilingRequested):
        return register(event, facts, context)
    if isinstance(facts, DeliveryReturned):
        return revise(context.ports.blobs, event, "decision", partial(_on_returned, event, facts, context=context))
    told = revise(context.ports.blobs, event, "filing", partial(_decide, event, context=context))
    return [*told, *told_to_parts(event, facts, context)] if isinstance(facts, FilingDecided) else told


def _decide(event: Event, found: Record, *, context: Context) -> Draft | Sequence[Event]:
    facts = event.facts
    if not found.receipts:
        return ()  # nobody accepted it: there is nothing to file
    if isinstance(facts, DocumentClassified):
        return _on_classified(event, facts, found, context=context)
    if isinstance(facts, FilingDecided):
        decision = next((d for d in found.decisions if d.decision == facts.decision), None)
        return _on_decided(event, found, decision, context=context) if decision else ()
    return ()


def _on_classified(
    event: Event, facts: DocumentClassified, found: Record, *, context: Context
) -> Draft | Sequence[Event]:
    decision = precedence.decision_of(event.id)
    held = _ending(found, decision)
    if held:
        # Superseded or not: what was written is told.
        return (_held(event, found.filings[held - 1], held, context=context),)
    classification = found.classification
    superseded = facts.revision != found.revisions.get("classification")
    if classification is None or superseded or found.decisions:
        return ()
    if classification.outcome == "proposed" and classification.file:
        request = FilingRequested(
            document=found.document,
            decision=decision,
            file=classification.file,
            case=classification.case,
            plan_version=classification.plan_version,
            by="automation",
        )
        return (_emit(event, context, request, key=f"{found.tenant}/{classification.file}"),)
    if classification.restores is None and any(filing.outcome == "filed" for filing in found.filings):
        return ()  # filed on an earlier judgement: no certainty is lost by a later doubt
    return _hold(event, _held_by_automation(event, classification, decision, context=context), context=context)


def _on_decided(event: Event, found: Record, decision: Decision, *, context: Context) -> Draft | Sequence[Event]:
    held = _ending(found, decision.decision)
    if held:
        return (_held(event, found.filings[held - 1], held, context=context),)
    if decision.action in ("file", "move"):
        if not precedence.holds(found, decision.decision, "clerk"):
            return ()  # superseded: the newer decision has its own event
        place = decision.file or decision.position or ""
        facts = FilingRequested(
            document=found.document,
            decision=decision.decision,
            file=decision.file,
            position=None if decision.file else decision.position,
            case=decision.case,
            plan_version=decision.plan_version or context.plan.version,
            by="clerk",
        )
        return (_emit(event, context, facts, key=f"{found.tenant}/{place}"),)
    if found.decisions[-1].decision != decision.decision:
        return ()
    return _hold(event, _held_by_clerk(event, found, decision, context=context), context=context)


def _on_returned(event: Event, facts: DeliveryReturned, found: Record, *, context: Context) -> Draft | Sequence[Event]:
    """Put what a procedure gave back before the office of its place, as a clerk would; it stays in its file meanwhile.

    Where it waits for somebody already it goes on waiting there: a second procedure's reason comes beside the first.
    Nothing is done where the document was moved on since.
    """
    decision = event_id(event.id, "decision")
    made = next((one for one in found.decisions if one.decision == decision), None)
    if made:
        return (decided_event(made, found.document, context),)
    now = record.standing(found)
    filing = next((one for one in now.filings if one.decision == facts.filing), None)
    if filing is None or now.state not in {"filed", "held"}:
        return ()
    made = Decision(
        decision=decision,
        decided_at=context.ports.clock.now(),
        base_revision=found.version,
        action="reopen",
        office=now.office if now.state == "held" else record.office_of(filing, context.plan.office_of),
        retained_filings=tuple(one.decision for one in now.filings),
        actor=facts.procedure,
        reason=facts.because,
        reason_code=facts.reason_code,
        returned_filing=facts.filing,
    )
    return Draft(made=made, tell=lambda _: (decided_event(made, found.document, context),))


def _ending(found: Record, decision: str) -> int:
    """The revision by which this decision held the document or set it aside, 0 for none."""
    mine = (n for n, f in enumerate(found.filings, 1) if f.decision == decision and f.outcome in ("held", "no_record"))
    return next(mine, 0)


def _hold(event: Event, made: Filing, *, context: Context) -> Draft:
    return Draft(made=made, tell=lambda revision: (_held(event, made, revision, context=context),))


def _held(event: Event, made: Filing, revision: int, *, context: Context) -> Event:
    facts = DocumentHeld(
        document=event.document, revision=revision, reason_code=made.reason or "unsure", office=made.office
    )
    return _emit(event, context, facts)


def _held_by_automation(event: Event, classification: Classification, decision: str, *, context: Context) -> Filing:
    return Filing(
        cause=event.id,
        made_at=context.ports.clock.now(),
        decision=decision,
        by="automation",
        # Of a separated batch the documents are filed; itself it is put before nobody.
        outcome="no_record" if classification.reason == "separated" else "held",
        office=classification.office,
        reason=classification.reason,
        plan_version=classification.plan_version,
    )


def _held_by_clerk(event: Event, found: Record, decision: Decision, *, context: Context) -> Filing:
    return Filing(
        cause=event.id,
        made_at=context.ports.clock.now(),
        decision=decision.decision,
        by="clerk",
        outcome=ENDINGS[decision.action],
        office=decision.office or record.standing(found).office,
        reason=decision.reason or REASONS.get(decision.action) or _last_reason(found),
        plan_version=context.plan.version,
    )


def _last_reason(found: Record) -> Reason | None:
    return next((f.reason for f in reversed(found.filings) if f.reason), None)


def _emit(event: Event, context: Context, facts: Facts, *, key: str = "") -> Event:
    return topics.emit(facts, cause=Cause.of(event), service=context.service, now=context.ports.clock.now(), key=key)
