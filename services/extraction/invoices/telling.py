"""The event of an invoice: ids, amounts and codes, and of what is personal only hashes."""

import hashlib
from collections.abc import Sequence

from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import InvoiceReceived
from services.core.model.invoice_keys import name_key, number_key
from services.core.model.invoices import Invoice
from services.core.model.record_files import Extraction
from services.core.plan import leitweg
from services.core.vocabulary import PartId

MOST_RULES = 50
_CURRENCY_LETTERS = 3


def invoices_told(extraction: Extraction, event: Event, *, service: str) -> Sequence[Event]:
    """One event for each invoice of an extraction that is complete."""
    cause = Cause(event.tenant, extraction.cause, event.trace)
    found = [part for part in extraction.parts if part.invoice] if extraction.complete else []
    return [
        topics.emit(
            _facts(event.document, part.part, part.invoice),
            cause=cause.nth(ordinal),
            service=service,
            now=extraction.made_at,
        )
        for ordinal, part in enumerate(found)
        if part.invoice
    ]


def _facts(document: str, part: PartId, invoice: Invoice) -> InvoiceReceived:
    seller = number_key(invoice.seller.vat_id or invoice.seller.tax_number) or name_key(invoice.seller.name)
    rules = dict.fromkeys(finding.rule for finding in invoice.findings if finding.severity == "error")
    code = invoice.currency
    return InvoiceReceived(
        document=document,
        part=part,
        syntax=invoice.syntax,
        profile=invoice.profile,
        number_hash=_hash(number_key(invoice.number)),
        seller_hash=_hash(seller),
        total=None if invoice.total is None else f"{invoice.total:f}",
        currency=code if len(code) == _CURRENCY_LETTERS and code.isascii() and code.isupper() else None,
        leitweg_id=leitweg.normalised(invoice.leitweg_id) or None,
        outcome=invoice.outcome,
        rule_codes=tuple(rules)[:MOST_RULES],
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
