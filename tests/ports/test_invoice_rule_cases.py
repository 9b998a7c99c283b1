"""Each official rule that matters fires where an invoice of our own breaks it: one element taken away or changed."""

import re
from collections.abc import Iterator

import pytest

from services.adapters.invoice_rules.saxon import SaxonInvoiceRules
from services.core.ports.invoice_rules import RuleSet
from services.extraction.invoices.reading import find
from tests.invoices.made import Made
from tests.invoices.ubl import ubl

pytestmark = pytest.mark.xdist_group("saxon")

UBL: tuple[RuleSet, ...] = ("en16931-ubl", "xrechnung-ubl")
SELLER = r"(<cac:AccountingSupplierParty>.*?)"
BUYER = r"(<cac:AccountingCustomerParty>.*?)"
TOTAL = r"(<cac:LegalMonetaryTotal>.*?)"
LINE = r"(<cac:InvoiceLine>.*?)"
SUBTOTAL = r"(<cac:TaxSubtotal>.*?)"
AMOUNT = '<cbc:{} currencyID="EUR">{}</cbc:{}>'


def amount(name: str) -> str:
    """The element of an amount, as a pattern."""
    return AMOUNT.format(name, "[^<]*", name)


def one_euro(name: str) -> str:
    """The same element with another amount, behind what came before it."""
    return r"\1" + AMOUNT.format(name, 1, name)


CASES = {
    # EN 16931: what has to be there.
    "BR-01": (r"<cbc:CustomizationID>.*?</cbc:CustomizationID>", ""),
    "BR-02": (r"\n<cbc:ID>RE-4711</cbc:ID>", ""),
    "BR-03": (r"<cbc:IssueDate>.*?</cbc:IssueDate>", ""),
    "BR-04": (r"<cbc:InvoiceTypeCode>.*?</cbc:InvoiceTypeCode>", ""),
    "BR-05": (r"<cbc:DocumentCurrencyCode>.*?</cbc:DocumentCurrencyCode>", ""),
    "BR-06": (SELLER + r"<cbc:RegistrationName>.*?</cbc:RegistrationName>", r"\1"),
    "BR-07": (BUYER + r"<cbc:RegistrationName>.*?</cbc:RegistrationName>", r"\1"),
    "BR-08": (SELLER + r"<cac:PostalAddress>.*?</cac:PostalAddress>", r"\1"),
    "BR-09": (SELLER + r"<cac:Country>.*?</cac:Country>", r"\1"),
    "BR-10": (BUYER + r"<cac:PostalAddress>.*?</cac:PostalAddress>", r"\1"),
    "BR-11": (BUYER + r"<cac:Country>.*?</cac:Country>", r"\1"),
    "BR-12": (TOTAL + amount("LineExtensionAmount"), r"\1"),
    "BR-13": (TOTAL + amount("TaxExclusiveAmount"), r"\1"),
    "BR-14": (TOTAL + amount("TaxInclusiveAmount"), r"\1"),
    "BR-15": (TOTAL + amount("PayableAmount"), r"\1"),
    "BR-16": (r"<cac:InvoiceLine>.*</cac:InvoiceLine>", ""),
    "BR-21": (r"(<cac:InvoiceLine>\s*)<cbc:ID>.*?</cbc:ID>", r"\1"),
    "BR-22": (LINE + r"<cbc:InvoicedQuantity.*?</cbc:InvoicedQuantity>", r"\1"),
    "BR-23": (LINE + r' unitCode="[^"]*"', r"\1"),
    "BR-24": (LINE + amount("LineExtensionAmount"), r"\1"),
    "BR-25": (LINE + r"<cbc:Name>.*?</cbc:Name>", r"\1"),
    "BR-26": (LINE + r"<cac:Price>.*?</cac:Price>", r"\1"),
    "BR-27": (LINE + r'<cbc:PriceAmount currencyID="EUR">', r'\1<cbc:PriceAmount currencyID="EUR">-'),
    "BR-45": (SUBTOTAL + amount("TaxableAmount"), r"\1"),
    "BR-46": (SUBTOTAL + amount("TaxAmount"), r"\1"),
    "BR-47": (SUBTOTAL + r"<cac:TaxCategory><cbc:ID>.*?</cbc:ID>", r"\1<cac:TaxCategory>"),
    "BR-48": (SUBTOTAL + r"<cbc:Percent>.*?</cbc:Percent>", r"\1"),
    "BR-49": (r"<cbc:PaymentMeansCode>.*?</cbc:PaymentMeansCode>", ""),
    "BR-61": (r"<cac:PayeeFinancialAccount>.*?</cac:PayeeFinancialAccount>", ""),
    "BR-62": (SELLER + r' schemeID="EM"', r"\1"),
    "BR-63": (BUYER + r' schemeID="EM"', r"\1"),
    # What has to add up.
    "BR-CO-04": (LINE + r"<cac:ClassifiedTaxCategory>.*?</cac:ClassifiedTaxCategory>", r"\1"),
    "BR-CO-09": (r"DE123456788", "123456788"),
    "BR-CO-10": (
        TOTAL + amount("LineExtensionAmount"),
        one_euro("LineExtensionAmount"),
    ),
    "BR-CO-13": (
        TOTAL + amount("TaxExclusiveAmount"),
        one_euro("TaxExclusiveAmount"),
    ),
    "BR-CO-14": (r"(<cac:TaxTotal>\s*)" + amount("TaxAmount"), one_euro("TaxAmount")),
    "BR-CO-15": (
        TOTAL + amount("TaxInclusiveAmount"),
        one_euro("TaxInclusiveAmount"),
    ),
    "BR-CO-16": (TOTAL + amount("PayableAmount"), one_euro("PayableAmount")),
    "BR-CO-17": (SUBTOTAL + amount("TaxAmount"), one_euro("TaxAmount")),
    "BR-CO-18": (SUBTOTAL + r".*</cac:TaxSubtotal>", ""),
    "BR-S-05": (LINE + r"<cbc:Percent>.*?</cbc:Percent>", r"\1<cbc:Percent>0</cbc:Percent>"),
    # Code lists.
    "BR-CL-01": (r"<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>999"),
    "BR-CL-04": (r"<cbc:DocumentCurrencyCode>EUR", "<cbc:DocumentCurrencyCode>XXQ"),
    "BR-CL-14": (SELLER + r"<cbc:IdentificationCode>DE", r"\1<cbc:IdentificationCode>XQ"),
    "BR-CL-16": (r"<cbc:PaymentMeansCode>58", "<cbc:PaymentMeansCode>999"),
    "BR-CL-17": (SUBTOTAL + r"<cac:TaxCategory><cbc:ID>S", r"\1<cac:TaxCategory><cbc:ID>Q"),
    "BR-CL-23": (LINE + r' unitCode="[^"]*"', r'\1 unitCode="QQQ"'),
    # XRechnung.
    "BR-DE-1": (r"<cac:PaymentMeans>.*?</cac:PaymentMeans>", ""),
    "BR-DE-2": (SELLER + r"<cac:Contact>.*?</cac:Contact>", r"\1"),
    "BR-DE-3": (SELLER + r"<cbc:CityName>.*?</cbc:CityName>", r"\1"),
    "BR-DE-4": (SELLER + r"<cbc:PostalZone>.*?</cbc:PostalZone>", r"\1"),
    "BR-DE-5": (SELLER + r"(<cac:Contact>.*?)<cbc:Name>.*?</cbc:Name>", r"\1\2"),
    "BR-DE-6": (SELLER + r"<cbc:Telephone>.*?</cbc:Telephone>", r"\1"),
    "BR-DE-7": (SELLER + r"<cbc:ElectronicMail>.*?</cbc:ElectronicMail>", r"\1"),
    "BR-DE-8": (BUYER + r"<cbc:CityName>.*?</cbc:CityName>", r"\1"),
    "BR-DE-9": (BUYER + r"<cbc:PostalZone>.*?</cbc:PostalZone>", r"\1"),
    "BR-DE-14": (SUBTOTAL + r"<cbc:Percent>.*?</cbc:Percent>", r"\1"),
    "BR-DE-15": (r"<cbc:BuyerReference>.*?</cbc:BuyerReference>", ""),
    "BR-DE-17": (r"<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>82"),
    "BR-DE-21": (
        r"<cbc:CustomizationID>.*?</cbc:CustomizationID>",
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017#x</cbc:CustomizationID>",
    ),
}
"""What is taken away or changed, as a pattern and what stands in its place, by the rule that this breaks."""


@pytest.fixture(scope="module")
def rules() -> Iterator[SaxonInvoiceRules]:
    """Saxon with the rules, which are fetched where they are not there yet."""
    made = SaxonInvoiceRules(progress=print)
    yield made
    made.close()


@pytest.mark.parametrize("rule", CASES)
def test_what_breaks_a_rule_is_told_by_its_id(rules: SaxonInvoiceRules, rule: str) -> None:
    """The rule is among those that fired, and it was not before the change."""
    pattern, instead = CASES[rule]
    right = ubl(Made()).decode()
    wrong = re.sub(pattern, instead, right, count=1, flags=re.DOTALL)
    assert wrong != right
    fired = []
    for text in (right, wrong):
        found = find(text.encode())
        assert found
        told = rules.check(found.xml, UBL)
        assert told
        fired.append({broken.rule for broken in told.broken})
    assert rule in fired[1] - fired[0], fired[1]
