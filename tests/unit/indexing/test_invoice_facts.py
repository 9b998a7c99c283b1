"""By which keys an invoice stands in the index."""

from decimal import Decimal

import pytest

from services.core.model import invoice_keys
from services.core.model.invoices import Invoice, Party
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.plan.file_plan import EMPTY
from services.indexing.entry import entry_of
from tests.unit.contexts import extraction, receipt
from tests.unit.runtime.loop import document

INVOICE = Invoice(
    syntax="cii",
    profile="xrechnung-3.0",
    number="RE-4711/A",
    seller=Party(name="Müller & Söhne GmbH", vat_id="DE 123456788"),
    total=Decimal("-119.0"),
    due=Decimal("19.004"),
    net=Decimal(100),
)


def test_the_entry_holds_the_keys_of_all_invoices() -> None:
    """Number, sums without their sign, and the supplier by any words of the name and by its numbers."""
    found = Record(
        tenant="main",
        document=document(1),
        receipts=(receipt(1),),
        extraction=extraction(Part(part="0"), Part(part="1", invoice=INVOICE)),
    )
    entry = entry_of(found, EMPTY)
    assert entry
    assert entry.invoices == ("re4711a",)
    assert entry.amounts == ("119.00", "19.00", "100.00")
    assert {"mueller", "soehne", "mueller soehne", "mueller soehne gmbh", "de 123456788"} <= set(entry.suppliers)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        *(("119,00", "119.00"), ("119", "119.00"), ("119.00", "119.00"), ("1.190,5", "1190.50"), ("1.190", "1190.00")),
        *(("1,190.00", "1190.00"), ("-5,00 €", "5.00"), ("12 EUR", "12.00"), ("1 190,00", "1190.00")),
        *(("", ""), ("viel", ""), ("1,2,3", ""), ("1.19", "1.19"), ("12.34.56", "")),
    ],
)
def test_amounts_as_people_type_them(typed: str, key: str) -> None:
    """German and English spelling, with and without cents and currency; what is no amount is none."""
    assert invoice_keys.typed_amount(typed) == key
