"""Electronic invoices for finance: told when they were read, delivered wherever they are filed, with what is known."""

from decimal import Decimal

import pytest

from services.core.messages import topics
from services.core.messages.events import InvoiceReceived
from services.core.model.invoices import Invoice
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Part
from services.procedures.delivering.invoices import invoices_of
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_procedures import decide, inbox, speaker
from tests.invoices.made import Made
from tests.invoices.ubl import ubl

NAME = "kassenverfahren"
DOCUMENT = "dh72hycsm9skwe7ye8hj1x5gg4g"


@pytest.fixture
def finance(hall: CityHall) -> Browser:
    """A procedure that takes invoices, and no place of the plan."""
    admin = hall.key("administer")
    answer = admin.ask("PUT", f"{API}/procedures/{NAME}", json={"invoices": True})
    assert (answer.status_code, answer.json()["invoices"]) == (201, True)
    return speaker(hall, NAME)


def test_an_invoice_is_told_when_it_was_read_and_delivered_when_it_is_filed(hall: CityHall, finance: Browser) -> None:
    """First the event without a name in it, then the delivery with the ways to XML and report, wherever it is filed."""
    document = hall.scan(ubl(Made()), "rechnung.xml")["document"]
    (told,) = inbox(finance, NAME)
    assert told["type"] == "poststelle.invoice.received.v1"
    assert (told["data"]["document"], told["data"]["outcome"], told["data"]["total"]) == (document, "valid", "117.80")
    assert finance.get(f"{API}/documents/{document}/parts/0/invoice").status_code == 404  # not delivered yet
    decide(hall, document, action="file", position="52.10")
    (_, delivered) = inbox(finance, NAME)
    (invoice,) = delivered["data"]["invoices"]
    assert (invoice["part"], invoice["outcome"], "pdf_path" in invoice) == ("0", "valid", False)
    assert b"RE-4711" in finance.get(invoice["content_path"]).content
    report = finance.get(invoice["report_path"]).json()
    assert (report["number"], report["total"], report["findings"]) == ("RE-4711", "117.80", [])


def test_the_report_says_in_german_what_is_wrong(hall: CityHall, finance: Browser) -> None:
    """An invalid one is told at once with the codes, and delivered once a clerk has filed it."""
    document = hall.scan(ubl(Made(changed={"total": Decimal("1.00"), "due": Decimal("1.00")})), "r.xml")["document"]
    (told,) = inbox(finance, NAME)
    assert (told["data"]["outcome"], told["data"]["rule_codes"]) == ("invalid", ["BR-CO-15"])
    decide(hall, document, action="file", position="20.1")
    (invoice,) = inbox(finance, NAME)[1]["data"]["invoices"]
    (finding,) = finance.get(invoice["report_path"]).json()["findings"]
    assert finding["text"] == "Die Summe mit Umsatzsteuer (BT-112) ist 1,00, netto plus Steuer ist 117,80."


def test_an_attachment_of_a_mail_is_given_by_itself(hall: CityHall, finance: Browser) -> None:
    """The XML of the attachment, not the mail around it."""
    content = ubl(Made(), declaration="").decode()
    document = hall.deliver(a_mail("Rechnung", attached=content, name="rechnung.xml"))["document"]
    decide(hall, document, action="file", position="52.10")
    (invoice,) = inbox(finance, NAME)[1]["data"]["invoices"]
    assert finance.get(invoice["content_path"]).content.strip().startswith(b"<Invoice")


def test_other_letters_and_other_procedures_see_nothing_of_it(hall: CityHall, finance: Browser) -> None:
    """Finance is given no letter without an invoice, and who does not take invoices hears of none."""
    hall.key("administer").ask("PUT", f"{API}/procedures/bauverfahren", json={"positions": ["20"]})
    other = speaker(hall, "bauverfahren")
    letter = hall.deliver(a_mail("Bauantrag"))["document"]
    decide(hall, letter, action="file", position="52.10")
    invoice = hall.scan(ubl(Made()), "rechnung.xml")["document"]
    assert [event["data"]["document"] for event in inbox(finance, NAME)] == [invoice]
    assert inbox(other, "bauverfahren") == []
    assert other.get(f"{API}/documents/{invoice}/parts/0/invoice").status_code == 404


def test_on_its_topic_the_event_is_the_one_of_the_reading(hall: CityHall, finance: Browser) -> None:
    """Under the same id and time, from the store as from the log."""
    hall.scan(ubl(Made()), "rechnung.xml")
    (read, passed_on) = (event for event in hall.log.published if isinstance(event.facts, InvoiceReceived))
    assert (read.topic, passed_on.topic) == (topics.INVOICES, topics.inbox_of(NAME))
    assert (read.id, read.time, read.cause, read.facts) == (
        passed_on.id,
        passed_on.time,
        passed_on.cause,
        passed_on.facts,
    )
    assert [event["id"] for event in inbox(finance, NAME)] == [read.id]


def test_a_hybrid_names_its_pdf() -> None:
    """The PDF is the part above the XML: an attachment by itself, or the original."""
    invoice = Invoice(syntax="cii", profile="en16931")
    for above, path in (("0", "original"), ("0.2", "parts/0.2/content")):
        parts = (
            Part(part=above, media_type="application/pdf", sha256="0" * 64),
            Part(part=f"{above}.1", media_type="application/xml", sha256="1" * 64, invoice=invoice),
        )
        extraction = Extraction(
            cause="f9606544-d69e-54b3-a749-24eb723c65e1",
            made_at=None,  # type: ignore[arg-type]  # nothing looks at it
            complete=True,
            extractor_version="1",
            parts=parts,
        )
        (told,) = invoices_of(Record(tenant="main", document=DOCUMENT, extraction=extraction))
        assert told.pdf_path == f"/api/v1/documents/{DOCUMENT}/{path}"
        assert told.content_path == f"/api/v1/documents/{DOCUMENT}/parts/{above}.1/content"
