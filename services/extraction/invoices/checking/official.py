"""The official rules applied to an invoice: which sets, and what of their report is an error, a warning or a note."""

from collections.abc import Iterator

from msgspec.structs import replace

from services.core.model.invoices import Finding, Invoice
from services.core.ports.invoice_rules import Broken, Report, RuleSet
from services.core.vocabulary import Severity
from services.extraction.invoices.checking.sentences import sentence_of

MOST_FINDINGS = 100
_SEVERITIES: dict[str, Severity] = {"fatal": "error", "error": "error", "information": "information"}
_FORM = ("UBL-CR-", "UBL-DT-", "CII-SR-", "CII-DT-")
"""Elements that EN 16931 has no use for: told, and nobody's fault."""
_COMPLIANT = frozenset({"en16931", "peppol-bis-3", "factur-x-basic"})
_OPEN_LISTS = ("BR-CL-",)
"""Code lists that the extension of XRechnung and its vehicle data widen: a warning there, as for KoSIT."""


_OURS_ALONE = frozenset({"BR-CO-25"})
"""Rules of EN 16931-1 that its Schematron (1.3.16) does not have: nothing that ran over them, so ours stay."""


def sets_of(invoice: Invoice) -> tuple[RuleSet, ...]:
    """The sets that an invoice claims to keep; none for a profile outside of EN 16931."""
    profile = invoice.profile
    is_compliant = profile in _COMPLIANT or profile.startswith("xrechnung")
    if not (invoice.is_readable and is_compliant) or invoice.syntax == "zugferd-1":
        return ()
    is_current = profile.startswith("xrechnung-3.")
    if invoice.syntax == "cii":
        return ("en16931-cii", "xrechnung-cii") if is_current else ("en16931-cii",)
    return ("en16931-ubl", "xrechnung-ubl") if is_current else ("en16931-ubl",)


def with_report(invoice: Invoice, report: Report) -> Invoice:
    """The invoice with the findings of the report, which outrank our own under the same family of ids."""
    ran_german = any(name.startswith("xrechnung") for name in report.applied)
    own = tuple(finding for finding in invoice.findings if not _is_replaced(finding.rule, ran_german=ran_german))
    found = tuple(dict.fromkeys(_findings(invoice, report)))
    return replace(
        invoice,
        findings=(*found[:MOST_FINDINGS], *own),
        checked_by=(*report.applied, *invoice.checked_by),
    )


def _is_replaced(rule: str, *, ran_german: bool) -> bool:
    return rule.startswith("BR-") and rule not in _OURS_ALONE and (ran_german or not rule.startswith("BR-DE-"))


def _findings(invoice: Invoice, report: Report) -> Iterator[Finding]:
    for broken in report.broken:
        rule = broken.rule[:64]
        yield Finding(rule=rule, severity=_severity(invoice, broken), text=sentence_of(rule, broken.text)[:500])


def _severity(invoice: Invoice, broken: Broken) -> Severity:
    if broken.rule.startswith(_FORM):
        return "information"
    if broken.rule.startswith(_OPEN_LISTS) and invoice.profile.endswith(("extension", "cvd")):
        return "warning"
    return _SEVERITIES.get(broken.flag, "warning")
