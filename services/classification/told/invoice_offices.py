"""Which office decides about an electronic invoice: who is named, to whom it was sent, who had such invoices before."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.classification.evidence import by_address
from services.classification.remembered.lessons import Lessons
from services.core.model.invoice_keys import order_key, supplier_key
from services.core.model.invoices import Invoice
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.plan import leitweg
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import FiledBy, ResponsibleBy


@dataclass(frozen=True, slots=True)
class Responsible:
    """An office, by what it is known, and the words of the invoice that say so."""

    office: str
    kind: FiledBy | ResponsibleBy
    words: tuple[str, ...]


def by_leitweg_id(invoice: Invoice, plan: FilePlan) -> str:
    """Whose office its Leitweg-ID names; empty where it names nobody of ours."""
    return plan.leitweg_ids.get(leitweg.normalised(invoice.leitweg_id), "")


def named(invoices: Sequence[Invoice], plan: FilePlan) -> Responsible | None:
    """What the Leitweg-IDs say, where all say the same."""
    offices = {by_leitweg_id(invoice, plan) for invoice in invoices}
    office = offices.pop() if len(offices) == 1 else ""
    return Responsible(office, "leitweg_id", (invoices[0].leitweg_id,)) if office else None


def sent_to(found: Record, extraction: Extraction, plan: FilePlan) -> Responsible | None:
    """What the mailbox says that it came to, where the plan gives that to one office."""
    offices = {plan.office_of[code] for code in by_address(found, extraction, plan)}
    return Responsible(offices.pop(), "address", ()) if len(offices) == 1 else None


def known_from_before(invoices: Sequence[Invoice], lessons: Lessons, plan: FilePlan) -> Responsible | None:
    """Who had invoices of the same order before, else of the same supplier, as clerks decided, and mostly."""
    orders = {(order_key(one), one.order) for one in invoices}
    suppliers = {(supplier_key(one), one.seller.name) for one in invoices}
    kinds: tuple[tuple[ResponsibleBy, set[tuple[str, str]]], ...] = (("order_number", orders), ("supplier", suppliers))
    for kind, said in kinds:
        offices = {lessons.office(key) for key, _ in said if key}
        office = offices.pop() if len(offices) == 1 else ""
        if office in plan.offices:
            return Responsible(office, kind, tuple(word for _, word in sorted(said) if word))
    return None
