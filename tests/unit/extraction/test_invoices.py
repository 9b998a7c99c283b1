"""Invoices in every syntax: recognised by their root, read into the same terms, and hostile ones told as such."""

import statistics
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.core.model.invoices import Invoice
from services.extraction.invoices import profiles
from services.extraction.invoices.reading import MAX_BYTES, read
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.made import EXTENSION, LEITWEG, Line, Made
from tests.invoices.ubl import ubl

SYNTAXES = {
    "ubl-invoice": ubl,
    "ubl-credit-note": lambda made: ubl(made.but(type_code="381"), credit=True),
    "cii": cii,
    "zugferd-1": zugferd_1,
}


def found(content: bytes, charset: str = "") -> Invoice:
    """The invoice in these bytes."""
    invoice = read(content, charset=charset)
    assert invoice
    return invoice


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_syntax_says_the_same(syntax: str) -> None:
    """Number, parties, references, lines, taxes and sums of one invoice, whichever way it is written."""
    made = Made()
    invoice = found(SYNTAXES[syntax](made))
    assert invoice.syntax == syntax
    assert (invoice.number, invoice.issued, invoice.currency) == ("RE-4711", date(2026, 11, 23), "EUR")
    assert (invoice.seller.name, invoice.seller.vat_id) == ("Papierhaus Lindner GmbH", "DE123456788")
    assert (invoice.seller.tax_number, invoice.seller.contact) == ("201/123/40123", "Eva Lindner")
    assert invoice.seller.address == ("Am Markt 1", "04109 Leipzig", "DE")
    assert (invoice.buyer.name, invoice.leitweg_id) == ("Stadt Musterstadt", LEITWEG)
    assert (invoice.order, invoice.contract) == ("B-2026-0042", "RV-17")
    assert (invoice.net, invoice.tax, invoice.total, invoice.due) == (made.net, made.tax, made.total, made.due)
    assert [(share.rate, share.basis, share.amount) for share in invoice.taxes] == made.shares
    assert (invoice.line_count, [line.name for line in invoice.lines]) == (2, [line.name for line in made.lines])
    assert (invoice.lines[0].quantity, invoice.lines[0].unit) == (Decimal(20), "H87")
    assert (invoice.lines[0].price, invoice.lines[0].net) == (Decimal("4.50"), Decimal("90.00"))
    assert invoice.ibans == ("DE02120300000000202051",)
    assert invoice.findings == ()


def test_the_due_date_and_the_kind_are_told_apart() -> None:
    """An invoice has its due date, a credit note is one by its root also where the code says otherwise."""
    assert found(ubl(Made())).due_date == found(cii(Made())).due_date == date(2026, 12, 23)
    assert found(ubl(Made(), credit=True)).is_credit
    assert found(cii(Made(type_code="381"))).is_credit
    assert not found(cii(Made())).is_credit


@pytest.mark.parametrize(
    ("specification", "profile"),
    [
        ("urn:cen.eu:en16931:2017", "en16931"),
        ("urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_1.2", "xrechnung-1.2"),
        ("urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.3", "xrechnung-2.3"),
        (EXTENSION, "xrechnung-3.0-extension"),
        ("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", "peppol-bis-3"),
        ("urn:factur-x.eu:1p0:minimum", "factur-x-minimum"),
        ("urn:zugferd.de:2p0:basicwl", "factur-x-basicwl"),
        ("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", "factur-x-extended"),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", "zugferd-1-comfort"),
        ("something else", "other"),
        ("", "other"),
    ],
)
def test_the_claimed_specification_has_a_short_name(specification: str, profile: str) -> None:
    """What an invoice claims to follow, as one word."""
    assert profiles.profile_of(specification, "cii") == profile


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "iso-8859-1"])
def test_any_encoding_of_xml(encoding: str) -> None:
    """UTF-16 with its mark, UTF-8 with one, and what the declaration names."""
    declared = "UTF-16" if "16" in encoding else "UTF-8" if "8-sig" in encoding else encoding
    text = ubl(Made(seller="Bäckerei Süß"), declaration=f'<?xml version="1.0" encoding="{declared}"?>').decode()
    content = text.encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert found(content).seller.name == "Bäckerei Süß"


def test_without_a_declaration() -> None:
    """XML need not say that it is XML."""
    assert found(ubl(Made(), declaration="")).number == "RE-4711"


def test_between_a_greeting_and_a_signature() -> None:
    """The XML is cut out of the text of a mail, also where its charset belies the declaration."""
    xml = ubl(Made(seller="Bäckerei Süß"))
    content = b"Guten Tag,\n\n" + xml + "\n\nMit freundlichen Grüßen\n".encode()
    assert found(content).seller.name == "Bäckerei Süß"
    belied = "Grüße\n".encode("iso-8859-1") + xml.decode().encode("iso-8859-1")
    assert found(belied, charset="iso-8859-1").seller.name == "Bäckerei Süß"


def test_other_prefixes_and_an_envelope() -> None:
    """Names count and not prefixes; an invoice in the envelope of Peppol is one."""
    renamed = ubl(Made()).decode().replace("cbc:", "b:").replace("xmlns:cbc", "xmlns:b").replace(":cbc=", ":b=")
    assert found(renamed.encode()).number == "RE-4711"
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    inner = ubl(Made(), declaration="").decode()
    wrapped = f'<StandardBusinessDocument xmlns="{space}"><StandardBusinessDocumentHeader/>{inner}'
    assert found(f"{wrapped}</StandardBusinessDocument>".encode()).number == "RE-4711"


OTHER, OURS = "urn:example:other", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
NUMBER = "<cbc:ID>RE-4711</cbc:ID>"


@pytest.mark.parametrize(
    "before",
    [
        f'<cbc:ID xmlns:cbc="{OTHER}">RE-1</cbc:ID>',
        f'<x:ID xmlns:x="{OTHER}">RE-1</x:ID>',
        f'<cbc:Note><x:ID xmlns:x="{OTHER}">RE-1</x:ID></cbc:Note>',
        f'<x:Invoice xmlns:x="{OTHER}"><cbc:ID>RE-1</cbc:ID></x:Invoice>',
    ],
)
def test_names_of_another_namespace_are_no_fields(before: str) -> None:
    """Neither the same name elsewhere before the right one, nor by a prefix bound anew, nor inside something else."""
    assert found(ubl(Made()).replace(NUMBER.encode(), (before + NUMBER).encode(), 1)).number == "RE-4711"


def test_a_prefix_bound_anew_is_what_it_is_bound_to() -> None:
    """Another prefix of the right namespace is a field; the right prefix of another one leaves the number out."""
    other = f'<a:ID xmlns:a="{OURS}">RE-2</a:ID>'
    assert found(ubl(Made()).replace(NUMBER.encode(), other.encode(), 1)).number == "RE-2"
    hidden = f'<cbc:ID xmlns:cbc="{OTHER}">RE-1</cbc:ID>'
    assert found(ubl(Made()).replace(NUMBER.encode(), hidden.encode(), 1)).number == ""


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?><Invoice><ID>1</ID></Invoice>",
        b"<Invoice xmlns='urn:example:Invoice-2'><ID>RE-1</ID></Invoice>",
        ubl(Made()).replace(b"Invoice-2", b"Order-2"),
        b"<note xmlns:i='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'><i:Invoice/></note>",
        b"<schema targetNamespace='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100'/>",
        b"Die Rechnung nach urn:oasis:names:specification:ubl:schema:xsd:Invoice-2 folgt.",
        b"",
    ],
)
def test_other_xml_is_no_false_alarm(content: bytes) -> None:
    """The root and its namespace tell, not a name that is like it, nor the mention of a namespace."""
    assert read(content) is None


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>',
    ],
)
def test_a_document_type_is_refused(declared: str) -> None:
    """No entity is resolved and nothing is read, and the invoice says why."""
    content = ubl(Made(number="&e;")).decode().replace("&amp;", "&").replace("<Invoice", f"{declared}<Invoice", 1)
    invoice = found(content.encode())
    assert [finding.rule for finding in invoice.findings] == ["xml-doctype"]
    assert (invoice.number, invoice.outcome) == ("", "unreadable")
    assert found(content.replace("UTF-8", "UTF-16").encode("utf-16")).outcome == "unreadable"


def test_a_document_type_in_a_comment_is_none() -> None:
    """Words of a comment declare nothing."""
    content = ubl(Made()).replace(b"<Invoice", b"<!-- <!DOCTYPE x> --><Invoice", 1)
    assert found(content).outcome == "valid"


def test_a_cut_one_is_told() -> None:
    """An invoice that ends in the middle is one that nobody can read, and not none at all."""
    invoice = found(ubl(Made())[:1500])
    assert [finding.rule for finding in invoice.findings] == ["xml-broken"]


def test_limits_of_size_and_depth() -> None:
    """Too long and too deep is told, and read no further."""
    deep = "<cac:Deep>" * 600 + "</cac:Deep>" * 600
    content = ubl(Made()).replace(b"<cbc:ID>", deep.encode() + b"<cbc:ID>", 1)
    assert [finding.rule for finding in found(content).findings] == ["xml-limits"]
    long = ubl(Made()).replace(b"</Invoice>", b" " * MAX_BYTES + b"</Invoice>")
    assert [finding.rule for finding in found(long).findings] == ["xml-limits"]


def test_the_tax_of_another_currency_does_not_count() -> None:
    """The total of the tax in the currency of the tax (BT-111) stands beside that of the invoice (BT-110)."""
    foreign = b'<cac:TaxTotal><cbc:TaxAmount currencyID="GBP">99.00</cbc:TaxAmount></cac:TaxTotal><cac:TaxTotal>'
    content = ubl(Made()).replace(b"<cac:TaxTotal>", foreign, 1)
    assert found(content).tax == Made().tax


def test_many_lines_are_counted_and_some_are_kept() -> None:
    """All lines are counted, so many as a page shows are kept."""
    made = replace(Made(), lines=tuple(Line(f"Ware {n}", Decimal(1), Decimal(1)) for n in range(700)))
    invoice = found(cii(made))
    assert (invoice.line_count, len(invoice.lines)) == (700, 500)


@pytest.mark.parametrize("amount", ["1.190,00", "NaN", "1e9", "viel", "9" * 60])
def test_what_is_no_amount_is_none(amount: str) -> None:
    """Only decimal numbers are sums."""
    content = ubl(Made()).replace(
        f">{Made().total}</cbc:TaxInclusiveAmount>".encode(), f">{amount}</cbc:TaxInclusiveAmount>".encode()
    )
    assert found(content).total is None


def test_reading_costs_little() -> None:
    """The fields of a usual invoice take a few milliseconds of processor time, whatever else the machine does."""
    content = cii(Made(lines=Made().lines * 5))
    times = []
    for _ in range(30):
        begun = time.process_time()
        found(content)
        times.append(time.process_time() - begun)
    assert statistics.median(times) <= 0.005
