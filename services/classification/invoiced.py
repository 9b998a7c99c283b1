"""Electronic invoices go where the plan says, without a clerk only where number, supplier and check are sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.core.model.invoice_keys import number_key
from services.core.model.invoices import Invoice
from services.core.model.record_files import Extraction
from services.core.plan import leitweg
from services.core.plan.file_plan import FilePlan, PlanPosition

DOUBTS = frozenset(
    {
        *("duplicate", "number-empty", "profile-not-invoice", "total-negative"),
        *("pdf-number", "pdf-profile", "pdf-several", "pdf-total"),
    }
)
"""Findings that are no error and call for a person all the same."""
LIKELY = 0.9
"""Confidence in the position where a person has to look at the invoice first."""


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What the invoices of a document say of its place."""

    position: PlanPosition | None
    """Where the plan takes invoices; None where it names no place that is open."""
    sure: bool
    """Whether nobody has to look at it first."""
    office: str
    """Whom the Leitweg-ID names; empty where it names nobody of ours."""


def invoiced(extraction: Extraction, plan: FilePlan) -> Invoiced | None:
    """None where the document brings no electronic invoice."""
    invoices = [part.invoice for part in extraction.parts if part.invoice]
    if not invoices:
        return None
    position = plan.by_code.get(plan.invoices or "")
    usable = position if position and position.code in plan.open_codes else None
    offices = {_office(invoice, plan) for invoice in invoices}
    office = offices.pop() if len(offices) == 1 else ""
    return Invoiced(usable, _is_one(invoices) and all(_is_sure(invoice, plan) for invoice in invoices), office)


def _is_one(invoices: Sequence[Invoice]) -> bool:
    """Whether all are the same invoice, as XML and inside a PDF."""
    return len({(number_key(one.number), one.seller.vat_id, one.total) for one in invoices}) == 1


def _is_sure(invoice: Invoice, plan: FilePlan) -> bool:
    doubted = not DOUBTS.isdisjoint(finding.rule for finding in invoice.findings)
    supplier = bool(invoice.seller.name and (invoice.seller.vat_id or invoice.seller.tax_number))
    ours = not plan.leitweg_ids or bool(_office(invoice, plan))
    return invoice.outcome == "valid" and bool(invoice.number) and supplier and ours and not doubted


def _office(invoice: Invoice, plan: FilePlan) -> str:
    return plan.leitweg_ids.get(leitweg.normalised(invoice.leitweg_id), "")
