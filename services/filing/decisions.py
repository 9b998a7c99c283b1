"""What a clerk decides: checked against plan, files and record, stored, told; a round tells again where that failed."""

from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.model import record, record_files
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.record_files import Decision
from services.core.model.side_files import Decided
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import FilePlan
from services.core.protocol.arranging import Pages, is_carried_out, newest_arranging
from services.core.protocol.audience import acting_for
from services.core.protocol.revise import append, withdraw
from services.filing import precedence
from services.filing.arranging.checking import Arrangement, arrange, overtaken, refuse_decided, taken_back
from services.filing.arranging.superseding import decided_event
from services.filing.cases.naming import refuse_case
from services.filing.handler import ENDINGS
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.worker.publishing import Announcer

ORPHANED = timedelta(hours=1)
"""A pointer this old, whose decision never came, belongs to a request that died."""


class Wish(Struct, frozen=True, kw_only=True):
    """What a clerk asks for, and the version of the record that the person saw."""

    action: vocabulary.Action
    base_version: int
    file: str | None = None
    position: str | None = None
    case: vocabulary.CaseWanted | None = None
    """The Vorgang of the file; the sign of one may also stand as `file`."""
    part: str | None = None
    office: str | None = None
    documents: tuple[Pages, ...] = ()
    """Of `arrange`: the documents that the pages of the scan shall be."""


@dataclass(frozen=True, slots=True)
class Made:
    """A stored decision, and the version of the record that holds it."""

    decision: str
    version: int


def decide(wish: Wish, document: str, caller: Caller, *, context: Context, announcer: Announcer) -> Made:
    """Store the decision, then tell of it; what this returns is durable, also while the log is away.

    1. Check rights, version, and what the decision names; Rejected says what is wrong.
    2. Point at the decision, then store it as the next of its document: whoever comes second is stale.
    3. Publish. What a crash or an absent log leaves out, `repair` finds by the pointer.
    """
    found = visible(context, caller.viewer, document)
    if found.version != wish.base_version:
        return _made_before(wish, found, caller)
    decision = checked(wish, found, caller, context=context)
    pointer = keys.decided_pointer(found.tenant, decision.decision)
    pointing = Decided(document=document, decided_at=decision.decided_at)
    context.ports.blobs.create(Bucket.RECORDS, pointer, record_files.encode(pointing))
    revision = append(context.ports.blobs, found, "decision", decision)
    if revision is None:
        raise Rejected("stale")
    if revision == 0:
        raise Rejected("erased")
    announcer.announce(decided_event(decision, document, context))
    return Made(decision.decision, found.version + 1)


def _made_before(wish: Wish, found: Record, caller: Caller) -> Made:
    """The answer to a wish whose first answer was lost: its decision stands as the newest. Else the wish is stale."""
    newest = found.decisions[-1] if found.decisions else None
    if newest and (newest.actor, newest.base_revision, newest.action) == (caller.id, wish.base_version, wish.action):
        same_place = wish.position in (None, newest.position) and wish.part == newest.part
        same_place = same_place and wish.case in (None, newest.case) and _same_pages(wish, newest)
        if same_place and wish.office == newest.office and bool(wish.file) == bool(newest.file):
            return Made(newest.decision, found.version)
    if wish.action == "arrange":
        refuse_decided(found)  # says who was faster, and when
    raise overtaken(found)


def _same_pages(wish: Wish, made: Decision) -> bool:
    wanted = [(one.pages, one.turns if any(one.turns) else ()) for one in wish.documents]
    return wish.action != "arrange" or wanted == [(part.pages, part.turns) for part in made.arrangement]


def repair(context: Context) -> None:
    """Look at the decisions that may not have had their effect: tell again of those, forget the others.

    Cheap: pointers are only those of decisions younger than a round, and of those that something is wrong with.
    """
    ports, tenant = context.ports, context.settings.tenant
    for pointer in list(ports.blobs.keys(Bucket.RECORDS, keys.decided(tenant))):
        with passing_unreadable(context, pointer):
            _repair_one(pointer, context)


def _repair_one(pointer: str, context: Context) -> None:
    ports, tenant = context.ports, context.settings.tenant
    try:
        pointing = record_files.decode(Decided, ports.blobs.read(Bucket.RECORDS, pointer))
    except BlobMissing:
        return  # another process is at the same round
    age = ports.clock.now() - pointing.decided_at
    if age < context.settings.filing.repair_every:
        return
    found = record.load(ports.blobs, tenant, pointing.document)
    decision_id = pointer.rpartition("/")[2].removesuffix(".json")
    decision = next((d for d in found.decisions if d.decision == decision_id), None)
    if decision is None and not found.erased and age < ORPHANED:
        return
    if found.erased:
        withdraw(ports.blobs, tenant, pointing.document, "decision")
    if decision is None or not _lacks_effect(decision, found):
        ports.blobs.delete(Bucket.RECORDS, pointer)
        return
    context.log.warning("decision_told_again", document=pointing.document, age=int(age.total_seconds()))
    ports.log.publish(decided_event(decision, pointing.document, context))


def _lacks_effect(decision: Decision, found: Record) -> bool:
    newest = newest_arranging(found)
    if newest and newest.decision == decision.decision and not is_carried_out(found):
        return True  # whatever was decided since: its pages lie in documents that nobody wants
    had = any(f.decision == decision.decision and f.outcome != "claimed" for f in found.filings)
    if had:
        return False
    if decision.action in ENDINGS:
        return found.decisions[-1].decision == decision.decision
    return precedence.holds(found, decision.decision, "clerk")


def checked(wish: Wish, found: Record, caller: Caller, *, context: Context) -> Decision:
    """The decision as it would be stored next; Rejected where plan, files or record do not allow it."""
    plan, main = context.plan, context.settings.filing.office
    files = wish.action in ("file", "move")
    if files != bool(wish.file or wish.position) or (wish.file and wish.position) or (wish.case and not files):
        raise Rejected("bad_request")
    if wish.documents and wish.action != "arrange":
        raise Rejected("bad_request")
    if wish.office not in (None, vocabulary.MAIN_OFFICE, main, *plan.offices) or (
        wish.action == "assign" and not wish.office
    ):
        raise Rejected("unknown_office")
    if wish.part and wish.part not in {part.part for part in (found.extraction.parts if found.extraction else ())}:
        raise Rejected("unknown_part")
    file, case = _file(wish, context) if wish.file else (None, wish.case)
    position = _position(wish.position, plan) if wish.position else None
    _refuse_repeats(wish, file, case, found)
    if files:
        refuse_case(case, file, position, context=context)
    if not is_carried_out(found):
        raise Rejected("not_yet")  # what is decided now would let the arrangement of its pages be forgotten
    pages = _pages(wish, found, context)
    return Decision(
        decision=event_id(f"{found.tenant}/{found.document}/{found.next_revision('decision')}", "decision"),
        decided_at=context.ports.clock.now(),
        base_revision=wish.base_version,
        action=wish.action,
        file=file,
        position=position,
        case=case,
        part=wish.part,
        office=wish.office,
        plan_version=plan.version if files else None,
        retained_filings=_retained(wish, found),
        arrangement=pages.parts,
        superseded=pages.superseded,
        actor=caller.id,
        in_place_of=acting_for(found, caller.viewer, context.plan),
    )


def _retained(wish: Wish, found: Record) -> tuple[str, ...]:
    """What goes on holding beside the decision."""
    if wish.action == "assign":
        return record.holding_decisions(found)
    return precedence.kept_beside(found) if wish.action == "file" else ()


def _pages(wish: Wish, found: Record, context: Context) -> Arrangement:
    """What becomes of the pages of a scan."""
    if wish.action == "arrange":
        return arrange(wish.documents, found, context)
    return taken_back(found, context) if wish.action == "reopen" else Arrangement()


def _file(wish: Wish, context: Context) -> tuple[str, vocabulary.CaseWanted | None]:
    """The number as its register is kept, and the Vorgang; a file stays fillable, wherever the plan has gone."""
    template = Template(context.settings.filing.file_number)
    parsed = template.parse(wish.file or "")
    if parsed is None:
        raise Rejected("unknown_file")
    if parsed.case and wish.case not in (None, parsed.case):
        raise Rejected("bad_request")
    known = context.plan.by_number.get(parsed.position)
    file = template.render(known.code if known else parsed.position, parsed.number, parsed.year)
    if context.ports.blobs.size(Bucket.RECORDS, keys.register_entry(context.settings.tenant, file, 1)) is None:
        raise Rejected("unknown_file")
    return file, wish.case or parsed.case


def _position(text: str, plan: FilePlan) -> str:
    position = plan.by_number.get(text.strip().upper())
    if position is None:
        raise Rejected("unknown_position")
    if position.closed:
        raise Rejected("closed_position")
    if position.code not in plan.open_codes:
        raise Rejected("no_files_here")
    return position.code


def _refuse_repeats(wish: Wish, file: str | None, case: vocabulary.CaseWanted | None, found: Record) -> None:
    """What is so already needs no decision, nor an entry in anybody's history."""
    now = record.standing(found)
    places = {(filing.file, filing.case) for filing in now.filings}
    # Programs that know no Vorgänge name none: a letter that lies in one is not taken out of it by filing it once more.
    is_there = case is None and file in {filing.file for filing in now.filings}
    repeats = {
        "file": now.state == "filed" and (is_there or (file, case) in places),
        "move": places == {(file, case)} and now.state == "filed",
        "no_record": now.state == "no_record",
        "reopen": now.state == "held" and not now.filings,
        "assign": now.state == "held" and now.office == wish.office,
    }
    if repeats.get(wish.action):
        raise Rejected("already_decided")
