"""An invented invoice as UN/CEFACT Cross Industry Invoice: D16B (XRechnung, ZUGFeRD 2, Factur-X) and ZUGFeRD 1.0."""

from datetime import date
from xml.sax.saxutils import escape

from tests.invoices.made import Line, Made

_DATA = "urn:un:unece:uncefact:data:standard:"


def cii(made: Made) -> bytes:
    """The whole file in D16B."""
    lines = "".join(_line(number, line) for number, line in enumerate(made.lines, 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{_DATA}CrossIndustryInvoice:100"
 xmlns:ram="{_DATA}ReusableAggregateBusinessInformationEntity:100" xmlns:udt="{_DATA}UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext>
<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</ram:ID>
</ram:BusinessProcessSpecifiedDocumentContextParameter>
<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{made.specification}</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{escape(made.number)}</ram:ID><ram:TypeCode>{made.type_code}</ram:TypeCode>
<ram:IssueDateTime>{_date(made.issued)}</ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>{lines}
<ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>{made.reference}</ram:BuyerReference>
{_seller(made)}{_buyer(made)}
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>{made.order}</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>
<ram:ContractReferencedDocument><ram:IssuerAssignedID>{made.contract}</ram:IssuerAssignedID>
</ram:ContractReferencedDocument></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>{_date(made.issued)}
</ram:OccurrenceDateTime></ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>{made.currency}</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>
<ram:IBANID>{made.iban}</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>
</ram:SpecifiedTradeSettlementPaymentMeans>{_taxes(made)}
<ram:SpecifiedTradePaymentTerms><ram:Description>Zahlbar in 30 Tagen.</ram:Description>
<ram:DueDateDateTime>{_date(made.due_date)}</ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>{made.net}</ram:LineTotalAmount>
<ram:TaxBasisTotalAmount>{made.net}</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="{made.currency}">{made.tax}</ram:TaxTotalAmount>
<ram:GrandTotalAmount>{made.total}</ram:GrandTotalAmount><ram:DuePayableAmount>{made.due}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>
""".encode()


def zugferd_1(made: Made, profile: str = "comfort") -> bytes:
    """The whole file in ZUGFeRD 1.0."""
    lines = "".join(_old_line(number, line) for number, line in enumerate(made.lines, 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"
 xmlns:ram="{_DATA}ReusableAggregateBusinessInformationEntity:12" xmlns:udt="{_DATA}UnqualifiedDataType:15">
<rsm:SpecifiedExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>urn:ferd:CrossIndustryDocument:invoice:1p0:{profile}</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:SpecifiedExchangedDocumentContext>
<rsm:HeaderExchangedDocument><ram:ID>{escape(made.number)}</ram:ID><ram:Name>RECHNUNG</ram:Name>
<ram:TypeCode>{made.type_code}</ram:TypeCode><ram:IssueDateTime>{_date(made.issued)}</ram:IssueDateTime>
</rsm:HeaderExchangedDocument>
<rsm:SpecifiedSupplyChainTradeTransaction><ram:ApplicableSupplyChainTradeAgreement>
<ram:BuyerReference>{made.reference}</ram:BuyerReference>{_seller(made)}{_buyer(made)}
<ram:BuyerOrderReferencedDocument><ram:ID>{made.order}</ram:ID></ram:BuyerOrderReferencedDocument>
<ram:ContractReferencedDocument><ram:ID>{made.contract}</ram:ID></ram:ContractReferencedDocument>
</ram:ApplicableSupplyChainTradeAgreement><ram:ApplicableSupplyChainTradeDelivery/>
<ram:ApplicableSupplyChainTradeSettlement><ram:InvoiceCurrencyCode>{made.currency}</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{made.iban}</ram:IBANID>
</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>{_old_taxes(made)}
<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{_date(made.due_date)}</ram:DueDateDateTime>
</ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementMonetarySummation><ram:LineTotalAmount currencyID="EUR">{made.net}</ram:LineTotalAmount>
<ram:TaxBasisTotalAmount currencyID="EUR">{made.net}</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">{made.tax}</ram:TaxTotalAmount>
<ram:GrandTotalAmount currencyID="EUR">{made.total}</ram:GrandTotalAmount>
<ram:DuePayableAmount currencyID="EUR">{made.due}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementMonetarySummation></ram:ApplicableSupplyChainTradeSettlement>{lines}
</rsm:SpecifiedSupplyChainTradeTransaction></rsm:CrossIndustryDocument>
""".encode()


def _date(day: date) -> str:
    return f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>'


def _address(street: str, zone: str, city: str) -> str:
    return (
        f"<ram:PostalTradeAddress><ram:PostcodeCode>{zone}</ram:PostcodeCode><ram:LineOne>{street}</ram:LineOne>"
        f"<ram:CityName>{city}</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>"
    )


def _endpoint(address: str) -> str:
    return (
        f'<ram:URIUniversalCommunication><ram:URIID schemeID="EM">{address}</ram:URIID></ram:URIUniversalCommunication>'
    )


def _seller(made: Made) -> str:
    return (
        f"<ram:SellerTradeParty><ram:Name>{escape(made.seller)}</ram:Name><ram:DefinedTradeContact>"
        "<ram:PersonName>Eva Lindner</ram:PersonName><ram:TelephoneUniversalCommunication>"
        "<ram:CompleteNumber>+49 341 12345</ram:CompleteNumber></ram:TelephoneUniversalCommunication>"
        "<ram:EmailURIUniversalCommunication><ram:URIID>eva@lindner.example</ram:URIID>"
        f"</ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>{_address('Am Markt 1', '04109', 'Leipzig')}"
        f"{_endpoint('rechnung@lindner.example')}"
        f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">{made.tax_number}</ram:ID></ram:SpecifiedTaxRegistration>'
        f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{made.vat_id}</ram:ID></ram:SpecifiedTaxRegistration>'
        "</ram:SellerTradeParty>"
    )


def _buyer(made: Made) -> str:
    return (
        f"<ram:BuyerTradeParty><ram:Name>{escape(made.buyer)}</ram:Name>"
        f"{_address('Rathausplatz 1', '01234', 'Musterstadt')}{_endpoint('erechnung@musterstadt.example')}"
        "</ram:BuyerTradeParty>"
    )


def _taxes(made: Made) -> str:
    return "".join(
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{tax}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:BasisAmount>{basis}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        for rate, basis, tax in made.shares
    )


def _old_taxes(made: Made) -> str:
    return _taxes(made).replace("RateApplicablePercent", "ApplicablePercent")


def _line(number: int, line: Line) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct><ram:Name>{escape(line.name)}</ram:Name></ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{line.price}</ram:ChargeAmount></ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="{line.unit}">{line.quantity}</ram:BilledQuantity>'
        "</ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax>"
        "<ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{line.rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{line.net}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>\n"
    )


_OLD = {
    "SpecifiedLineTrade": "SpecifiedSupplyChainTrade",
    "TradeSettlementLineMonetary": "TradeSettlementMonetary",
    "RateApplicablePercent": "ApplicablePercent",
}


def _old_line(number: int, line: Line) -> str:
    text = _line(number, line)
    for new, old in _OLD.items():
        text = text.replace(new, old)
    return text
