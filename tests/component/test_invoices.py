"""Invoices wherever they lie: in a mail, its text, a zip, a scan, a PDF; with what hangs in them."""

import base64
import io
import zipfile
from typing import BinaryIO

import pytest

from services.core.model.invoices import Invoice
from services.core.ports.text_extractor import ReadPart
from services.extraction.reading import own_text
from services.extraction.reading.file import File
from tests.component.reading_service import ReadingService, a_mail
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.hybrid import hybrid, page_of
from tests.invoices.made import Made
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
    found, extractor = read_hybrid(hybrid([], shown, typed=False), shown, [])
    assert ([one.number for one in found.values()], extractor.unpacked) == (["A-1"], 1)
