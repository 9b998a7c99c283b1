"""The transfer note of each scan (BSI TR-03138, TR-RESISCAN): who scanned it, how, and whether it is whole.

It is read off what is stored once and never changed: the receipt with what the scanner told, the account of the sheets,
the clerk's decision, the checks of the original. So it cannot differ from them. What nobody told is named as missing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel

from services.core.model import record
from services.core.model.batches.sheets import SheetAccount, faults_shown
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.plan.file_numbers import case_sign
from services.core.ports.entries import Viewer
from services.runtime.access.visibility import receipts_of
from services.runtime.context.service import Context
from services.runtime.desk.batches import PartOfOut, SheetFault, part_of
from services.runtime.translation.speaking import gettext, language
from services.runtime.translation.speaking import gettext_noop as _

FORM = "transfer-note:1"
ASKED_FOR = {
    "device": _("Gerät"),
    "operator": _("Bediener"),
    "scanned_at": _("Zeitpunkt des Scannens"),
    "dpi": _("Auflösung"),
    "colour": _("Farbmodus"),
    "page_count": _("Seitenzahl"),
    "check": _("Qualitätsprüfung"),
}
"""What the guideline wants to be known of each scan, and only a scanner or its operator can tell."""

Completeness: TypeAlias = Literal["complete", "incomplete", "not_told"]


class MissingOut(BaseModel):
    """What the note lacks because nobody told it."""

    code: str
    text: str


class PagesOut(BaseModel):
    """Where the pages went, from the scanner to the document."""

    told: int | None
    """As the scanner counted them."""
    scanned: int
    """As they are in the file."""
    in_documents: int
    separators: int
    covers: int
    blank: int
    """Left out because nothing is on them."""
    left_out: int
    """Left out by a clerk."""
    dropped_by_scanner: int | None
    """Blank pages that never came."""


class CheckOut(BaseModel):
    """The look at the quality of the pages, as the scanner's operator told it."""

    result: Literal["passed", "failed", "not_told"]
    by: str
    at: datetime | None
    remarks: str


class CompletenessOut(BaseModel):
    """Whether all pages are there."""

    state: Completeness
    faults: list[SheetFault]
    settled_by: str
    """Who decided about what did not add up."""
    settled_at: datetime | None


class TextOut(BaseModel):
    """How its text came about."""

    recognised: bool
    """Read from pictures of the pages, so it may differ from them."""
    confidence: float | None
    program: str


class IntegrityOut(BaseModel):
    """Whether the file still is what came in."""

    sha256: str
    """Of the file as it came, noted when it was taken in and compared on every read."""
    size_bytes: int
    outcome: str
    """`whole`, or how it was found."""
    changed_at: datetime | None
    """When that changed last."""


class TransferNoteOut(BaseModel):
    """The transfer note of one scan."""

    form: str = FORM
    document: str
    receipt: str
    name: str
    media_type: str
    source: str
    device: str
    software: str
    operator: str
    profile: str
    batch: str
    dpi: int | None
    colour: str
    duplex: str
    scanned_at: datetime | None
    taken_in_at: datetime
    part_of: PartOfOut | None
    pages: PagesOut
    check: CheckOut
    completeness: CompletenessOut
    text: TextOut
    integrity: IntegrityOut
    places: list[str]
    """Where it stands now: the sign of the Vorgang, or the number of the file where it lies in none."""
    protection_class: str
    originals_until: date | None
    missing: list[MissingOut]


def notes_for(found: Record, viewer: Viewer, context: Context) -> list[TransferNoteOut]:
    """The notes of those arrivals by scanner that the viewer may know of; none where it came otherwise."""
    scans = [receipt for receipt in receipts_of(found, viewer) if receipt.channel == "scan"]
    whole = _scan_of(scans, found, context)
    return [_note(receipt, found, whole) for receipt in scans]


def _scan_of(scans: Sequence[Receipt], found: Record, context: Context) -> Record:
    """The scan with the sheet account: itself, or the batch that it is a document of."""
    told = scans[0].part_of if scans else None
    return record.load(context.ports.blobs, found.tenant, told.document) if told else found


def _note(receipt: Receipt, found: Record, whole: Record) -> TransferNoteOut:
    told = {name.removeprefix("scan."): text for name, text in receipt.properties.items() if name.startswith("scan.")}
    own = found.extraction.parts[0] if found.extraction and found.extraction.parts else None
    return TransferNoteOut(
        document=found.document,
        receipt=receipt.receipt,
        name=receipt.name,
        media_type=receipt.media_type,
        source=receipt.source,
        device=told.get("device", ""),
        software=told.get("software", ""),
        operator=told.get("operator", ""),
        profile=told.get("profile", ""),
        batch=told.get("batch", ""),
        dpi=_number(told, "dpi"),
        colour=told.get("colour", ""),
        duplex=told.get("duplex", ""),
        scanned_at=_moment(told, "scanned_at"),
        taken_in_at=receipt.received_at,
        part_of=part_of(receipt),
        pages=_pages(receipt, told, found),
        check=_check(told),
        completeness=_completeness(told, whole),
        text=TextOut(
            recognised=bool(own and own.recognised),
            confidence=own.confidence if own else None,
            program=found.extraction.extractor_version if found.extraction else "",
        ),
        integrity=IntegrityOut(
            sha256=receipt.sha256,
            size_bytes=receipt.size_bytes,
            outcome=found.check.outcome if found.check else "whole",
            changed_at=found.check.checked_at if found.check else None,
        ),
        places=[case_sign(one.file or "", one.case) for one in record.standing(found).filings],
        protection_class=told.get("protection_class", ""),
        originals_until=date.fromisoformat(told["originals_until"]) if "originals_until" in told else None,
        missing=[MissingOut(code=code, text=gettext(text)) for code, text in ASKED_FOR.items() if code not in told],
    )


def _pages(receipt: Receipt, told: Mapping[str, str], found: Record) -> PagesOut:
    """Of a batch, or of the one document; what the scanner counted is a number of the whole batch."""
    own = found.extraction.parts[0] if found.extraction and found.extraction.parts else None
    sheets = (found.extraction.sheets if found.extraction else None) or SheetAccount(
        page_count=own.page_count if own else 0
    )
    laid = sum(len(part.pages) for part in sheets.parts)
    return PagesOut(
        told=None if receipt.part_of else _number(told, "page_count"),
        scanned=sheets.page_count,
        in_documents=laid if sheets.is_batch else sheets.page_count,
        separators=len(sheets.separators),
        covers=len(sheets.covers),
        blank=len(sheets.blanks),
        left_out=len(sheets.left_out),
        dropped_by_scanner=None if receipt.part_of else _number(told, "blanks_dropped"),
    )


def _completeness(told: Mapping[str, str], whole: Record) -> CompletenessOut:
    """What the operator said and what was counted; a fault stays told when somebody has decided about it."""
    sheets = whole.extraction.sheets if whole.extraction else None
    faults = list(zip(sheets.faults, faults_shown(sheets, language()), strict=True)) if sheets else []
    parts = whole.extraction.parts if whole.extraction else ()
    counted = sheets.page_count if sheets else parts[0].page_count if parts else None
    state: Completeness = "not_told"
    if faults or told.get("complete") == "false" or _number(told, "page_count") not in (None, counted):
        state = "incomplete"
    elif told.get("complete") == "true" or "page_count" in told:
        state = "complete"
    settled = whole.decisions[-1] if faults and whole.decisions else None
    return CompletenessOut(
        state=state,
        faults=[SheetFault(code=code, text=text) for code, text in faults],
        settled_by=settled.actor if settled else "",
        settled_at=settled.decided_at if settled else None,
    )


def _check(told: Mapping[str, str]) -> CheckOut:
    said = told.get("check")
    return CheckOut(
        result="passed" if said == "passed" else "failed" if said == "failed" else "not_told",
        by=told.get("checked_by", ""),
        at=_moment(told, "checked_at"),
        remarks=told.get("remarks", ""),
    )


def _number(told: Mapping[str, str], name: str) -> int | None:
    said = told.get(name, "")
    return int(said) if said.isdecimal() else None


def _moment(told: Mapping[str, str], name: str) -> datetime | None:
    return datetime.fromisoformat(told[name]) if name in told else None
