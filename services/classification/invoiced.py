"""Electronic invoices go where the plan says, without a clerk only where number, supplier and check are sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.classification.evidence import names_a_file
from services.classification.knowledge.known import known
from services.classification.told import invoice_offices
from services.classification.told.invoice_offices import Responsible, by_leitweg_id
from services.core.messages.events import Candidate
from services.core.model.invoice_keys import number_key
from services.core.model.invoices import Invoice
from services.core.model.record import Record
from services.core.model.record_files import Classification, Evidence, Extraction
from services.core.plan.file_numbers import Template, year_at
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.runtime.context.service import Context

DOUBTS = frozenset(
    {
        *("duplicate", "number-empty", "profile-not-invoice", "total-negative"),
        *("pdf-number", "pdf-profile", "pdf-several", "pdf-total"),
    }
)
"""Findings that are no error and call for a person all the same."""
VERSION = "invoice-1"
LIKELY = 0.9
"""Confidence in the position where a person has to look at the invoice first."""


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What the invoices of a document say of its place."""

    position: PlanPosition | None
    """Where the plan takes invoices; None where it names no place that is open."""
    sure: bool
    """Whether nobody has to look at it first."""
    responsible: Responsible | None
    """Whom the Leitweg-ID names; None where it names nobody of ours."""


def invoiced(extraction: Extraction, plan: FilePlan) -> Invoiced | None:
    """None where the document brings no electronic invoice."""
    invoices = [part.invoice for part in extraction.parts if part.invoice]
    if not invoices:
        return None
    position = plan.by_code.get(plan.invoices or "")
    usable = position if position and position.code in plan.open_codes else None
    sure = _is_one(invoices) and all(_is_sure(invoice, plan) for invoice in invoices)
    return Invoiced(usable, sure, invoice_offices.named(invoices, plan))


def by_invoice(found: Record, extraction: Extraction, *, cause: str, context: Context) -> Classification | None:
    """The judgement about a document that brings electronic invoices, where the plan says where those go.

    A sure one is filed in the collective file of the year; of any other the place is offered to the office that its
    Leitweg-ID names, else to whose mailbox it came, else to who had such invoices before, else to that of the place.
    None: a document that names a file of ours is judged by that.
    """
    lead = invoiced(extraction, context.plan)
    if lead is None or lead.position is None or names_a_file(found, extraction, context):
        return None
    code, now = lead.position.code, context.ports.clock.now()
    strength = 1.0 if lead.sure else LIKELY
    responsible = lead.responsible or _responsible(found, extraction, context)
    said = [Evidence(kind="rule", position=code, strength=strength)]
    if responsible:
        said.append(Evidence(kind=responsible.kind, position=code, strength=strength, words=responsible.words))
    file = (
        Template(context.settings.filing.file_number).collective(code, year_at(now, context.settings.filing.time_zone))
        if lead.sure
        else None
    )
    return Classification(
        cause=cause,
        made_at=now,
        extraction=found.revisions["extraction"],
        plan_version=context.plan.version,
        classifier_version=VERSION,
        outcome="proposed" if file else "abstained",
        candidates=(Candidate(position=code, confidence=strength, evidence="rule", kinds=("rule",)),),
        file=file,
        office=responsible.office if responsible else context.plan.office_of[code],
        reason="rule" if file else "unsure",
        certainty="sure" if file else "likely",
        office_confidence=strength,
        kind="invoice",
        evidence=tuple(said),
    )


def _responsible(found: Record, extraction: Extraction, context: Context) -> Responsible | None:
    """Where no Leitweg-ID says it."""
    addressed = invoice_offices.sent_to(found, extraction, context.plan)
    invoices = [part.invoice for part in extraction.parts if part.invoice]
    return addressed or invoice_offices.known_from_before(invoices, known(context).lessons, context.plan)


def _is_one(invoices: Sequence[Invoice]) -> bool:
    """Whether all are the same invoice, as XML and inside a PDF."""
    return len({(number_key(one.number), one.seller.vat_id, one.total) for one in invoices}) == 1


def _is_sure(invoice: Invoice, plan: FilePlan) -> bool:
    doubted = not DOUBTS.isdisjoint(finding.rule for finding in invoice.findings)
    supplier = bool(invoice.seller.name and (invoice.seller.vat_id or invoice.seller.tax_number))
    ours = not plan.leitweg_ids or bool(by_leitweg_id(invoice, plan))
    return invoice.outcome == "valid" and bool(invoice.number) and supplier and ours and not doubted
