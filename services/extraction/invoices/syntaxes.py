"""The syntaxes of invoices: by which root each is known, and on which path each term of EN 16931 lies.

Sources: EN 16931-3-2 (UBL 2.1), EN 16931-3-3 (CII D16B), ZUGFeRD 1.0 (CII D13B); paths as in the syntax bindings there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.core.vocabulary import InvoiceSyntax
from services.extraction.invoices.xml_tree import Path, compiled

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:"
ENVELOPE = "{http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader}StandardBusinessDocument"
"""Peppol puts an invoice into this."""
NAMESPACES = (f"{_UBL}Invoice-2", f"{_UBL}CreditNote-2", f"{_CII}CrossIndustryInvoice:100")
ZUGFERD_1 = "urn:ferd:CrossIndustryDocument:invoice:1p0"

ROOTS: dict[str, InvoiceSyntax] = {
    f"{{{_UBL}Invoice-2}}Invoice": "ubl-invoice",
    f"{{{_UBL}CreditNote-2}}CreditNote": "ubl-credit-note",
    f"{{{_CII}CrossIndustryInvoice:100}}CrossIndustryInvoice": "cii",
    f"{{{ZUGFERD_1}}}CrossIndustryDocument": "zugferd-1",
}
SIGNS = tuple(namespace.encode() for namespace in (*NAMESPACES, ZUGFERD_1))
"""What stands in the first lines of every invoice."""


@dataclass(frozen=True)
class Syntax:
    """Where the terms lie. A path of several is tried from the left (`a | b` would be in the order of the document)."""

    namespaces: Mapping[str, str]
    terms: Mapping[str, tuple[str, ...]]
    party: Mapping[str, tuple[str, ...]]
    address: tuple[tuple[str, ...], ...]
    """The lines of an envelope, each of these paths, with a blank between."""
    tax: Mapping[str, tuple[str, ...]]
    line: Mapping[str, tuple[str, ...]]

    @cached_property
    def paths(self) -> dict[str, tuple[Path, ...]]:
        """The compiled terms."""
        return self._compiled(self.terms)

    @cached_property
    def party_paths(self) -> dict[str, tuple[Path, ...]]:
        """The same of a party."""
        return self._compiled(self.party)

    @cached_property
    def address_paths(self) -> tuple[tuple[Path, ...], ...]:
        """The same of an address."""
        return tuple(tuple(compiled(path, self.namespaces) for path in line) for line in self.address)

    @cached_property
    def tax_paths(self) -> dict[str, tuple[Path, ...]]:
        """The same of a share of the tax."""
        return self._compiled(self.tax)

    @cached_property
    def line_paths(self) -> dict[str, tuple[Path, ...]]:
        """The same of a line."""
        return self._compiled(self.line)

    def _compiled(self, table: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Path, ...]]:
        return {name: tuple(compiled(path, self.namespaces) for path in paths) for name, paths in table.items()}


_VAT = "translate(normalize-space(cac:TaxScheme/cbc:ID),'vat','VAT')='VAT'"
_TOTALS = "cac:LegalMonetaryTotal"
UBL = Syntax(
    namespaces={"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"},
    terms={
        "specification": ("cbc:CustomizationID",),
        "number": ("cbc:ID",),
        "issued": ("cbc:IssueDate",),
        "due_date": ("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"),
        "delivered": ("cac:Delivery/cbc:ActualDeliveryDate",),
        "type_code": ("cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"),
        "currency": ("cbc:DocumentCurrencyCode",),
        "seller": ("cac:AccountingSupplierParty/cac:Party",),
        "buyer": ("cac:AccountingCustomerParty/cac:Party",),
        "buyer_reference": ("cbc:BuyerReference",),
        "order": ("cac:OrderReference/cbc:ID",),
        "contract": ("cac:ContractDocumentReference/cbc:ID",),
        "project": ("cac:ProjectReference/cbc:ID", "cac:AdditionalDocumentReference[cbc:DocumentTypeCode='50']/cbc:ID"),
        "preceding": ("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",),
        "lines": ("cac:InvoiceLine | cac:CreditNoteLine",),
        "charges": (f"{_TOTALS}/cbc:ChargeTotalAmount",),
        "allowances": (f"{_TOTALS}/cbc:AllowanceTotalAmount",),
        "lines_net": (f"{_TOTALS}/cbc:LineExtensionAmount",),
        "net": (f"{_TOTALS}/cbc:TaxExclusiveAmount",),
        "taxes": ("cac:TaxTotal/cac:TaxSubtotal",),
        "tax": ("cac:TaxTotal/cbc:TaxAmount",),
        "total": (f"{_TOTALS}/cbc:TaxInclusiveAmount",),
        "paid": (f"{_TOTALS}/cbc:PrepaidAmount",),
        "rounding": (f"{_TOTALS}/cbc:PayableRoundingAmount",),
        "due": (f"{_TOTALS}/cbc:PayableAmount",),
        "payment_code": ("cac:PaymentMeans/cbc:PaymentMeansCode",),
        "ibans": ("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",),
        "terms": ("cac:PaymentTerms/cbc:Note",),
        "note": ("cbc:Note",),
    },
    party={
        "name": ("cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name"),
        "vat_id": (f"cac:PartyTaxScheme[{_VAT}]/cbc:CompanyID",),
        "tax_number": (f"cac:PartyTaxScheme[not({_VAT})]/cbc:CompanyID",),
        "contact": ("cac:Contact/cbc:Name",),
        "email": ("cac:Contact/cbc:ElectronicMail",),
    },
    address=(
        ("cac:PostalAddress/cbc:StreetName",),
        ("cac:PostalAddress/cbc:AdditionalStreetName",),
        ("cac:PostalAddress/cac:AddressLine/cbc:Line",),
        ("cac:PostalAddress/cbc:PostalZone", "cac:PostalAddress/cbc:CityName"),
        ("cac:PostalAddress/cac:Country/cbc:IdentificationCode",),
    ),
    tax={
        "category": ("cac:TaxCategory/cbc:ID",),
        "rate": ("cac:TaxCategory/cbc:Percent", "cbc:Percent"),
        "basis": ("cbc:TaxableAmount",),
        "amount": ("cbc:TaxAmount",),
    },
    line={
        "number": ("cbc:ID",),
        "name": ("cac:Item/cbc:Name", "cac:Item/cbc:Description"),
        "quantity": ("cbc:InvoicedQuantity", "cbc:CreditedQuantity"),
        "price": ("cac:Price/cbc:PriceAmount",),
        "net": ("cbc:LineExtensionAmount",),
        "category": ("cac:Item/cac:ClassifiedTaxCategory/cbc:ID",),
        "rate": ("cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",),
    },
)

_DEAL = "rsm:SupplyChainTradeTransaction"
_AGREED, _SETTLED = f"{_DEAL}/ram:ApplicableHeaderTradeAgreement", f"{_DEAL}/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLED}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_DELIVERED = "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
_MEANS = f"{_SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans"
_CII_PARTY = {
    "name": ("ram:Name", "ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
    "vat_id": ("ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA' or @schemeID='VAT']",),
    "tax_number": ("ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",),
    "contact": ("ram:DefinedTradeContact/ram:PersonName", "ram:DefinedTradeContact/ram:DepartmentName"),
    "email": ("ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",),
}
_CII_ADDRESS = (
    ("ram:PostalTradeAddress/ram:LineOne",),
    ("ram:PostalTradeAddress/ram:LineTwo",),
    ("ram:PostalTradeAddress/ram:LineThree",),
    ("ram:PostalTradeAddress/ram:PostcodeCode", "ram:PostalTradeAddress/ram:CityName"),
    ("ram:PostalTradeAddress/ram:CountryID",),
)
_PERCENT = ("ram:RateApplicablePercent", "ram:ApplicablePercent")
_CII_TAX = {
    "category": ("ram:CategoryCode",),
    "rate": _PERCENT,
    "basis": ("ram:BasisAmount",),
    "amount": ("ram:CalculatedAmount",),
}
CII = Syntax(
    namespaces={
        "rsm": f"{_CII}CrossIndustryInvoice:100",
        "ram": f"{_CII}ReusableAggregateBusinessInformationEntity:100",
        "udt": f"{_CII}UnqualifiedDataType:100",
        "qdt": f"{_CII}QualifiedDataType:100",
    },
    terms={
        "specification": ("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",),
        "number": ("rsm:ExchangedDocument/ram:ID",),
        "issued": ("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",),
        "due_date": (f"{_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",),
        "delivered": (f"{_DEAL}/ram:ApplicableHeaderTradeDelivery/{_DELIVERED}",),
        "type_code": ("rsm:ExchangedDocument/ram:TypeCode",),
        "currency": (f"{_SETTLED}/ram:InvoiceCurrencyCode",),
        "seller": (f"{_AGREED}/ram:SellerTradeParty",),
        "buyer": (f"{_AGREED}/ram:BuyerTradeParty",),
        "buyer_reference": (f"{_AGREED}/ram:BuyerReference",),
        "order": (f"{_AGREED}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",),
        "contract": (f"{_AGREED}/ram:ContractReferencedDocument/ram:IssuerAssignedID",),
        "project": (f"{_AGREED}/ram:SpecifiedProcuringProject/ram:ID",),
        "preceding": (f"{_SETTLED}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID",),
        "lines": (f"{_DEAL}/ram:IncludedSupplyChainTradeLineItem",),
        "charges": (f"{_SUMS}/ram:ChargeTotalAmount",),
        "allowances": (f"{_SUMS}/ram:AllowanceTotalAmount",),
        "lines_net": (f"{_SUMS}/ram:LineTotalAmount",),
        "net": (f"{_SUMS}/ram:TaxBasisTotalAmount",),
        "taxes": (f"{_SETTLED}/ram:ApplicableTradeTax",),
        "tax": (f"{_SUMS}/ram:TaxTotalAmount",),
        "total": (f"{_SUMS}/ram:GrandTotalAmount",),
        "paid": (f"{_SUMS}/ram:TotalPrepaidAmount",),
        "rounding": (f"{_SUMS}/ram:RoundingAmount",),
        "due": (f"{_SUMS}/ram:DuePayableAmount",),
        "payment_code": (f"{_MEANS}/ram:TypeCode",),
        "ibans": (
            f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
            f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID",
        ),
        "terms": (f"{_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:Description",),
        "note": ("rsm:ExchangedDocument/ram:IncludedNote/ram:Content",),
    },
    party=_CII_PARTY,
    address=_CII_ADDRESS,
    tax=_CII_TAX,
    line={
        "number": ("ram:AssociatedDocumentLineDocument/ram:LineID",),
        "name": ("ram:SpecifiedTradeProduct/ram:Name", "ram:SpecifiedTradeProduct/ram:Description"),
        "quantity": ("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",),
        "price": ("ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",),
        "net": (
            "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
        ),
        "category": ("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",),
        "rate": tuple(f"ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/{path}" for path in _PERCENT),
    },
)

_ONE = "rsm:SpecifiedSupplyChainTradeTransaction"
_ONE_AGREED = f"{_ONE}/ram:ApplicableSupplyChainTradeAgreement"
_ONE_SETTLED = f"{_ONE}/ram:ApplicableSupplyChainTradeSettlement"
_ONE_SUMS = f"{_ONE_SETTLED}/ram:SpecifiedTradeSettlementMonetarySummation"
_ONE_MEANS = f"{_ONE_SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans"
_ONE_LINE = "ram:SpecifiedSupplyChainTradeSettlement"
ZUGFERD = Syntax(
    namespaces={
        "rsm": ZUGFERD_1,
        "ram": f"{_CII}ReusableAggregateBusinessInformationEntity:12",
        "udt": f"{_CII}UnqualifiedDataType:15",
    },
    terms={
        "specification": (
            "rsm:SpecifiedExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
        ),
        "number": ("rsm:HeaderExchangedDocument/ram:ID",),
        "issued": ("rsm:HeaderExchangedDocument/ram:IssueDateTime/udt:DateTimeString",),
        "due_date": (f"{_ONE_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",),
        "delivered": (f"{_ONE}/ram:ApplicableSupplyChainTradeDelivery/{_DELIVERED}",),
        "type_code": ("rsm:HeaderExchangedDocument/ram:TypeCode",),
        "currency": (f"{_ONE_SETTLED}/ram:InvoiceCurrencyCode",),
        "seller": (f"{_ONE_AGREED}/ram:SellerTradeParty",),
        "buyer": (f"{_ONE_AGREED}/ram:BuyerTradeParty",),
        "buyer_reference": (f"{_ONE_AGREED}/ram:BuyerReference",),
        "order": (f"{_ONE_AGREED}/ram:BuyerOrderReferencedDocument/ram:ID",),
        "contract": (f"{_ONE_AGREED}/ram:ContractReferencedDocument/ram:ID",),
        "preceding": (f"{_ONE_SETTLED}/ram:InvoiceReferencedDocument/ram:ID",),
        "lines": (f"{_ONE}/ram:IncludedSupplyChainTradeLineItem",),
        "charges": (f"{_ONE_SUMS}/ram:ChargeTotalAmount",),
        "allowances": (f"{_ONE_SUMS}/ram:AllowanceTotalAmount",),
        "lines_net": (f"{_ONE_SUMS}/ram:LineTotalAmount",),
        "net": (f"{_ONE_SUMS}/ram:TaxBasisTotalAmount",),
        "taxes": (f"{_ONE_SETTLED}/ram:ApplicableTradeTax",),
        "tax": (f"{_ONE_SUMS}/ram:TaxTotalAmount",),
        "total": (f"{_ONE_SUMS}/ram:GrandTotalAmount",),
        "paid": (f"{_ONE_SUMS}/ram:TotalPrepaidAmount",),
        "due": (f"{_ONE_SUMS}/ram:DuePayableAmount",),
        "payment_code": (f"{_ONE_MEANS}/ram:TypeCode",),
        "ibans": (
            f"{_ONE_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
            f"{_ONE_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID",
        ),
        "terms": (f"{_ONE_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:Description",),
        "note": ("rsm:HeaderExchangedDocument/ram:IncludedNote/ram:Content",),
    },
    party=_CII_PARTY,
    address=_CII_ADDRESS,
    tax=_CII_TAX,
    line={
        "number": ("ram:AssociatedDocumentLineDocument/ram:LineID",),
        "name": ("ram:SpecifiedTradeProduct/ram:Name", "ram:SpecifiedTradeProduct/ram:Description"),
        "quantity": ("ram:SpecifiedSupplyChainTradeDelivery/ram:BilledQuantity",),
        "price": ("ram:SpecifiedSupplyChainTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",),
        "net": (f"{_ONE_LINE}/ram:SpecifiedTradeSettlementMonetarySummation/ram:LineTotalAmount",),
        "category": (f"{_ONE_LINE}/ram:ApplicableTradeTax/ram:CategoryCode",),
        "rate": tuple(f"{_ONE_LINE}/ram:ApplicableTradeTax/{path}" for path in _PERCENT),
    },
)

SYNTAXES: dict[InvoiceSyntax, Syntax] = {
    "ubl-invoice": UBL,
    "ubl-credit-note": UBL,
    "cii": CII,
    "zugferd-1": ZUGFERD,
}
