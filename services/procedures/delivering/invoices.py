"""Electronic invoices for the procedures that take them: told when they were read, delivered with their report."""

from collections.abc import Sequence

from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.envelope import Event
from services.core.messages.events import DeliveredInvoice, InvoiceReceived
from services.core.messages.procedures import InboxLine, Procedure
from services.core.messages.told import InvoiceTold
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.protocol.audience import audience_of
from services.procedures import inbox
from services.runtime.context.service import Context

MOST = 20
"""Invoices of one document that a delivery names; all of them are in the original."""


def takers(found: Record, context: Context, *, protection: int) -> list[Procedure]:
    """Who takes the document wherever it is filed, since an electronic invoice lies in it, and may have this level."""
    parts = found.extraction.parts if found.extraction else ()
    there = context.procedures.of_invoices if any(part.invoice for part in parts) else ()
    return [one for one in there if one.may_have(protection)]


def invoices_of(found: Record) -> tuple[DeliveredInvoice, ...]:
    """The invoices of the document: where each lies, its PDF where it is a hybrid, and what the checks found."""
    if not found.extraction:
        return ()
    shown = [part for part in found.extraction.parts if part.invoice][:MOST]
    return tuple(
        DeliveredInvoice(
            part=part.part,
            outcome=part.invoice.outcome,
            content_path=_content(found.document, found.extraction, part.part),
            pdf_path=_pdf(found.document, found.extraction, part.part),
            report_path=f"/api/v1/documents/{found.document}/parts/{part.part}/invoice",
        )
        for part in shown
        if part.invoice
    )


def tell(event: Event, facts: InvoiceReceived, context: Context) -> Sequence[Event]:
    """Tell every procedure that takes invoices of this one, by a line that is stored once; but not who brought it."""
    if not context.procedures.of_invoices:
        return ()
    found = record.load(context.ports.blobs, event.tenant, facts.document)
    brought = {receipt.source for receipt in found.receipts if receipt.channel == "procedure"}
    told, protection = [], audience_of(found, context.plan).protection
    for one in context.procedures.of_invoices if found.receipts else ():
        if one.name not in brought and one.may_have(protection):
            made = _told(event, facts, one.name, context)
            told += [] if one.paused_since else [inbox.invoice_event(context, one.name, made)]
    return told


def _told(event: Event, facts: InvoiceReceived, name: str, context: Context) -> InvoiceTold:
    made = InvoiceTold(
        id=event.id,
        cause=event.cause,
        made_at=event.time,
        line=inbox.last_line(context, name) + 1,
        invoice=facts,
    )
    key = inbox.key_of(context, name, "invoices", event.id)
    if not context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        made = procedures.decode(InvoiceTold, context.ports.blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, name, InboxLine(kind="invoice", id=made.id), made.line)
    return made


def _content(document: str, extraction: Extraction, part: str) -> str:
    """Where the bytes of a part are; those of the original where it is no attachment of it."""
    attached = part in record.attached_parts(extraction)
    return f"/api/v1/documents/{document}/" + (f"parts/{part}/content" if attached else "original")


def _pdf(document: str, extraction: Extraction, part: str) -> str | None:
    above = part.rpartition(".")[0]
    is_pdf = any(one.part == above and one.media_type == "application/pdf" for one in extraction.parts)
    return _content(document, extraction, above) if is_pdf else None
