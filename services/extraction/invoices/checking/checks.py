"""Our own checks of an invoice: what EN 16931 and XRechnung ask of its fields and sums, and what a person should see.

Ids `BR-…` are those of EN 16931-1 and XRechnung 3.0 with their meaning; the others are ours. These are not the official
rules: those are run beside them where they are installed (`docs/invoices.md`).
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from msgspec.structs import replace

from services.core.model.invoices import FULL_PROFILES_LACK, Finding, Invoice, TaxShare
from services.core.vocabulary import Severity

VERSION = "poststelle-1"
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_TOLERANCE = Decimal(1)
"""By which a tax may differ from its rate: the lines may have been rounded one by one (as in the official BR-CO-17)."""
_TYPES = frozenset({"326", "380", "384", "389", "381", "875", "876", "877"})
_MISSING = (
    ("BR-02", "number", "Die Rechnungsnummer (BT-1) fehlt."),
    ("BR-03", "issued", "Das Rechnungsdatum (BT-2) fehlt oder ist kein Datum."),
    ("BR-04", "type_code", "Die Art der Rechnung (BT-3) fehlt."),
    ("BR-05", "currency", "Die Währung (BT-5) fehlt."),
    ("BR-13", "net", "Die Summe ohne Umsatzsteuer (BT-109) fehlt oder ist keine Zahl."),
    ("BR-14", "total", "Die Summe mit Umsatzsteuer (BT-112) fehlt oder ist keine Zahl."),
    ("BR-15", "due", "Der fällige Betrag (BT-115) fehlt oder ist keine Zahl."),
)


def checked(invoice: Invoice) -> Invoice:
    """The invoice with what was found; an unread one stays as it is."""
    if not invoice.is_readable:
        return invoice
    found = [*_missing(invoice), *_sums(invoice), *_german(invoice), *_remarkable(invoice)]
    if invoice.syntax == "zugferd-1":
        # Older than EN 16931: nothing need be due, and what a correction leaves to be paid was told in several ways.
        loose = [replace(one, severity="warning") if one.rule == "BR-CO-16" else one for one in found]
        found = [one for one in loose if one.rule != "BR-15"]
    return replace(invoice, findings=(*invoice.findings, *found), checked_by=(VERSION, *invoice.checked_by))


def is_iban(text: str) -> bool:
    """Whether form and check digits are right (ISO 13616: the rest of 97 is 1)."""
    if not (text.isascii() and text.isalnum() and 15 <= len(text) <= 34):  # noqa: PLR2004  # shortest and longest
        return False
    return int("".join(str(int(letter, 36)) for letter in (text[4:] + text[:4]).upper())) % 97 == 1


def _of(rule: str, text: str, severity: Severity = "error") -> Finding:
    return Finding(rule=rule, severity=severity, text=text)


def _missing(invoice: Invoice) -> Iterator[Finding]:
    for rule, name, text in _MISSING:
        if getattr(invoice, name) in ("", None):
            yield _of(rule, text)
    if not invoice.seller.name:
        yield _of("BR-06", "Der Name des Verkäufers (BT-27) fehlt.")
    if not invoice.buyer.name:
        yield _of("BR-07", "Der Name des Käufers (BT-44) fehlt.")
    if invoice.profile.endswith(FULL_PROFILES_LACK):
        text = "Das Profil enthält keine Positionen: Es ist eine Buchungshilfe und keine vollständige Rechnung."
        yield _of("profile-not-invoice", text, "warning")
    elif not invoice.line_count:
        yield _of("BR-16", "Die Rechnung hat keine Position (BG-25).")


def _sums(invoice: Invoice) -> Iterator[Finding]:
    """The arithmetic of EN 16931; a sum that is not told is not checked here."""
    plus, minus = invoice.charges or _ZERO, invoice.allowances or _ZERO
    if _lines_add_up(invoice) and _differ(invoice.lines_net, sum((line.net or _ZERO for line in invoice.lines), _ZERO)):
        yield _of(
            "BR-CO-10",
            f"Die Summe der Positionen (BT-106) ist {_written(invoice.lines_net)}, addiert sind sie etwas anderes.",
        )
    if invoice.lines_net is not None and _differ(invoice.net, invoice.lines_net - minus + plus):
        yield _of(
            "BR-CO-13", "Die Summe ohne Umsatzsteuer (BT-109) ist nicht Positionen minus Abschläge plus Zuschläge."
        )
    if invoice.taxes and _differ(invoice.tax, sum((share.amount or _ZERO for share in invoice.taxes), _ZERO)):
        yield _of("BR-CO-14", "Der Umsatzsteuerbetrag (BT-110) ist nicht die Summe der Steuerbeträge je Satz (BT-117).")
    gross = None if invoice.net is None else invoice.net + (invoice.tax or _ZERO)
    if gross is not None and _differ(invoice.total, gross):
        sums = f"{_written(invoice.total)}, netto plus Steuer ist {_written(gross)}"
        told = f"Die Summe mit Umsatzsteuer (BT-112) ist {sums}."
        yield _of("BR-CO-15", told)
    expected = (invoice.total or _ZERO) - (invoice.paid or _ZERO) + (invoice.rounding or _ZERO)
    if invoice.total is not None and _differ(invoice.due, expected):
        sums = f"{_written(invoice.due)}, nach den Summen müsste er {_written(expected)} sein"
        yield _of("BR-CO-16", f"Der fällige Betrag (BT-115) ist {sums}.")
    for share in invoice.taxes:
        if _is_off(share):
            yield _of(
                "BR-CO-17",
                f"Der Steuerbetrag zu {_written(share.rate)} % (BT-117) passt nicht zu seinem Netto (BT-116).",
            )


def _german(invoice: Invoice) -> Iterator[Finding]:
    """What XRechnung asks beyond EN 16931, of invoices that claim to be one."""
    if invoice.buyer_reference and not invoice.leitweg_id:
        text = "Die Käuferreferenz (BT-10) ist keine Leitweg-ID mit gültigen Prüfziffern."
        is_xrechnung = invoice.profile.startswith("xrechnung")
        yield _of("leitweg-id", text, "warning" if is_xrechnung else "information")
    if not invoice.profile.startswith("xrechnung"):
        return
    if not invoice.buyer_reference:
        yield _of("BR-DE-15", "Die Leitweg-ID (Käuferreferenz, BT-10) fehlt.")
    if not invoice.payment_code:
        yield _of("BR-DE-1", "Die Angaben zur Zahlung (BG-16) fehlen.")
    if not invoice.seller.contact or not invoice.seller.email:
        yield _of("BR-DE-2", "Der Ansprechpartner des Verkäufers (BG-6) fehlt oder ist unvollständig.")
    if invoice.type_code and invoice.type_code not in _TYPES:
        yield _of(
            "BR-DE-17",
            f"Die Art der Rechnung (BT-3) {invoice.type_code} ist in der XRechnung nicht vorgesehen.",
            "warning",
        )
    if invoice.payment_code == "58" and not all(is_iban(iban) for iban in invoice.ibans):
        yield _of("BR-DE-19", "Die IBAN (BT-84) hat keine gültigen Prüfziffern.", "warning")


def _remarkable(invoice: Invoice) -> Iterator[Finding]:
    """What no rule forbids and a person should look at."""
    if invoice.number and not invoice.number.strip("0-/. "):
        yield _of(
            "number-empty",
            f"Die Rechnungsnummer „{invoice.number}“ ist keine, an der man eine Rechnung erkennt.",
            "warning",
        )
    if (invoice.total or _ZERO) < 0 and not invoice.is_credit:
        yield _of("total-negative", "Die Rechnung hat eine negative Summe, ist aber keine Gutschrift.", "warning")
    if (invoice.due or _ZERO) > 0 and not (invoice.due_date or invoice.terms):
        yield _of("BR-CO-25", "Weder Fälligkeit (BT-9) noch Zahlungsbedingungen (BT-20) sind angegeben.", "warning")


def _lines_add_up(invoice: Invoice) -> bool:
    """Whether the lines are to be added: all are here, and none is a group or a part of another."""
    grouped = invoice.syntax == "zugferd-1" or invoice.profile.endswith(("extension", "extended"))
    return bool(invoice.lines) and len(invoice.lines) == invoice.line_count and not grouped


def _written(amount: Decimal | None) -> str:
    """With a decimal comma."""
    return "" if amount is None else f"{amount:f}".replace(".", ",")


def _differ(told: Decimal | None, expected: Decimal) -> bool:
    return told is not None and _rounded(told) != _rounded(expected)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _is_off(share: TaxShare) -> bool:
    if share.basis is None or share.amount is None or share.rate is None:
        return False
    return abs(abs(share.basis * share.rate / 100) - abs(share.amount)) > _TOLERANCE
