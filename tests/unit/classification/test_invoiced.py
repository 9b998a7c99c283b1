"""Where electronic invoices go, and when nobody has to look at one first."""

from decimal import Decimal

import pytest

from services.classification.invoiced import invoiced
from services.classification.told.invoice_offices import Responsible
from services.core.model.record_files import Part
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.extraction.invoices.checking.checks import checked
from services.extraction.invoices.reading import read
from tests.invoices.cii import cii
from tests.invoices.made import LEITWEG, Made
from tests.invoices.ubl import ubl
from tests.unit.contexts import extraction

OTHER = "04011000-12345-03"
PLAN = FilePlan(
    name="Plan",
    version="1",
    offices={"kaemmerei": "Kämmerei", "bauamt": "Bauamt"},
    invoices="61.1",
    leitweg_ids={LEITWEG: "bauamt"},
    positions=(
        PlanPosition(code="61", title="Finanzen", office="kaemmerei"),
        PlanPosition(code="61.1", parent="61", title="Eingangsrechnungen", office="kaemmerei"),
    ),
)
ONE = Decimal("1.00")


def parts(*contents: bytes) -> tuple[Part, ...]:
    """Invoices as they were read."""
    found = [read(content) for content in contents]
    return tuple(Part(part=str(n), invoice=checked(one)) for n, one in enumerate(found, 1) if one)


def test_a_right_invoice_is_sure_and_its_leitweg_id_names_the_office() -> None:
    """One invoice, also twice in one document; the office by the Leitweg-ID, the place by the plan."""
    for contents in ((ubl(Made()),), (cii(Made()), ubl(Made()))):
        found = invoiced(extraction(*parts(*contents)), PLAN)
        assert found
        assert (found.sure, found.responsible) == (True, Responsible("bauamt", "leitweg_id", (LEITWEG,)))
        assert found.position
        assert found.position.code == "61.1"


@pytest.mark.parametrize(
    "made",
    [
        Made(number=""),
        Made(number="0"),
        Made(seller=""),
        Made(vat_id="", tax_number=""),
        Made(reference=OTHER),
        Made(reference="15-1001"),
        Made(changed={"total": ONE, "due": ONE}),
    ],
)
def test_a_doubt_calls_for_a_person(made: Made) -> None:
    """Number, supplier, check or addressee in doubt: the place is known, and a person looks first."""
    found = invoiced(extraction(*parts(cii(made))), PLAN)
    assert found
    assert not found.sure
    assert found.position


def test_two_different_invoices_are_not_filed_as_one() -> None:
    """A person decides about a document with several."""
    found = invoiced(extraction(*parts(ubl(Made()), ubl(Made(number="RE-4712")))), PLAN)
    assert found
    assert found.responsible
    assert (found.sure, found.responsible.office) == (False, "bauamt")


def test_without_invoice_or_place() -> None:
    """No invoice, no word; a plan that names no place leaves it to rules and people."""
    assert invoiced(extraction(Part(part="0")), PLAN) is None
    nowhere = FilePlan(name="Plan", version="1", positions=PLAN.positions)
    found = invoiced(extraction(*parts(ubl(Made()))), nowhere)
    assert found
    assert (found.position, found.responsible, found.sure) == (None, None, True)
