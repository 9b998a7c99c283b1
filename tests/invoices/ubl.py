"""An invented invoice as UBL 2.1: Invoice or CreditNote."""

from xml.sax.saxutils import escape

from tests.invoices.made import Line, Made

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def ubl(made: Made, *, credit: bool = False, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> bytes:
    """The whole file."""
    kind = "CreditNote" if credit else "Invoice"
    due = "" if credit else f"<cbc:DueDate>{made.due_date}</cbc:DueDate>"
    lines = "".join(_line(number, line, made, credit=credit) for number, line in enumerate(made.lines, 1))
    return f"""{declaration}<{kind} xmlns="{_UBL}{kind}-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"
 xmlns:cbc="{_UBL}CommonBasicComponents-2">
<cbc:CustomizationID>{made.specification}</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>{escape(made.number)}</cbc:ID>
<cbc:IssueDate>{made.issued}</cbc:IssueDate>{due}
<cbc:{kind}TypeCode>{made.type_code}</cbc:{kind}TypeCode>
<cbc:DocumentCurrencyCode>{made.currency}</cbc:DocumentCurrencyCode>
<cbc:BuyerReference>{made.reference}</cbc:BuyerReference>
<cac:OrderReference><cbc:ID>{made.order}</cbc:ID></cac:OrderReference>
<cac:ContractDocumentReference><cbc:ID>{made.contract}</cbc:ID></cac:ContractDocumentReference>
<cac:AccountingSupplierParty>{_seller(made)}</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>{_buyer(made)}</cac:AccountingCustomerParty>
<cac:Delivery><cbc:ActualDeliveryDate>{made.issued}</cbc:ActualDeliveryDate></cac:Delivery>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>
<cac:PayeeFinancialAccount><cbc:ID>{made.iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:PaymentTerms><cbc:Note>Zahlbar in 30 Tagen.</cbc:Note></cac:PaymentTerms>
{_taxes(made)}
<cac:LegalMonetaryTotal>{_amount("LineExtensionAmount", made.net, made)}{_amount("TaxExclusiveAmount", made.net, made)}
{_amount("TaxInclusiveAmount", made.total, made)}{_amount("PayableAmount", made.due, made)}</cac:LegalMonetaryTotal>
{lines}</{kind}>
""".encode()


def _amount(name: str, amount: object, made: Made) -> str:
    return f'<cbc:{name} currencyID="{made.currency}">{amount}</cbc:{name}>'


def _address(street: str, zone: str, city: str) -> str:
    return (
        f"<cac:PostalAddress><cbc:StreetName>{street}</cbc:StreetName><cbc:CityName>{city}</cbc:CityName>"
        f"<cbc:PostalZone>{zone}</cbc:PostalZone>"
        "<cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
    )


def _scheme(number: str, scheme: str) -> str:
    return (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{number}</cbc:CompanyID>"
        f"<cac:TaxScheme><cbc:ID>{scheme}</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )


def _seller(made: Made) -> str:
    return (
        '<cac:Party><cbc:EndpointID schemeID="EM">rechnung@lindner.example</cbc:EndpointID>'
        f"<cac:PartyName><cbc:Name>Lindner</cbc:Name></cac:PartyName>{_address('Am Markt 1', '04109', 'Leipzig')}"
        f"{_scheme(made.vat_id, 'VAT')}{_scheme(made.tax_number, 'FC')}<cac:PartyLegalEntity>"
        f"<cbc:RegistrationName>{escape(made.seller)}</cbc:RegistrationName></cac:PartyLegalEntity><cac:Contact>"
        "<cbc:Name>Eva Lindner</cbc:Name><cbc:Telephone>+49 341 12345</cbc:Telephone>"
        "<cbc:ElectronicMail>eva@lindner.example</cbc:ElectronicMail></cac:Contact></cac:Party>"
    )


def _buyer(made: Made) -> str:
    return (
        '<cac:Party><cbc:EndpointID schemeID="EM">erechnung@musterstadt.example</cbc:EndpointID>'
        f"{_address('Rathausplatz 1', '01234', 'Musterstadt')}<cac:PartyLegalEntity>"
        f"<cbc:RegistrationName>{escape(made.buyer)}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party>"
    )


def _taxes(made: Made) -> str:
    shares = "".join(
        f"<cac:TaxSubtotal>{_amount('TaxableAmount', basis, made)}{_amount('TaxAmount', tax, made)}"
        f"<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{rate}</cbc:Percent>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"
        for rate, basis, tax in made.shares
    )
    return f"<cac:TaxTotal>{_amount('TaxAmount', made.tax, made)}{shares}</cac:TaxTotal>"


def _line(number: int, line: Line, made: Made, *, credit: bool) -> str:
    kind, counted = ("CreditNote", "Credited") if credit else ("Invoice", "Invoiced")
    return (
        f"<cac:{kind}Line><cbc:ID>{number}</cbc:ID>"
        f'<cbc:{counted}Quantity unitCode="{line.unit}">{line.quantity}</cbc:{counted}Quantity>'
        f"{_amount('LineExtensionAmount', line.net, made)}<cac:Item><cbc:Name>{escape(line.name)}</cbc:Name>"
        f"<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{line.rate}</cbc:Percent>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>"
        f"<cac:Price>{_amount('PriceAmount', line.price, made)}</cac:Price></cac:{kind}Line>\n"
    )
