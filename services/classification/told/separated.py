"""A batch whose documents stand for it, and a scan whose sheets do not add up: neither is filed by itself."""

from msgspec.structs import replace

from services.classification.told.covered import covers_of
from services.core.model.record import Record
from services.core.model.record_files import Classification, Extraction
from services.runtime.context.service import Context

VERSION = "batch-1"


def by_separation(found: Record, extraction: Extraction, *, cause: str, context: Context) -> Classification | None:
    """The judgement about a batch that was separated: nobody decides about it, unless its sheets do not add up."""
    sheets = extraction.sheets
    if sheets is None or not sheets.is_batch:
        return None
    return Classification(
        cause=cause,
        made_at=context.ports.clock.now(),
        extraction=found.revisions["extraction"],
        plan_version=context.plan.version,
        classifier_version=VERSION,
        outcome="abstained",
        office=found.receipts[0].office,
        reason="sheets_differ" if sheets.faults else "separated",
    )


def with_sheets(made: Classification, found: Record) -> Classification:
    """The same, but no file takes a scan whose sheets or cover sheet are wrong before a person has looked.

    One whose cover sheet names an office waits there.
    """
    sheets = found.extraction.sheets if found.extraction else None
    if sheets and sheets.is_batch:
        return made  # a clerk arranged its pages: the cover sheet before it says nothing of a batch
    if sheets and sheets.faults:
        return replace(made, outcome="abstained", file=None, reason="sheets_differ")
    covers = covers_of(found)
    if any(cover.fault for cover in covers):
        return replace(made, outcome="abstained", file=None, reason="cover_faulty", office=found.receipts[0].office)
    offices = sorted({cover.office for cover in covers if cover.office})
    if made.file is None and len(offices) == 1:
        return replace(made, office=offices[0], office_confidence=1.0)
    return made
