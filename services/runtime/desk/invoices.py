"""An electronic invoice as it is told: by the API with every field, and in German words on the desk."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from msgspec.structs import asdict
from pydantic import BaseModel

from services.core.model.invoices import Invoice, Party
from services.runtime.translation import spoken
from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _

_KINDS = {
    "326": _("Teilrechnung"),
    "380": _("Rechnung"),
    "381": _("Gutschrift"),
    "384": _("Rechnungskorrektur"),
    "389": _("Gutschrift im Gutschriftsverfahren (Selbstfakturierung)"),
    "875": _("Abschlagsrechnung (Bau)"),
    "876": _("Teilschlussrechnung (Bau)"),
    "877": _("Schlussrechnung (Bau)"),
}
_SYNTAXES = {
    "ubl-invoice": "UBL",
    "ubl-credit-note": "UBL",
    "cii": "CII",
    "zugferd-1": "ZUGFeRD 1.0",
}
_UNITS = {
    "ANN": _("Jahr"), "C62": _("Stück"), "DAY": _("Tag"), "EA": _("Stück"), "H87": _("Stück"), "HUR": _("Stunde"),
    "KGM": "kg", "KMT": "km", "KWH": "kWh", "LS": _("pauschal"), "LTR": _("Liter"), "MIN": _("Minute"),
    "MON": _("Monat"), "MTK": "m²", "MTQ": "m³", "MTR": "m", "NAR": _("Stück"), "PR": _("Paar"), "SET": _("Satz"),
    "TNE": "t", "WEE": _("Woche"), "XPK": _("Paket"), "XPP": _("Stück"),
}  # fmt: skip
_MEANS = {
    "10": _("bar"),
    "30": _("Überweisung"),
    "48": _("Karte"),
    "57": _("Dauerauftrag"),
    "58": _("SEPA-Überweisung"),
    "59": _("SEPA-Lastschrift"),
}
_OUTCOMES = {
    "valid": (_("Geprüft, ohne Fehler"), "good"),
    "invalid": (_("Fehlerhaft"), "bad"),
    "duplicate": (_("Möglicherweise doppelt"), "held"),
    "unreadable": (_("Nicht lesbar"), "bad"),
}
SEVERITIES = {"error": _("Fehler"), "warning": _("Hinweis"), "information": _("Zur Kenntnis")}
_DISCOUNT = re.compile(r"#SKONTO#TAGE=(\d{1,3})#PROZENT=(\d{1,2}(?:\.\d{1,2})?)(?:#BASISBETRAG=-?[\d.]{1,20})?#")
"""XRechnung 3.0, BR-DE-18: discounts written so that programs can read them."""
_MAILBOX = re.compile(r"[^\s@<>,;:?&\"]{1,64}@[^\s@<>,;:?&\"]{1,190}")
_LONGEST_LETTER = 1_500


class PartyOut(BaseModel):
    """Seller or buyer."""

    name: str
    vat_id: str
    tax_number: str
    address: list[str]
    contact: str
    email: str


class TaxShareOut(BaseModel):
    """One rate of the tax breakdown; `rate` in percent."""

    category: str
    rate: Decimal | None
    basis: Decimal | None
    amount: Decimal | None


class FindingOut(BaseModel):
    """What a check found: rule, severity `error`, `warning` or `information`, and a German sentence."""

    rule: str
    severity: str
    text: str


class LineOut(BaseModel):
    """One line."""

    number: str
    name: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    net: Decimal | None
    category: str
    rate: Decimal | None


class InvoiceOut(BaseModel):
    """What an electronic invoice says, without its lines; amounts are decimals in quotes, in `currency`."""

    syntax: str
    profile: str
    specification: str
    outcome: str
    """`valid`, `invalid`, `duplicate`, `unreadable`."""
    number: str
    issued: date | None
    due_date: date | None
    delivered: date | None
    type_code: str
    currency: str
    seller: PartyOut
    buyer: PartyOut
    buyer_reference: str
    leitweg_id: str
    """The buyer reference where it is a Leitweg-ID with right check digits."""
    order: str
    contract: str
    project: str
    preceding: list[str]
    line_count: int
    charges: Decimal | None
    allowances: Decimal | None
    lines_net: Decimal | None
    net: Decimal | None
    taxes: list[TaxShareOut]
    tax: Decimal | None
    total: Decimal | None
    paid: Decimal | None
    rounding: Decimal | None
    due: Decimal | None
    payment_code: str
    ibans: list[str]
    terms: str
    note: str
    findings: list[FindingOut]
    checked_by: list[str]


class InvoiceReport(InvoiceOut):
    """The same with its lines, the first 500."""

    document: str
    part: str
    lines: list[LineOut]


def invoice_out(invoice: Invoice) -> InvoiceOut:
    """Everything but the lines and the id of another document, which not everybody may know."""
    return InvoiceOut.model_validate(_facts(invoice))


def report(invoice: Invoice, *, document: str, part: str) -> InvoiceReport:
    """Everything, for a program of the finance department."""
    place = {"document": document, "part": part}
    return InvoiceReport.model_validate(_facts(invoice) | place | {"lines": [asdict(line) for line in invoice.lines]})


def _facts(invoice: Invoice) -> dict[str, object]:
    nested = {"seller": asdict(invoice.seller), "buyer": asdict(invoice.buyer)}
    nested |= {"taxes": [asdict(share) for share in invoice.taxes]}  # type: ignore[dict-item]  # lists beside mappings
    nested |= {"findings": [asdict(finding) for finding in invoice.findings]}  # type: ignore[dict-item]
    known = {name: value for name, value in asdict(invoice).items() if name not in ("lines", "duplicate_of")}
    return known | nested | {"outcome": invoice.outcome, "leitweg_id": invoice.leitweg_id}


def title_shown(invoice: Invoice) -> str:
    """What it is called: `Rechnung RE-4711`."""
    return f"{kind_of_invoice(invoice)} {invoice.number}".strip()


def kind_of_invoice(invoice: Invoice) -> str:
    """The word for its type."""
    return gettext(_KINDS["381"] if invoice.is_credit else _KINDS.get(invoice.type_code, _KINDS["380"]))


def outcome_shown(outcome: str) -> tuple[str, str]:
    """The words for how its check went, and the class that colours them."""
    words, colour = _OUTCOMES[outcome]
    return gettext(words), colour


def format_shown(invoice: Invoice) -> str:
    """Syntax and profile."""
    return f"{_SYNTAXES[invoice.syntax]}, {invoice.profile}"


def amount_shown(amount: Decimal | None, currency: str = "") -> str:
    """`1.190,00 EUR`; more than two decimals stay."""
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    text = spoken.number_shown(f"{amount:,.{min(places, 6)}f}")
    return f"{text} {currency}".strip()


def number_shown(amount: Decimal | None) -> str:
    """A quantity or a rate without needless zeros: `2,5`."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    return spoken.number_shown(text.rstrip("0").rstrip(".") if "." in text else text)


def day_shown(day: date | None) -> str:
    """`23.11.2026`."""
    return spoken.day_shown(day) if day else ""


def unit_shown(code: str) -> str:
    """The word for a unit; its code where there is none."""
    return gettext(_UNITS[code]) if code in _UNITS else code


def means_shown(code: str) -> str:
    """The word for a means of payment; its code where there is none."""
    return gettext(_MEANS[code]) if code in _MEANS else code


def severity_shown(severity: str) -> str:
    """The word for how much a finding matters."""
    return gettext(SEVERITIES[severity])


def iban_shown(iban: str) -> str:
    """In fours."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def terms_shown(terms: str) -> str:
    """Terms of payment, discounts in words: `2,00 % Skonto bei Zahlung innerhalb von 14 Tagen`."""
    said = gettext("{share} % Skonto bei Zahlung innerhalb von {days} Tagen. ")
    return _DISCOUNT.sub(lambda found: said.format(share=spoken.number_shown(found[2]), days=found[1]), terms).strip()


def answer_to(invoice: Invoice) -> str:
    """A prepared mail to the supplier that names the errors, as a `mailto:` link; empty where nobody can be written."""
    errors = [finding for finding in invoice.findings if finding.severity == "error"]
    if not errors or not _MAILBOX.fullmatch(invoice.seller.email):
        return ""
    named = "\n".join(f"- {finding.text} ({finding.rule})" for finding in errors)[:_LONGEST_LETTER]
    number = invoice.number or "ohne Nummer"
    text = (
        f"{greeting(invoice.seller)}\n\nIhre elektronische Rechnung {number} können wir so nicht bearbeiten:\n\n"
        f"{named}\n\n"
        "Bitte senden Sie uns eine berichtigte Rechnung.\n\nMit freundlichen Grüßen\n"
    )
    subject = f"Ihre Rechnung {number}: bitte berichtigen"
    return f"mailto:{quote(invoice.seller.email, safe='@')}?subject={quote(subject)}&body={quote(text)}"


def greeting(party: Party) -> str:
    """A person whose name is known is greeted by it."""
    return f"Guten Tag {party.contact}," if party.contact else "Guten Tag,"
