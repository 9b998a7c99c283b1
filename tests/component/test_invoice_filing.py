"""Invoices go where the plan says: a sure one into the year's file, all others before the right clerk."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.invoices.cii import cii
from tests.invoices.made import LEITWEG, Made
from tests.invoices.ubl import ubl

WRONG = {"total": Decimal("1.00"), "due": Decimal("1.00")}


@pytest.fixture
def finance(hall: CityHall) -> CityHall:
    """A hall whose plan takes invoices at 20.1, and whose Leitweg-ID is that of the building office."""
    plan = PLAN | {"version": "2", "invoices": "20.1", "leitweg_ids": {LEITWEG: "bauamt"}}
    hall.configuration.store("plan", json.dumps(plan).encode(), base=1)
    return hall


@pytest.fixture
def reader(finance: CityHall) -> Browser:
    """Sees everything."""
    return finance.key("search", all_offices=True)


def standing(reader: Browser, document: str) -> dict[str, str]:
    """Where it stands and why."""
    told = reader.get(f"{API}/documents/{document}").json()
    file = told["filings"][0]["file"] if told["filings"] else ""
    first = told["candidates"][0]["position"] if told["candidates"] else ""
    return {"state": told["state"], "file": file, "office": told["office"], "first": first}


def test_sure_invoices_are_filed_in_the_file_of_the_year(finance: CityHall, reader: Browser) -> None:
    """Without a clerk, one entry after the other, in one file that the first of them opens."""
    year = datetime.now(UTC).year
    for number, content in enumerate((ubl(Made()), cii(Made(number="RE-4712"))), 1):
        document = finance.scan(content, "rechnung.xml")["document"]
        told = reader.get(f"{API}/documents/{document}").json()
        (filing,) = told["filings"]
        assert (filing["file"], filing["entry"], filing["by"]) == (f"20.1/0-{year}", number, "automation")
        assert filing["office"] == "kasse"


@pytest.mark.parametrize("made", [Made(changed=WRONG), Made(number="0"), Made(vat_id="", tax_number="")])
def test_a_doubtful_one_waits_where_its_leitweg_id_says(finance: CityHall, reader: Browser, made: Made) -> None:
    """The place is offered, the office that is named decides."""
    document = finance.scan(cii(made), "rechnung.xml")["document"]
    assert standing(reader, document) == {"state": "held", "file": "", "office": "bauamt", "first": "20.1"}


def test_one_for_another_authority_waits_with_the_office_of_the_place(finance: CityHall, reader: Browser) -> None:
    """Its Leitweg-ID is right and none of ours."""
    document = finance.scan(cii(Made(reference="04011000-12345-03")), "rechnung.xml")["document"]
    assert standing(reader, document) == {"state": "held", "file": "", "office": "kasse", "first": "20.1"}


def test_the_second_copy_waits(finance: CityHall, reader: Browser) -> None:
    """A duplicate is not filed a second time by anybody but a person."""
    finance.scan(ubl(Made()), "rechnung.xml")
    again = finance.deliver(a_mail("Erinnerung", ubl(Made(), declaration="").decode()))["document"]
    assert standing(reader, again)["state"] == "held"


def test_a_letter_without_an_invoice_is_judged_as_before(finance: CityHall, reader: Browser) -> None:
    """The words of an invoice make none."""
    document = finance.deliver(a_mail("Rechnung RE-4711", "anbei unsere Rechnung"))["document"]
    assert standing(reader, document)["state"] == "held"
