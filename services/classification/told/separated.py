"""A batch whose documents stand for it, and a scan whose sheets do not add up: neither is filed by itself."""

from msgspec.structs import replace

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


def with_sheets(made: Classification, extraction: Extraction) -> Classification:
    """The same, but no file takes a scan whose sheets do not add up before a person has looked."""
    if extraction.sheets is None or extraction.sheets.is_batch or not extraction.sheets.faults:
        return made
    return replace(made, outcome="abstained", file=None, reason="sheets_differ")
