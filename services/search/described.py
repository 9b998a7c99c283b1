"""A document as it is told: by the API as JSON, and by the page with the same facts."""

from datetime import datetime

from pydantic import BaseModel

from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Filing, Part, Receipt
from services.core.plan import file_numbers
from services.core.ports.entries import Viewer
from services.core.protocol.arranging import page_count_of
from services.core.protocol.audience import audience_of
from services.runtime.access.explanation import CERTAINTIES, KINDS, certainty_of, reasons_for
from services.runtime.access.visibility import occurrence_of, receipts_of, title_for
from services.runtime.context.service import Context
from services.runtime.desk.batches import PartOfOut, SheetsOut, part_of, sheets_of
from services.runtime.desk.invoices import InvoiceOut, invoice_out
from services.runtime.translation.speaking import reason, text


class Fault(BaseModel):
    """A problem or reason: its code and the German sentence."""

    code: str
    text: str


class PartOut(BaseModel):
    """One thing in the tree of a mail or archive; `characters` of text are at `…/parts/{part}/text`."""

    part: str
    name: str
    media_type: str
    role: str
    size_bytes: int
    page_count: int
    recognised: bool
    confidence: float | None
    characters: int
    downloadable: bool
    """Whether its bytes are at `…/parts/{part}/content`."""
    problem: Fault | None
    invoice: InvoiceOut | None
    """What it says as an electronic invoice; its lines are at `…/parts/{part}/invoice`."""


class ReceiptOut(BaseModel):
    """One occurrence that the caller may know of."""

    receipt: str
    channel: str
    source: str
    received_at: datetime
    office: str
    name: str
    size_bytes: int
    folder: str = ""
    """Of an imported mail: where it lay."""


class FilingOut(BaseModel):
    """A place in a file: `label` is the entry as people write it."""

    file: str
    entry: int
    case: str
    """The sign of the Vorgang (`52.10.02/17-2026#3`), empty where it lies in none."""
    label: str
    position: str
    position_title: str
    office: str
    by: str
    filed_at: datetime


class CandidateOut(BaseModel):
    """A position that the classification thought of."""

    position: str
    title: str
    confidence: float
    """The calibrated probability that it is right."""
    certainty: str
    """`sicher`, `wahrscheinlich` or `unsicher`."""
    kinds: list[str]
    """The kinds of evidence that speak for it, the strongest first."""


class ReasonOut(BaseModel):
    """One piece of evidence for a position, with what it refers to as far as the caller may see it."""

    kind: str
    position: str
    text: str
    strength: float
    words: list[str]
    document: str
    file: str


class ClassificationOut(BaseModel):
    """How the document was judged, and by which plan, program and knowledge."""

    outcome: str
    reason: Fault
    certainty: str
    kind: str
    """What kind of letter it is: `application`, `invoice`, `advertising` …; empty where nothing tells."""
    kind_text: str
    office: str
    office_confidence: float
    plan_version: str
    classifier_version: str
    knowledge_version: str
    evidence: list[ReasonOut]


class MailOut(BaseModel):
    """The head of a mail."""

    subject: str
    sender: str
    to: list[str]
    cc: list[str]
    sent_at: datetime | None


class DocumentOut(BaseModel):
    """Everything that the record knows and the caller may see, without the text."""

    document: str
    version: int
    state: str
    state_text: str
    reason: Fault | None
    office: str
    protection: int
    """The level that it needs; from 3 on each look is put down in the audit log."""
    complete: bool
    awaiting_pages: int
    title: str
    own_title: str
    """As the document says it itself; `title` is what a person called it."""
    channel: str
    received_at: datetime
    problems: list[Fault]
    sender_on_page: str
    """Who wrote a scanned letter, as a machine read it off its letterhead; empty for mails."""
    mail: MailOut | None
    parts: list[PartOut]
    receipts: list[ReceiptOut]
    filings: list[FilingOut]
    proposed_file: str
    candidates: list[CandidateOut]
    classification: ClassificationOut | None
    part_of: PartOfOut | None = None
    """The batch that it was separated from."""
    sheets: SheetsOut | None = None
    """Of a batch: where its pages went."""
    arrangeable: bool = False
    """Whether it is a scan whose pages can be split, joined, put in order and turned."""


def describe(found: Record, context: Context, viewer: Viewer) -> DocumentOut:
    """The record as it is told to this viewer."""
    now, extraction, classification = record.standing(found), found.extraction, found.classification
    own = occurrence_of(found, viewer)
    return DocumentOut(
        document=found.document,
        version=found.version,
        state=now.state,
        state_text=text(now.state),
        reason=Fault(code=now.reason, text=reason(now.reason)) if now.reason else None,
        office=now.in_charge(context.plan.office_of),
        protection=audience_of(found, context.plan).protection,
        complete=bool(extraction and extraction.complete),
        awaiting_pages=sum(p.last_page - p.first_page + 1 for p in extraction.awaiting) if extraction else 0,
        title=title_for(found, viewer),
        own_title=extraction.title if extraction else "",
        channel=own.channel if own else "",
        received_at=own.received_at if own else now.filings[-1].made_at if now.filings else record.since(found),
        problems=[_problem(code) for code in now.problems],
        sender_on_page=extraction.sender_on_page if extraction else "",
        mail=_mail(extraction),
        parts=_parts(extraction) if extraction else [],
        receipts=[_receipt(receipt) for receipt in receipts_of(found, viewer)],
        filings=[_filing(filing, context) for filing in now.filings],
        proposed_file=(classification.file or "") if classification else "",
        candidates=[
            CandidateOut(
                position=c.position,
                title=_title(context, c.position),
                confidence=c.confidence,
                certainty=certainty_of(c.confidence),
                kinds=list(c.kinds or (c.evidence,)),
            )
            for c in (classification.candidates if classification else ())
        ],
        classification=_classification(found, context, viewer),
        part_of=part_of(own),
        sheets=sheets_of(extraction),
        arrangeable=page_count_of(found) > 0,
    )


def _classification(found: Record, context: Context, viewer: Viewer) -> ClassificationOut | None:
    made = found.classification
    if made is None:
        return None
    return ClassificationOut(
        outcome=made.outcome,
        reason=Fault(code=made.reason, text=reason(made.reason)),
        certainty=CERTAINTIES[made.certainty],
        kind=made.kind or "",
        kind_text=KINDS.get(made.kind or "", ""),
        office=made.office,
        office_confidence=made.office_confidence,
        plan_version=made.plan_version,
        classifier_version=made.classifier_version,
        knowledge_version=made.knowledge_version,
        evidence=[
            ReasonOut(
                kind=one.kind,
                position=one.position,
                text=one.text,
                strength=one.strength,
                words=list(one.words),
                document=one.document,
                file=one.file,
            )
            for one in reasons_for(found, context, viewer)
        ],
    )


def _problem(code: str) -> Fault:
    return Fault(code=code, text=text(code))


def _mail(extraction: Extraction | None) -> MailOut | None:
    mail = extraction.mail if extraction else None
    if mail is None:
        return None
    return MailOut(subject=mail.subject, sender=mail.sender, to=list(mail.to), cc=list(mail.cc), sent_at=mail.sent_at)


def _parts(extraction: Extraction) -> list[PartOut]:
    attached = record.attached_parts(extraction)
    return [_part(part, downloadable=part.part in attached) for part in extraction.parts]


def _part(part: Part, *, downloadable: bool) -> PartOut:
    return PartOut(
        part=part.part,
        name=part.name,
        media_type=part.media_type,
        role=part.role,
        size_bytes=part.size_bytes,
        page_count=part.page_count,
        recognised=part.recognised,
        confidence=part.confidence,
        characters=len(part.text),
        downloadable=downloadable,
        problem=_problem(part.problem) if part.problem else None,
        invoice=invoice_out(part.invoice) if part.invoice else None,
    )


def _receipt(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut(
        receipt=receipt.receipt,
        channel=receipt.channel,
        source=receipt.source,
        received_at=receipt.received_at,
        office=receipt.office,
        name=receipt.name,
        size_bytes=receipt.size_bytes,
        folder=receipt.properties.get("folder", ""),
    )


def _filing(filing: Filing, context: Context) -> FilingOut:
    file, entry, position = filing.file or "", filing.entry or 1, filing.position or ""
    return FilingOut(
        file=file,
        entry=entry,
        case=file_numbers.case_sign(file, filing.case) if filing.case else "",
        label=file_numbers.entry_label(file, entry),
        position=position,
        position_title=_title(context, position),
        office=record.office_of(filing, context.plan.office_of),
        by=filing.by,
        filed_at=filing.made_at,
    )


def _title(context: Context, position: str) -> str:
    found = context.plan.by_code.get(position)
    return found.title if found else ""
