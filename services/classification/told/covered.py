"""A document that lay behind a cover sheet of ours: it goes where the sheet says, or a clerk is told why not."""

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import Candidate
from services.core.model.batches.covers import Cover
from services.core.model.record import Record
from services.core.model.record_files import Classification, Evidence
from services.core.plan.file_numbers import template_of
from services.core.plan.file_plan import PlanPosition
from services.core.vocabulary import Reason
from services.runtime.context.service import Context

VERSION = "cover-1"


def by_cover(found: Record, *, cause: str, context: Context) -> Classification | None:
    """The judgement about a document whose cover sheet names a file; None where it has none.

    A file that exists takes it, in the Vorgang that the sheet names. A number that nobody has given out, or two
    arrivals with different sheets, wait for a clerk with that reason.
    """
    signs = {(cover.file, cover.case) for cover in covers_of(found) if cover.file}
    files = {file for file, _ in signs}
    if not files or any(cover.fault for cover in covers_of(found)):
        return None
    places = {file: _position(file, context) for file in sorted(files)}
    known = {file: position for file, position in places.items() if position}
    reason: Reason = "conflicting" if len(signs) > 1 else "cover_sheet" if known else "unknown_number"
    offices = {position.office for position in known.values()}
    one = reason == "cover_sheet"
    return Classification(
        cause=cause,
        made_at=context.ports.clock.now(),
        extraction=found.revisions["extraction"],
        plan_version=context.plan.version,
        classifier_version=VERSION,
        outcome="proposed" if one else "abstained",
        candidates=tuple(
            Candidate(position=code, confidence=1.0, evidence="cover_sheet", kinds=("cover_sheet",))
            for code in sorted({position.code for position in known.values()})
        ),
        file=next(iter(known)) if one else None,
        case=next(iter(signs))[1] if one else None,
        office=offices.pop() if len(offices) == 1 else found.receipts[0].office,
        reason=reason,
        certainty="sure" if one else "unsure",
        office_confidence=1.0 if one else 0.0,
        evidence=tuple(
            Evidence(kind="cover_sheet", position=position.code, strength=1.0, words=(file,), file=file)
            for file, position in known.items()
        ),
    )


def covers_of(found: Record) -> list[Cover]:
    """What the cover sheets say, of each arrival that had one."""
    told = (receipt.part_of for receipt in found.receipts)
    return [part.cover for part in told if part and part.cover]


def _position(file: str, context: Context) -> PlanPosition | None:
    """The position of an existing file; None where there is no such file."""
    number = template_of(context.settings.filing.file_number).parse(file)
    position = context.plan.by_number.get(number.position) if number else None
    key = keys.register_entry(context.settings.tenant, file, 1)
    return position if position and context.ports.blobs.size(Bucket.RECORDS, key) is not None else None
