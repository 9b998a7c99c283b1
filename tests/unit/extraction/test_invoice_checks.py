"""Our own checks: each rule fires on the fault it names and on no other."""

from decimal import Decimal

import pytest

from services.core.model.invoices import Invoice
from services.extraction.invoices.checking.checks import checked, is_iban
from services.extraction.invoices.reading import read
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.made import Made
from tests.invoices.ubl import ubl

ONE = Decimal("1.00")


def found(made: Made | bytes) -> set[str]:
    """The rules that fire, the same in UBL and CII."""
    if isinstance(made, bytes):
        return _rules(made)
    assert _rules(ubl(made)) == _rules(cii(made))
    return _rules(ubl(made))


def _rules(content: bytes) -> set[str]:
    invoice = read(content)
    assert invoice
    return {finding.rule for finding in checked(invoice).findings}


def test_a_right_one_has_no_finding() -> None:
    """In every syntax."""
    assert found(Made()) == found(zugferd_1(Made())) == found(ubl(Made(type_code="381"), credit=True)) == set()


@pytest.mark.parametrize(
    ("made", "rules"),
    [
        (Made(number=""), {"BR-02"}),
        (Made(type_code=""), {"BR-04"}),
        (Made(currency=""), {"BR-05"}),
        (Made(seller=""), {"BR-06"}),
        (Made(buyer=""), {"BR-07"}),
        (Made(reference=""), {"BR-DE-15"}),
        (Made(reference="15-1001"), {"leitweg-id"}),
        (Made(type_code="325"), {"BR-DE-17"}),
        (Made(iban="DE02120300000000202052"), {"BR-DE-19"}),
        (Made(number="0"), {"number-empty"}),
        (Made(changed={"total": ONE, "due": ONE}), {"BR-CO-15"}),
        (Made(changed={"due": ONE}), {"BR-CO-16"}),
        (Made(changed={"tax": ONE}), {"BR-CO-14"}),
    ],
)
def test_a_wrong_one_fires_its_rule(made: Made, rules: set[str]) -> None:
    """What is missing or does not add up."""
    assert _rules(cii(made)) == rules
    if made.seller:  # UBL falls back to the trading name
        assert _rules(ubl(made)) == rules


def test_lines_that_do_not_add_up() -> None:
    """The sum of the lines, also where the other sums fit."""
    content = ubl(Made()).replace(b">90.00</cbc:LineExtensionAmount>", b">91.00</cbc:LineExtensionAmount>", 1)
    assert found(content) == {"BR-CO-10"}


def test_a_tax_that_is_not_its_rate() -> None:
    """One cent is rounding, two euros are not."""
    off = cii(Made()).replace(b"<ram:BasisAmount>90.00<", b"<ram:BasisAmount>75.00<")
    assert found(off) == {"BR-CO-17"}


def test_a_negative_sum_that_is_no_credit() -> None:
    """A credit note may be negative, an invoice makes one look."""
    minus = Made(lines=tuple(type(line)(line.name, -line.quantity, line.price, line.rate) for line in Made().lines))
    assert found(minus) == {"total-negative"}
    assert found(ubl(minus.but(type_code="381"), credit=True)) == set()


def test_a_booking_aid_is_no_invoice() -> None:
    """The profiles without lines."""
    content = cii(Made(specification="urn:factur-x.eu:1p0:minimum", lines=()))
    assert "profile-not-invoice" in found(content)
    assert "BR-16" in found(cii(Made(lines=())))


def test_an_unread_one_is_not_checked() -> None:
    """What nobody read is told as such, and not as empty in every field."""
    invoice = read(ubl(Made())[:900])
    assert isinstance(invoice, Invoice)
    assert {finding.rule for finding in checked(invoice).findings} == {"xml-broken"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *(("DE02120300000000202051", True), ("GB82WEST12345698765432", True), ("DE02120300000000202052", False)),
        *(("", False), ("12345", False), ("DE02 1203", False), ("Ä" * 20, False)),
    ],
)
def test_ibans(text: str, right: bool) -> None:  # noqa: FBT001  # pytest's parameter
    """Form and check digits."""
    assert is_iban(text) == right
