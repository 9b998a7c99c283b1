"""All that is found of the invoices of a document that was just read: checks, and whether one came before."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from services.core.model.invoices import Invoice
from services.core.model.record_files import Part
from services.extraction.invoices.checking.checks import checked
from services.extraction.invoices.checking.duplicates import marked
from services.extraction.invoices.checking.official import sets_of, with_report
from services.runtime.context.service import Context


def judged(
    parts: Sequence[Part], xml_of: Mapping[str, bytes], *, context: Context, of: tuple[str, str]
) -> tuple[Part, ...]:
    """The parts with the findings of their invoices; what is no invoice stays as it is. `of`: tenant and document."""
    if not any(part.invoice for part in parts):
        return tuple(parts)
    found = [
        replace(part, invoice=_judged(part.invoice, xml_of.get(part.part, b""), context)) if part.invoice else part
        for part in parts
    ]
    tenant, document = of
    return marked(found, blobs=context.ports.blobs, tenant=tenant, document=document)


def _judged(invoice: Invoice, xml: bytes, context: Context) -> Invoice:
    """Our own checks always, the official rules where they are here."""
    invoice = checked(invoice)
    sets = sets_of(invoice) if xml else ()
    if not sets:
        return invoice
    with context.semaphore.aside():
        report = context.ports.invoice_rules.check(xml, sets)
    return with_report(invoice, report) if report else invoice
