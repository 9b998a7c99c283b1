"""What people and programs are shown of an invoice: the German view, the lists, the API; and to whom."""

from decimal import Decimal
from urllib.parse import unquote

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.invoices.cii import cii
from tests.invoices.made import LEITWEG, Line, Made
from tests.invoices.ubl import ubl

WRONG = Made(number="RE-4712", changed={"total": Decimal("1.00"), "due": Decimal("1.00")})
ATTACK = '"><script>alert(1)</script>'


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def invoice_page(hall: CityHall, clerk: Browser, content: bytes) -> str:
    """The view of an invoice that came as a scan."""
    document = hall.scan(content, "rechnung.xml")["document"]
    answer = clerk.get(f"/dokumente/{document}/rechnungen/0")
    assert answer.status_code == 200
    return answer.text


def test_the_view_is_german_and_whole(hall: CityHall, clerk: Browser) -> None:
    """Parties, references, lines, taxes, sums, payment and the check, as people write them."""
    lines = (
        Line("Kopierpapier A4", Decimal(250), Decimal("4.80")),
        Line("Beratung", Decimal("1.5"), Decimal(90), unit="HUR"),
    )
    page = invoice_page(hall, clerk, ubl(Made(lines=lines)))
    for words in (
        *("Rechnung RE-4711", "Papierhaus Lindner GmbH", "04109 Leipzig", "Stadt Musterstadt", LEITWEG, "B-2026-0042"),
        *("23.11.2026", "23.12.2026", "Kopierpapier A4", "250 Stück", "4,80", "1,5 Stunde", "1.200,00", "19 %"),
        *("1.335,00 EUR", "1.588,65 EUR", "Zu zahlen", "SEPA-Überweisung", "DE02 1203 0000 0000 2020 51"),
        *("Geprüft, ohne Fehler", "Die Prüfung hat nichts gefunden.", "UBL, xrechnung-3.0"),
    ):
        assert words in page


def test_a_wrong_one_says_what_is_wrong_and_offers_an_answer(hall: CityHall, clerk: Browser) -> None:
    """The finding with its rule, and a letter to the supplier that names it."""
    page = invoice_page(hall, clerk, cii(WRONG))
    assert "Fehlerhaft" in page
    assert "(BR-CO-15)" in page
    letter = unquote(page.partition('href="mailto:')[2].partition('"')[0])
    assert letter.startswith("eva@lindner.example?subject=Ihre Rechnung RE-4712")
    assert "Guten Tag Eva Lindner," in letter
    assert "(BR-CO-15)" in letter


def test_hostile_values_are_words(hall: CityHall, clerk: Browser) -> None:
    """Whatever stands in the XML is shown, and does nothing; no letter goes to an address that is none."""
    made = Made(number=ATTACK, seller=ATTACK, buyer=ATTACK, lines=(Line(ATTACK, Decimal(1), Decimal(1)),))
    content = ubl(made.but(changed={"due": Decimal(9)})).replace(
        b"eva@lindner.example", b"eva@x.example?bcc=all@x.example"
    )
    document = hall.scan(content, "rechnung.xml")["document"]
    for path in (
        f"/dokumente/{document}/rechnungen/0",
        f"/dokumente/{document}",
        "/posteingang",
        f"/posteingang/{document}",
    ):
        page = clerk.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert "mailto:" not in page


def test_an_unreadable_one_says_so(hall: CityHall, clerk: Browser) -> None:
    """A document type, or an end in the middle: the view says that nobody read it, and shows no empty fields."""
    page = invoice_page(hall, clerk, ubl(Made())[:1200])
    assert "Nicht lesbar" in page
    assert "(xml-broken)" in page
    assert "Rechnungssteller" not in page


def test_lists_show_the_invoice_and_the_state_of_its_check(hall: CityHall, clerk: Browser) -> None:
    """The page of the document, the Posteingang and the page of decision lead to the view."""
    document = hall.scan(ubl(WRONG), "rechnung.xml")["document"]
    link = f'<a href="/dokumente/{document}/rechnungen/0" aria-label="Rechnung RE-4712 ansehen">Rechnung RE-4712</a>'
    for path in (f"/dokumente/{document}", "/posteingang", f"/posteingang/{document}"):
        page = clerk.get(path).text
        assert link in page
        assert "Fehlerhaft" in page


def test_a_duplicate_leads_to_the_first_where_one_may_see_it(hall: CityHall, clerk: Browser) -> None:
    """Who may not see the first document is told of it, but not which it is."""
    first = hall.scan(ubl(Made()), "rechnung.xml")["document"]
    second = hall.deliver(a_mail("Rechnung", ubl(Made(), declaration="").decode()))["document"]
    page = clerk.get(f"/dokumente/{second}/rechnungen/0").text
    assert "Möglicherweise doppelt" in page
    assert f'href="/dokumente/{first}"' in page
    told = clerk.get(f"{API}/documents/{second}/parts/0/invoice").json()
    assert told["outcome"] == "duplicate"
    assert first not in str(told)


def test_programs_get_every_field(hall: CityHall, clerk: Browser) -> None:
    """The record tells all but the lines, the report of the part all; amounts are exact."""
    document = hall.scan(cii(Made()), "rechnung.xml")["document"]
    reader = hall.key("search", all_offices=True)
    part = reader.get(f"{API}/documents/{document}").json()["parts"][0]["invoice"]
    assert (part["number"], part["total"], part["leitweg_id"]) == ("RE-4711", "117.80", LEITWEG)
    assert "lines" not in part
    report = reader.get(f"{API}/documents/{document}/parts/0/invoice").json()
    assert report["lines"][0] == {
        "number": "1", "name": "Kopierpapier A4", "quantity": "20", "unit": "H87", "price": "4.50", "net": "90.00",
        "category": "S", "rate": "19",
    }  # fmt: skip
    assert (report["document"], report["seller"]["vat_id"], report["checked_by"]) == (
        document,
        "DE123456788",
        ["poststelle-1"],
    )


def test_no_invoice_and_no_right_are_not_found(hall: CityHall, clerk: Browser) -> None:
    """A part without one, one that is not there, and a document of another office."""
    letter = hall.deliver(a_mail())["document"]
    document = hall.scan(cii(Made()), "rechnung.xml")["document"]
    assert clerk.get(f"/dokumente/{letter}/rechnungen/0").status_code == 404
    assert clerk.get(f"/dokumente/{document}/rechnungen/7").status_code == 404
    stranger = hall.clerk("feld", offices=("kasse",))
    assert stranger.get(f"/dokumente/{document}/rechnungen/0").status_code == 404
    assert stranger.get(f"{API}/documents/{document}/parts/0/invoice").status_code == 404


def test_an_invoice_is_found_by_its_facts(hall: CityHall) -> None:
    """By number, amount and supplier, and by nothing else of that kind."""
    document = hall.scan(cii(Made()), "rechnung.xml")["document"]
    hall.scan(cii(WRONG), "andere.xml")
    reader = hall.key("search", all_offices=True)

    def found(line: str) -> list[str]:
        return [hit["document"] for hit in reader.get(f"{API}/search", params={"q": line}).json()["items"]]

    for line in ("rechnung:re4711", "betrag:117,80", 'lieferant:"Papierhaus Lindner" rechnung:RE-4711'):
        assert found(line) == [document]
    assert len(found("lieferant:DE123456788")) == 2
    assert found("rechnung:RE-4713") == []
