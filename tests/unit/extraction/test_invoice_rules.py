"""Which official rules an invoice is checked by, and what becomes of their report."""

import pytest

from services.core.model.invoices import Invoice
from services.core.ports.invoice_rules import Broken, Report
from services.extraction.invoices.checking.checks import checked
from services.extraction.invoices.checking.official import sets_of, with_report
from services.extraction.invoices.checking.sentences import sentence_of
from services.extraction.invoices.reading import read
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.made import EXTENSION, Made
from tests.invoices.ubl import ubl

EN = "urn:cen.eu:en16931:2017"


def found(content: bytes) -> Invoice:
    """The invoice with our own findings."""
    invoice = read(content)
    assert invoice
    return checked(invoice)


@pytest.mark.parametrize(
    ("content", "sets"),
    [
        (ubl(Made()), ("en16931-ubl", "xrechnung-ubl")),
        (cii(Made(specification=EXTENSION)), ("en16931-cii", "xrechnung-cii")),
        (cii(Made(specification=EN)), ("en16931-cii",)),
        (ubl(Made(specification=f"{EN}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0")), ("en16931-ubl",)),
        (ubl(Made(specification=f"{EN}#compliant#urn:xoev-de:kosit:standard:xrechnung_1.2")), ("en16931-ubl",)),
        (cii(Made(specification=f"{EN}#conformant#urn:factur-x.eu:1p0:extended")), ()),
        (cii(Made(specification="urn:factur-x.eu:1p0:minimum")), ()),
        (ubl(Made(specification="eigenes")), ()),
        (zugferd_1(Made()), ()),
        (ubl(Made())[:1000], ()),
    ],
)
def test_the_sets_are_those_that_it_claims_to_keep(content: bytes, sets: tuple[str, ...]) -> None:
    """Profiles outside of EN 16931 are not measured by it."""
    assert sets_of(found(content)) == sets


def test_the_report_outranks_our_own_rules_of_the_same_family() -> None:
    """What the official rules ran over is theirs to say; our own further findings stay."""
    own = found(ubl(Made(number="", reference="15-1001")))
    assert {finding.rule for finding in own.findings} == {"BR-02", "leitweg-id"}
    report = Report(broken=(Broken("BR-16", "fatal", "[BR-16]-An Invoice shall have a line."),), applied=("x-1",))
    made = with_report(own, report)
    assert [finding.rule for finding in made.findings] == ["BR-16", "leitweg-id"]
    assert made.findings[0].text == "Die Rechnung hat keine Position (BG-25)."
    assert made.checked_by == ("x-1", "poststelle-1")
    assert made.outcome == "invalid"


def test_a_rule_that_the_official_ones_have_no_more_is_still_told() -> None:
    """BR-CO-25 is in EN 16931-1 and not in its Schematron: something is to be paid, and nobody says until when."""
    content = ubl(Made())
    for said in (b"<cbc:DueDate>2026-12-23</cbc:DueDate>", b"<cbc:Note>Zahlbar in 30 Tagen.</cbc:Note>"):
        assert said in content
        content = content.replace(said, b"")
    own = found(content)
    made = with_report(own, Report(broken=(), applied=("en16931-ubl",)))
    assert [(finding.rule, finding.severity) for finding in made.findings] == [("BR-CO-25", "warning")]


@pytest.mark.parametrize(
    ("specification", "rule", "flag", "severity"),
    [
        (EN, "BR-CL-10", "fatal", "error"),
        (EXTENSION, "BR-CL-10", "fatal", "warning"),
        (EN, "UBL-CR-646", "warning", "information"),
        (EN, "BR-DE-21", "warning", "warning"),
        (EN, "BR-DE-TMP-32", "information", "information"),
        (EN, "X-1", "strange", "warning"),
    ],
)
def test_how_much_a_broken_rule_matters(specification: str, rule: str, flag: str, severity: str) -> None:
    """As the rule says, but for code lists that a profile widens, and for matters of form."""
    made = with_report(found(ubl(Made(specification=specification))), Report(broken=(Broken(rule, flag, "x"),)))
    assert [finding.severity for finding in made.findings if finding.rule == rule] == [severity]


@pytest.mark.parametrize(
    ("rule", "told", "sentence"),
    [
        ("BR-02", "[BR-02]-An Invoice shall have an Invoice number (BT-1).", "Die Rechnungsnummer (BT-1) fehlt."),
        ("BR-DE-15", "[BR-DE-15] Das Element muss da sein.", "Das Element muss da sein."),
        ("BR-DEC-09", "At most two.", "Ein Betrag hat mehr als zwei Nachkommastellen. (At most two.)"),
        ("NEU-1", "", "Eine Regel ist nicht eingehalten."),
    ],
)
def test_every_rule_has_a_german_sentence(rule: str, told: str, sentence: str) -> None:
    """Its own, that of XRechnung, or that of its family with the original behind it."""
    assert sentence_of(rule, told) == sentence
