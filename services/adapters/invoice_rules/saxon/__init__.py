"""The official rules, run by Saxon in a process of its own."""

from services.adapters.invoice_rules.saxon.engine import SaxonInvoiceRules

__all__ = ["SaxonInvoiceRules"]
