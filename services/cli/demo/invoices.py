"""Electronic invoices of the demo: XRechnung 3.0 in UBL; the sums are worked out, or told wrong on purpose."""

from datetime import date, timedelta
from decimal import Decimal
from html import escape

from services.cli.demo.letters import DemoInvoice, Person

LEITWEG_ID = "14999999-0001-51"
"""Of the invented town; its plan knows it."""
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_CENT = Decimal("0.01")
_RATE = Decimal(19)
_VAT = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def xrechnung(invoice: DemoInvoice, sender: Person, *, day: date) -> bytes:
    """The file, written on this day; `cut` ends it in the middle, as a broken transfer does."""
    net = sum((_net(line) for line in invoice.lines), Decimal(0))
    tax = (net * _RATE / 100).quantize(_CENT)
    total = Decimal(invoice.total) if invoice.total else net + tax
    lines = "".join(_line(number, line) for number, line in enumerate(invoice.lines, 1))
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{_UBL}Invoice-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"
 xmlns:cbc="{_UBL}CommonBasicComponents-2">
<cbc:CustomizationID>{_XRECHNUNG}</cbc:CustomizationID><cbc:ProfileID>{_PROCESS}</cbc:ProfileID>
<cbc:ID>{escape(invoice.number)}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>
<cbc:DueDate>{day + timedelta(days=30)}</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:BuyerReference>{LEITWEG_ID}</cbc:BuyerReference>
<cac:AccountingSupplierParty>{_seller(sender, invoice.vat_id)}</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>{_BUYER}</cac:AccountingCustomerParty>
<cac:Delivery><cbc:ActualDeliveryDate>{day}</cbc:ActualDeliveryDate></cac:Delivery>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>
<cbc:ID>DE02120300000000202051</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:TaxTotal>{_amount("TaxAmount", tax)}<cac:TaxSubtotal>{_amount("TaxableAmount", net)}{_amount("TaxAmount", tax)}
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{_RATE}</cbc:Percent>{_VAT}</cac:TaxCategory></cac:TaxSubtotal>
</cac:TaxTotal><cac:LegalMonetaryTotal>{_amount("LineExtensionAmount", net)}{_amount("TaxExclusiveAmount", net)}
{_amount("TaxInclusiveAmount", total)}{_amount("PayableAmount", total)}</cac:LegalMonetaryTotal>
{lines}</Invoice>
"""
    return text[: len(text) // 2].encode() if invoice.cut else text.encode()


def _net(line: tuple[str, str, str]) -> Decimal:
    return (Decimal(line[1]) * Decimal(line[2])).quantize(_CENT)


def _amount(name: str, amount: Decimal) -> str:
    return f'<cbc:{name} currencyID="EUR">{amount}</cbc:{name}>'


def _party(name: str, mail: str, street: str, *, more: str = "", contact: str = "") -> str:
    return (
        f'<cac:Party><cbc:EndpointID schemeID="EM">{mail}</cbc:EndpointID><cac:PostalAddress>'
        f"<cbc:StreetName>{escape(street)}</cbc:StreetName><cbc:CityName>Musterstadt</cbc:CityName>"
        "<cbc:PostalZone>12345</cbc:PostalZone>"
        "<cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"{more}<cac:PartyLegalEntity><cbc:RegistrationName>{escape(name)}</cbc:RegistrationName>"
        f"</cac:PartyLegalEntity>{contact}</cac:Party>"
    )


def _seller(sender: Person, vat_id: str) -> str:
    scheme = f"<cac:PartyTaxScheme><cbc:CompanyID>{vat_id}</cbc:CompanyID>{_VAT}</cac:PartyTaxScheme>"
    contact = (
        "<cac:Contact><cbc:Name>Buchhaltung</cbc:Name><cbc:Telephone>+49 123 456780</cbc:Telephone>"
        f"<cbc:ElectronicMail>{sender.mail}</cbc:ElectronicMail></cac:Contact>"
    )
    return _party(sender.name, sender.mail, sender.street, more=scheme, contact=contact)


_BUYER = _party("Stadt Musterstadt", "erechnung@musterstadt.example", "Rathausplatz 1")


def _line(number: int, line: tuple[str, str, str]) -> str:
    name, quantity, price = line
    return (
        f'<cac:InvoiceLine><cbc:ID>{number}</cbc:ID><cbc:InvoicedQuantity unitCode="H87">{quantity}'
        f"</cbc:InvoicedQuantity>{_amount('LineExtensionAmount', _net(line))}<cac:Item><cbc:Name>{escape(name)}"
        f"</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{_RATE}</cbc:Percent>{_VAT}"
        "</cac:ClassifiedTaxCategory></cac:Item><cac:Price>"
        f"{_amount('PriceAmount', Decimal(price))}</cac:Price></cac:InvoiceLine>\n"
    )
