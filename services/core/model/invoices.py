"""An electronic invoice as its XML says it: the terms of EN 16931 that a finance department asks for.

The names in brackets are the business terms (BT) and groups (BG) of EN 16931-1, which UBL, CII and ZUGFeRD share.
"""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from services.core import vocabulary
from services.core.plan.leitweg import is_leitweg_id

MAX_LINES = 500
"""Lines that are kept and shown; `line_count` counts all of them."""
FULL_PROFILES_LACK = ("minimum", "basicwl")
"""Profiles of ZUGFeRD 2 and Factur-X that hold no lines: booking aids, and no invoices in the sense of the law."""
UNREADABLE = frozenset({"xml-doctype", "xml-broken", "xml-limits"})
"""Findings of an invoice that is one by its root, but whose fields nobody read."""


class Party(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Seller (BG-4) or buyer (BG-7)."""

    name: str = ""
    vat_id: str = ""
    tax_number: str = ""
    address: tuple[str, ...] = ()
    """Lines as an envelope would show them."""
    contact: str = ""
    email: str = ""


class TaxShare(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rate of the tax breakdown (BG-23)."""

    category: str = ""
    """Code of UNTDID 5305: `S` standard, `Z` zero, `E` exempt, `AE` reverse charge …"""
    rate: Decimal | None = None
    """Percent."""
    basis: Decimal | None = None
    amount: Decimal | None = None


class InvoiceLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line (BG-25)."""

    number: str = ""
    name: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    """Code of UN/ECE Recommendation 20."""
    price: Decimal | None = None
    net: Decimal | None = None
    category: str = ""
    rate: Decimal | None = None


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a check found: the id of its rule, how much it matters, and a sentence that the supplier understands."""

    rule: vocabulary.RuleId
    severity: vocabulary.Severity
    text: str


class Invoice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one XML says of one invoice. Amounts are in the currency of the invoice, as written."""

    syntax: vocabulary.InvoiceSyntax
    profile: vocabulary.VersionWord
    """Short name of the specification it claims (BT-24), see `docs/invoices.md`."""
    specification: str = ""
    """The claim itself (BT-24)."""
    number: str = ""
    issued: date | None = None
    due_date: date | None = None
    delivered: date | None = None
    type_code: str = ""
    """Code of UNTDID 1001 (BT-3): 380 invoice, 381 credit note, 384 correction …"""
    currency: str = ""
    seller: Party = Party()
    buyer: Party = Party()
    buyer_reference: str = ""
    """BT-10, the Leitweg-ID of a German authority."""
    order: str = ""
    contract: str = ""
    project: str = ""
    preceding: tuple[str, ...] = ()
    """Numbers of invoices that this one corrects or settles (BG-3)."""
    line_count: vocabulary.Count = 0
    lines: tuple[InvoiceLine, ...] = ()
    charges: Decimal | None = None
    """Sum of charges on document level (BT-108)."""
    allowances: Decimal | None = None
    """Sum of allowances on document level (BT-107)."""
    lines_net: Decimal | None = None
    """Sum of the lines (BT-106)."""
    net: Decimal | None = None
    """Total without tax (BT-109)."""
    taxes: tuple[TaxShare, ...] = ()
    tax: Decimal | None = None
    """BT-110."""
    total: Decimal | None = None
    """With tax (BT-112)."""
    paid: Decimal | None = None
    """BT-113."""
    rounding: Decimal | None = None
    """BT-114."""
    due: Decimal | None = None
    """What is to be paid (BT-115)."""
    payment_code: str = ""
    """Code of UNTDID 4461 (BT-81): 58 SEPA credit transfer, 59 SEPA direct debit …"""
    ibans: tuple[str, ...] = ()
    terms: str = ""
    """BT-20."""
    note: str = ""
    """BT-22, the first one."""
    findings: tuple[Finding, ...] = ()
    checked_by: tuple[str, ...] = ()
    """Names and versions of the sets of rules that were applied."""
    duplicate_of: str = ""
    """The document that brought the same invoice (seller, number, total) before."""

    @property
    def is_readable(self) -> bool:
        """Whether its fields were read at all."""
        return not any(finding.rule in UNREADABLE for finding in self.findings)

    @property
    def is_valid(self) -> bool:
        """Whether no check found an error."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def leitweg_id(self) -> str:
        """The buyer reference where it is a Leitweg-ID with the right check digits; else empty."""
        return self.buyer_reference if is_leitweg_id(self.buyer_reference) else ""

    @property
    def is_credit(self) -> bool:
        """Whether money goes the other way: a credit note."""
        return self.syntax == "ubl-credit-note" or self.type_code == "381"

    @property
    def title(self) -> str:
        """What people call it: `Rechnung RE-4711, Papierhaus Lindner GmbH`."""
        words = f"{'Gutschrift' if self.is_credit else 'Rechnung'} {self.number}".strip()
        return f"{words}, {self.seller.name}" if self.seller.name else words

    @property
    def outcome(self) -> vocabulary.InvoiceOutcome:
        """How far it may be trusted without a person."""
        if not self.is_readable:
            return "unreadable"
        if not self.is_valid:
            return "invalid"
        return "duplicate" if self.duplicate_of else "valid"
