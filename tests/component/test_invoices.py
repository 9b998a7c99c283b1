"""Invoices wherever they lie: in a mail, its text, a zip, a scan, a PDF; with what hangs in them."""

import base64
import hashlib
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest

from services.core.messages.events import InvoiceReceived
from services.core.model.invoices import Invoice
from services.core.ports.text_extractor import ReadPart
from services.extraction.reading import own_text
from services.extraction.reading.file import File
from tests.component.reading_service import ReadingService, a_mail
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.hybrid import hybrid, page_of
from tests.invoices.made import LEITWEG, Line, Made
from tests.invoices.ubl import ubl


class PdfExtractor:
    """Knows the hybrids of a test: what lies in each, and how often it was asked for bytes."""

    version = "pdf-1"

    def __init__(self, files: dict[str, bytes], text: str) -> None:
        self.files, self.text, self.unpacked = files, text, 0

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """The page, then the text of each file, as Tika reads XML."""
        inner = [
            ReadPart(path=(number,), name=name, media_type="application/xml", text=_words(content))
            for number, (name, content) in enumerate(self.files.items(), 1)
        ]
        page = ReadPart(media_type="application/pdf", text=self.text, page_characters=(len(self.text),))
        return [page, *inner]

    def unpack(self, content: BinaryIO, *, media_type: str = "", name: str = "", limit: int) -> list[tuple[str, bytes]]:
        """All files."""
        self.unpacked += 1
        return list(self.files.items())

    def ready(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Nothing to let go of."""


def _words(content: bytes) -> str:
    read = own_text.read(File(place=(1,), content=io.BytesIO(content)), 10**7)
    return read.text.replace("\n", "\n   ") if read else ""


def invoices(service: ReadingService, content: bytes, media_type: str = "message/rfc822") -> dict[str, Invoice]:
    """What was read of a document: invoices by their parts."""
    event = service.arrive(content, media_type)
    service.read(event)
    parts = service.extraction(event.document).parts
    return {part.part: part.invoice for part in parts if part.invoice}


def read_hybrid(pdf: bytes, files: dict[str, bytes], lines: list[str]) -> tuple[dict[str, Invoice], PdfExtractor]:
    """The same of a PDF that came as a scan."""
    service = ReadingService()
    extractor = PdfExtractor(files, "\n".join(lines))
    for context in service.contexts.values():
        object.__setattr__(context.ports, "extractor", extractor)
    return invoices(service, pdf, "application/pdf"), extractor


@pytest.mark.parametrize("kind", [("application", "xml"), ("text", "xml"), ("application", "octet-stream")])
def test_as_an_attachment(kind: tuple[str, str]) -> None:
    """Whatever the sender calls it and however it is named."""
    mail = a_mail()
    mail.add_attachment(cii(Made()), maintype=kind[0], subtype=kind[1], filename="dokument.dat")
    assert [(part, one.number) for part, one in invoices(ReadingService(), mail.as_bytes()).items()] == [
        ("1", "RE-4711")
    ]


def test_as_the_text_of_a_mail() -> None:
    """A mail whose text is the XML, with a greeting before it."""
    mail = a_mail("Guten Tag,\n" + ubl(Made()).decode() + "\nMit freundlichen Grüßen\n")
    found = invoices(ReadingService(), mail.as_bytes())
    assert [one.number for one in found.values()] == ["RE-4711"]


def test_in_a_zip_and_as_a_scan() -> None:
    """In an archive, and as a file from the scanner or a procedure."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/rechnung.xml", zugferd_1(Made(number="A-1")))
        archive.writestr("b.xml", ubl(Made(number="B-2")))
    found = invoices(ReadingService(), file.getvalue(), "application/zip")
    assert [one.number for one in found.values()] == ["A-1", "B-2"]
    assert [one.number for one in invoices(ReadingService(), ubl(Made()), "application/xml").values()] == ["RE-4711"]


def test_what_hangs_in_the_xml_are_parts() -> None:
    """An enclosure (BG-24) is a part below the invoice, with its name."""
    enclosure = base64.b64encode(b"Aufmass der Baustelle. " * 40).decode()
    bound = (
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
        f'mimeCode="text/plain" filename="aufmass.txt">{enclosure}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>'
        "</cac:AdditionalDocumentReference><cac:AccountingSupplierParty>"
    )
    content = ubl(Made()).replace(b"<cac:AccountingSupplierParty>", bound.encode(), 1)
    service = ReadingService()
    event = service.arrive(content, "application/xml")
    service.read(event)
    parts = service.parts(event.document)
    assert parts["0"].invoice
    assert (parts["1"].name, parts["1"].text[:7]) == ("aufmass.txt", "Aufmass")


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "anlage.XML"])
@pytest.mark.parametrize("packed", [True, False])
def test_inside_a_pdf(name: str, packed: bool) -> None:  # noqa: FBT001  # pytest's parameter
    """The invoice in a hybrid is that of the file inside, and the PDF is not read a second time for it."""
    files = {name: cii(Made())}
    found, extractor = read_hybrid(hybrid(page_of(Made()), files, packed=packed), files, page_of(Made()))
    assert [(part, one.number) for part, one in found.items()] == [("1", "RE-4711")]
    assert extractor.unpacked == 0


def test_two_inside_a_pdf_or_one_that_hides() -> None:
    """Where it is in doubt which bytes are meant, the extractor gives them."""
    files = {"a.xml": cii(Made(number="A-1")), "b.xml": cii(Made(number="B-2"))}
    found, extractor = read_hybrid(hybrid([], files), files, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1", "B-2"], 1)
    shown = {"a.xml": cii(Made(number="A-1"))}
    found, extractor = read_hybrid(hybrid([], {"a.xml": cii(Made(number="FALSCH"))}), shown, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1"], 1)
    plain = hybrid([], shown, packed=False)
    locked = plain.replace(shown["a.xml"], bytes(letter ^ 7 for letter in shown["a.xml"]))
    found, extractor = read_hybrid(locked, shown, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1"], 1)


def test_a_file_that_does_not_say_that_it_is_embedded() -> None:
    """A stream of XML is taken where the PDF names no type of it, once the extractor read the same words in it."""
    shown = {"a.xml": cii(Made(number="A-1"))}
    found, extractor = read_hybrid(hybrid([], shown, typed=False), shown, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1"], 0)
    found, extractor = read_hybrid(hybrid([], {"a.xml": cii(Made(number="FALSCH"))}, typed=False), shown, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1"], 1)


def rules(invoice: Invoice) -> set[str]:
    """The rules that found something."""
    return {finding.rule for finding in invoice.findings}


def test_pages_that_say_the_same_are_no_finding() -> None:
    """Number and sum stand on the page in German spelling, the profile is the one that the metadata claims."""
    made = Made(lines=(Line("Anlage", Decimal(1), Decimal("12345.60")),))
    files = {"factur-x.xml": cii(made)}
    found, _ = read_hybrid(hybrid(page_of(made), files, claim="XRECHNUNG"), files, page_of(made))
    assert rules(found["1"]) == set()


def test_pages_that_say_otherwise_are_told() -> None:
    """Another number, another sum, another profile on the page than in the XML."""
    files = {"factur-x.xml": cii(Made())}
    other = page_of(Made(number="RE-4712", changed={"total": Decimal("99.00"), "due": Decimal("99.00")}))
    found, _ = read_hybrid(hybrid(other, files, claim="EXTENDED"), files, other)
    assert rules(found["1"]) == {"pdf-number", "pdf-total", "pdf-profile"}
    assert found["1"].outcome == "valid"


def test_several_invoices_in_one_pdf_are_told() -> None:
    """Nobody can say which of two is meant."""
    files = {"a.xml": cii(Made(number="A-1")), "b.xml": cii(Made(number="B-2"))}
    found, _ = read_hybrid(hybrid([], files), files, [])
    assert all("pdf-several" in rules(one) for one in found.values())


def test_the_same_invoice_in_another_document_warns() -> None:
    """Seller, number and total are the key; the same document again, or another total, is no duplicate."""
    service = ReadingService()
    first, again = a_mail(subject="Rechnung"), a_mail(subject="Noch einmal")
    first.add_attachment(ubl(Made()), maintype="text", subtype="xml")
    first.add_attachment(cii(Made()), maintype="text", subtype="xml")
    again.add_attachment(zugferd_1(Made(number="re 4711")), maintype="text", subtype="xml")
    again.add_attachment(cii(Made(number="RE-4712")), maintype="text", subtype="xml")
    event = service.arrive(first.as_bytes())
    service.read(event)
    assert [part.invoice.duplicate_of for part in service.parts(event.document).values() if part.invoice] == ["", ""]
    found = invoices(service, again.as_bytes())
    assert [(one.duplicate_of, one.outcome) for one in found.values()] == [(event.document, "duplicate"), ("", "valid")]
    assert "duplicate" in rules(found["1"])


def test_an_erased_document_holds_no_invoice() -> None:
    """What was erased is no reason to doubt a new one."""
    service = ReadingService()
    event = service.arrive(ubl(Made()), "application/xml")
    service.read(event)
    service.erase(event.document)
    found = invoices(service, ubl(Made()) + b"\n", "application/xml")
    assert found["0"].duplicate_of == ""


def test_each_invoice_is_told_once_by_an_event() -> None:
    """Ids, amounts and codes; number and seller only as hashes; the same again when it is told again."""
    service = ReadingService()
    wrong = Made(number="X-2", changed={"total": Decimal("1.00"), "due": Decimal("1.00")})
    mail = a_mail()
    mail.add_attachment(ubl(Made()), maintype="text", subtype="xml")
    mail.add_attachment(cii(wrong), maintype="text", subtype="xml")
    event = service.arrive(mail.as_bytes())
    told = [e for e in service.read(event) if isinstance(e.facts, InvoiceReceived)]
    first, second = (e.facts for e in told if isinstance(e.facts, InvoiceReceived))
    assert (first.part, first.syntax, first.profile, first.outcome) == ("1", "ubl-invoice", "xrechnung-3.0", "valid")
    assert (first.total, first.currency, first.leitweg_id) == ("117.80", "EUR", LEITWEG)
    assert first.number_hash == hashlib.sha256(b"re4711").hexdigest()
    assert (second.outcome, second.rule_codes) == ("invalid", ("BR-CO-15",))
    assert {e.topic for e in told} == {"invoices.received"}
    assert len({e.id for e in told}) == 2
    again = [e.id for e in service.extract(event) if isinstance(e.facts, InvoiceReceived)]
    assert again == [e.id for e in told]


def test_an_invoice_that_came_alone_is_called_by_its_number(tmp_path: Path) -> None:
    """The title is the invoice's and the sender its seller, whatever the file is called and however it is labelled."""
    for media_type in ("application/xml", "text/plain"):
        service = ReadingService(tmp_path)
        event = service.arrive(ubl(Made()), media_type, name="export_20261123.xml")
        service.read(event)
        read = service.extraction(event.document)
        assert (read.title, read.sender_on_page) == (
            "Rechnung RE-4711, Papierhaus Lindner GmbH",
            "Papierhaus Lindner GmbH",
        )
        assert "<cbc:" not in read.parts[0].text
