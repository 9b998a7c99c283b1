"""Invoices go where the plan says: a sure one into the year's file, all others before the right clerk."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.classification.knowledge import known as knowledge
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.test_procedures import decide
from tests.invoices.cii import cii
from tests.invoices.made import LEITWEG, Made
from tests.invoices.ubl import ubl

WRONG = {"total": Decimal("1.00"), "due": Decimal("1.00")}

RULE = {"address": "bau@musterstadt.test", "confidence": 0.9}
PLACES: Any = PLAN["positions"]
POSITIONS = [one | {"rules": [RULE]} if one["code"] == "52.10" else one for one in PLACES]


@pytest.fixture
def finance(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> CityHall:
    """A hall that learns at once; its plan takes invoices at 20.1, its Leitweg-ID is that of the building office."""
    monkeypatch.setattr(knowledge, "LOOK_EVERY", timedelta(0))
    plan = PLAN | {"version": "2", "invoices": "20.1", "leitweg_ids": {LEITWEG: "bauamt"}, "positions": POSITIONS}
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


BARE = Made(reference="", vat_id="DE811907980", order="", number="RE-1")
"""Without a Leitweg-ID, of a supplier that nobody had to do with yet, for no order."""


def waits_with(reader: Browser, document: str) -> tuple[str, list[str]]:
    """The office that decides, and why in words."""
    told = reader.get(f"{API}/documents/{document}").json()
    return told["office"], [reason["text"] for reason in told["classification"]["evidence"]]


def given_to(hall: CityHall, office: str, made: Made) -> None:
    """A clerk gives an invoice to an office, unless that has it; there it is filed at the place of all invoices."""
    document = hall.scan(cii(made), "rechnung.xml")["document"]
    reader = hall.key("search", all_offices=True)
    if reader.get(f"{API}/documents/{document}").json()["office"] != office:
        decide(hall, document, action="assign", office=office)
    decide(hall, document, action="file", position="20.1")


def test_a_known_supplier_goes_to_the_office_that_had_its_invoices(finance: CityHall, reader: Browser) -> None:
    """As clerks decided most of them; the reason is told on the desk. Another supplier is nobody's yet."""
    first = finance.scan(cii(BARE), "rechnung.xml")["document"]
    assert waits_with(reader, first) == ("kasse", ["Regel des Aktenplans"])
    for number in (2, 3):
        given_to(finance, "bauamt", replace(BARE, number=f"RE-{number}"))
    known = finance.scan(ubl(replace(BARE, number="RE-4")), "rechnung.xml")["document"]
    because = ["Regel des Aktenplans", "Zuständig nach früheren Rechnungen dieses Lieferanten"]
    assert waits_with(reader, known) == ("bauamt", because)
    page = finance.clerk("bau", offices=("bauamt",)).get(f"/posteingang/{known}").text
    assert "Zuständig nach früheren Rechnungen dieses Lieferanten: „Papierhaus Lindner GmbH“" in page
    other = finance.scan(cii(replace(BARE, vat_id="DE136695976", number="RE-5")), "rechnung.xml")["document"]
    assert waits_with(reader, other)[0] == "kasse"
    for number in (6, 7, 8):
        given_to(finance, "kasse", replace(BARE, number=f"RE-{number}"))
    changed = finance.scan(cii(replace(BARE, number="RE-9")), "rechnung.xml")["document"]
    assert waits_with(reader, changed)[0] == "kasse"


def test_an_order_says_more_than_its_supplier(finance: CityHall, reader: Browser) -> None:
    """Of one supplier, the invoices of an order stay together; its number is compared without signs."""
    given_to(finance, "bauamt", replace(BARE, order="B-2026-0042"))
    for number in (2, 3):
        given_to(finance, "kasse", replace(BARE, number=f"RE-{number}", order="B-2026-0050"))
    again = finance.scan(cii(replace(BARE, number="RE-4", order="B 2026/0042")), "rechnung.xml")["document"]
    office, because = waits_with(reader, again)
    assert (office, because[-1]) == ("bauamt", "Zuständig nach früheren Rechnungen zu dieser Bestellung")
    foreign = replace(BARE, number="RE-5", order="B-2026-0042", vat_id="DE136695976")
    document = finance.scan(cii(foreign), "rechnung.xml")["document"]
    assert waits_with(reader, document)[0] == "kasse"


def test_the_leitweg_id_and_the_mailbox_say_more_than_what_was_before(finance: CityHall, reader: Browser) -> None:
    """Who is named decides; the reason says so."""
    given_to(finance, "kasse", replace(BARE, order="B-2026-0042"))
    named = replace(BARE, number="RE-2", order="B-2026-0042", reference=LEITWEG, changed=WRONG)
    document = finance.scan(cii(named), "rechnung.xml")["document"]
    assert waits_with(reader, document) == ("bauamt", ["Regel des Aktenplans", "Zuständig nach der Leitweg-ID"])
    sent = replace(BARE, number="RE-3", order="B-2026-0042", changed=WRONG)
    mail = a_mail("Rechnung", ubl(sent, declaration="").decode())
    document = finance.deliver(mail, to="bau@musterstadt.test")["document"]
    assert waits_with(reader, document) == ("bauamt", ["Regel des Aktenplans", "Adresse des Empfängers"])
