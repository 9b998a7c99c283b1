"""Where a specialist procedure says that its submission belongs: it is believed where it may file, and told why not."""

from dataclasses import dataclass

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import Candidate
from services.core.messages.procedures import Procedure
from services.core.model.record import Record
from services.core.model.record_files import Classification, Evidence, Receipt
from services.core.plan.file_numbers import Template, year_at
from services.core.plan.file_plan import PlanPosition
from services.core.vocabulary import Reason
from services.runtime.context.service import Context

VERSION = "submission-1"
LIKELY = 0.9
"""Confidence in a position where a clerk has to choose or open the file."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What its word amounts to: a file, or why a clerk has to look."""

    reason: Reason
    position: PlanPosition | None = None
    file: str | None = None


def by_submission(found: Record, *, cause: str, context: Context) -> Classification | None:
    """The judgement about a document that a procedure brought with its place; None where it named none.

    1. A file that exists, at a position where the procedure may file: it goes there.
    2. A position with a collective file: into that of the year; of any other the place is offered to its office.
    3. Anything else waits for a clerk with the reason: unknown number, closed position, a place that is not its own.
    """
    receipt = next((r for r in reversed(found.receipts) if _names_a_place(r)), None)
    if receipt is None:
        return None
    place = _place(receipt, context)
    position, now = place.position, context.ports.clock.now()
    strength = 1.0 if place.file else LIKELY
    return Classification(
        cause=cause,
        made_at=now,
        extraction=found.revisions["extraction"],
        plan_version=context.plan.version,
        classifier_version=VERSION,
        outcome="proposed" if place.file else "abstained",
        candidates=(_candidate(position, strength),) if position else (),
        file=place.file,
        case=int(receipt.properties["case"]) if place.file and "case" in receipt.properties else None,
        office=position.office if position else receipt.office,
        reason=place.reason,
        certainty="sure" if place.file else "likely" if position else "unsure",
        office_confidence=strength if position else 0.0,
        evidence=(_evidence(position, strength, receipt, place.file),) if position else (),
    )


def _names_a_place(receipt: Receipt) -> bool:
    return receipt.channel == "procedure" and bool({"file", "position"} & receipt.properties.keys())


def _place(receipt: Receipt, context: Context) -> _Place:
    procedure = context.procedures.named(receipt.source) or Procedure(name=receipt.source, office=receipt.office)
    file, code = receipt.properties.get("file", ""), receipt.properties.get("position", "")
    position = _of_file(file, context) if file else context.plan.by_code.get(code)
    if position is None:
        return _Place("unknown_number" if file else "closed_position")
    if not procedure.files_at(position.code, context.plan):
        return _Place("foreign_place")
    if file:
        return (
            _Place("conflicting", position) if code and code != position.code else _Place("procedure", position, file)
        )
    if position.code not in context.plan.open_codes:
        return _Place("closed_position")
    return _at(position, context)


def _at(position: PlanPosition, context: Context) -> _Place:
    if position.filing != "collective":
        return _Place("unsure", position)
    filing = context.settings.filing
    year = year_at(context.ports.clock.now(), filing.time_zone)
    return _Place("procedure", position, Template(filing.file_number).collective(position.code, year))


def _of_file(file: str, context: Context) -> PlanPosition | None:
    """The position of an existing file; None where there is no such file."""
    number = Template(context.settings.filing.file_number).parse(file)
    position = context.plan.by_number.get(number.position) if number else None
    key = keys.register_entry(context.settings.tenant, file, 1)
    return position if position and context.ports.blobs.size(Bucket.RECORDS, key) is not None else None


def _candidate(position: PlanPosition, strength: float) -> Candidate:
    return Candidate(position=position.code, confidence=strength, evidence="procedure", kinds=("procedure",))


def _evidence(position: PlanPosition, strength: float, receipt: Receipt, file: str | None) -> Evidence:
    return Evidence(
        kind="procedure", position=position.code, strength=strength, words=(receipt.source,), file=file or None
    )
