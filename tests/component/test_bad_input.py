"""What is empty, broken, hostile or too much: read as far as it goes, kept, and on a list with a typed problem."""

import tracemalloc
from pathlib import Path

import pytest

from services.core.catalogue import PROBLEMS
from services.core.keys import Bucket
from services.core.messages.envelope import encode
from services.core.messages.events import DocumentExtracted
from services.core.model import record
from tests.component.reading_service import TENANT, ReadingService, a_mail

ENVELOPED = bytes.fromhex("30800609 2a864886f70d010703 a080") + b"geheim"


def problems(
    context: ReadingService, content: bytes, media_type: str = "message/rfc822", name: str = ""
) -> tuple[str, ...]:
    """Read it, and say what the record says is wrong; nothing awaited is left, and every code has its sentence."""
    event = context.arrive(content, media_type, name=name)
    told = [e.facts for e in context.read(event) if isinstance(e.facts, DocumentExtracted)]
    found = record.problems_of(record.load(context.blobs, TENANT, event.document))
    assert told[-1].complete
    assert set(found) <= set(PROBLEMS)
    return found


@pytest.mark.parametrize("media_type", ["message/rfc822", "application/pdf", "text/plain", "image/png"])
def test_an_empty_file(media_type: str) -> None:
    """No bytes at all: `empty`, for mails and scans alike."""
    assert problems(ReadingService(), b"", media_type) == ("empty",)


def test_an_empty_attachment() -> None:
    """An attachment of 0 bytes has the problem, its mail has none."""
    context = ReadingService()
    mail = a_mail()
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="leer.pdf")
    event = context.arrive(mail.as_bytes())
    context.read(event)
    parts = context.parts(event.document)
    assert (parts["0"].problem, parts["1"].problem) == (None, "empty")
    assert context.extraction(event.document).problem is None
    assert not context.extractor.asked


def test_a_mail_that_says_nothing() -> None:
    """Neither subject nor text nor attachment: `no_text`."""
    context = ReadingService()
    event = context.arrive(b"From: a@example.org\r\n\r\n")
    context.read(event)
    assert context.extraction(event.document).problem == "no_text"


@pytest.mark.parametrize("code", ["encrypted", "broken", "bomb", "too_slow", "unsupported"])
def test_what_the_extractor_finds_stays_with_the_part(code: str) -> None:
    """An attachment that cannot be read has its problem; its mail and its neighbours are read."""
    context = ReadingService()
    mail = a_mail("Text der Mail")
    mail.add_attachment(b"!" + code.encode(), maintype="application", subtype="pdf", filename="a.pdf")
    mail.add_attachment(b"Nachbar", maintype="application", subtype="pdf", filename="b.pdf")
    event = context.arrive(mail.as_bytes())
    context.read(event)
    parts = context.parts(event.document)
    assert (parts["0"].text, parts["1"].problem, parts["2"].text) == ("Text der Mail", code, "Nachbar")


def test_a_scan_that_cannot_be_read_is_a_problem_of_the_document() -> None:
    """When nothing at all could be read, the document itself has the problem."""
    context = ReadingService()
    event = context.arrive(b"!encrypted", "application/pdf")
    context.extractor.silent = True
    context.read(event)
    assert context.extraction(event.document).problem == "encrypted"


def test_a_code_that_nobody_knows_is_broken() -> None:
    """A problem without a sentence in the catalogue never reaches the record."""
    assert problems(ReadingService(), b"!unheard_of", "application/pdf") == ("broken",)


def test_an_image_bomb() -> None:
    """What OCR cannot read lands on the part, and the document goes on."""
    context = ReadingService()
    context.ocr.problem = "bomb"
    assert problems(context, b"\x89PNG\r\n\x1a\n" + b"x" * 100, "image/png") == ("bomb",)


def test_too_slow_is_asked_again_next_time() -> None:
    """A reading that took too long is not cached: the next document with these bytes may have more luck."""
    context = ReadingService()
    event = context.arrive(b"!too_slow", "application/pdf")
    context.read(event)
    assert not context.stored(Bucket.DERIVED)


def test_more_parts_than_allowed() -> None:
    """Parts behind the limit are left out, and part 0 says so."""
    context = ReadingService(max_parts=5)
    mail = a_mail()
    for number in range(10):
        mail.add_attachment(f"Plan {number}".encode(), maintype="a", subtype="b", filename="x")
    assert problems(context, mail.as_bytes()) == ("too_many_parts",)
    assert problems(context, b"\x1e".join(b"Datei" for _ in range(10)), "application/zip") == ("too_many_parts",)


def test_mails_inside_mails_beyond_the_depth() -> None:
    """An attached mail below the limit is listed as `too_deep`; those above it are read."""
    context = ReadingService(max_depth=3)
    mail = a_mail("ganz innen")
    for level in range(6):
        outer = a_mail(f"Ebene {level}")
        outer.add_attachment(mail)
        mail = outer
    event = context.arrive(mail.as_bytes())
    context.read(event)
    parts = context.parts(event.document)
    assert [(key, part.problem) for key, part in parts.items()] == [
        ("0", None), ("1", None), ("1.1", None), ("1.1.1", None), ("1.1.1.1", "too_deep"),
    ]  # fmt: skip


def test_more_text_than_allowed() -> None:
    """Text is kept up to the limit of the document, and the part that reached it is `too_large`."""
    context = ReadingService(max_characters=1000)
    mail = a_mail("x" * 900)
    mail.add_attachment(b"y" * 900, maintype="application", subtype="pdf", filename="a.pdf")
    event = context.arrive(mail.as_bytes())
    context.read(event)
    parts = context.parts(event.document)
    assert (len(parts["0"].text), len(parts["1"].text), parts["1"].problem) == (900, 100, "too_large")


def test_more_recognised_text_than_allowed() -> None:
    """The limit holds for what OCR brings as well."""
    context = ReadingService(max_characters=1000)
    event = context.arrive(b"\x89PNG\r\n\x1a\n" + b"y" * 5000, "image/png")
    context.read(event)
    part = context.parts(event.document)["0"]
    assert (len(part.text), part.problem) == (1000, "too_large")


def test_a_part_that_is_too_large_is_not_read() -> None:
    """A file above the limit is kept and named; nobody is asked to read it."""
    context = ReadingService(max_part_size=100)
    assert problems(context, b"x" * 101, "application/pdf") == ("too_large",)
    assert not context.extractor.asked


def test_an_smime_envelope_is_encrypted() -> None:
    """What only the recipient can open is not offered to the extractor; a signed mail is."""
    context = ReadingService()
    head = b"Subject: x\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n"
    assert problems(context, head + ENVELOPED) == ("encrypted",)
    assert not context.extractor.asked
    problems(context, head + b"0\x80 signiert: Klartext")
    assert len(context.extractor.asked) == 1


def test_an_envelope_under_a_foreign_name_is_encrypted() -> None:
    """An uploaded S/MIME envelope is known by its first bytes."""
    assert problems(ReadingService(), ENVELOPED, "application/octet-stream", "smime.p7m") == ("encrypted",)


def test_a_scan_inside_an_archive_is_put_before_a_person() -> None:
    """Pages without text whose bytes nobody gives us cannot be given to OCR: the part says `no_text`."""
    context = ReadingService()
    context.extractor.gives_bytes = False
    assert problems(context, b"Huelle\x1e%PDF\f", "application/zip") == ("no_text",)


def test_text_that_is_no_text_goes_to_the_extractor() -> None:
    """A PDF under the name of a text is recognised for what it is."""
    context = ReadingService()
    event = context.arrive(b"%PDF Eine ganze Seite voller Text", "text/plain", name="brief.txt")
    context.read(event)
    assert context.parts(event.document)["0"].media_type == "application/pdf"


def test_a_large_mail_is_mapped_not_loaded(tmp_path: Path) -> None:
    """Of a mail of 40 MB only the attachment that is looked at comes into memory, and nothing stays on disk."""
    context = ReadingService(tmp_path)
    head = b"Subject: gross\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n"
    text = b"Content-Type: text/plain\r\n\r\nKlein\r\n--q\r\nContent-Type: application/pgp-signature\r\n\r\n"
    signature = b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + b"A" * 40_000_000
    event = context.arrive(head + text + signature + b"\r\n--q--\r\n")
    tracemalloc.start()
    context.read(event)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert context.parts(event.document)["0"].text == "Klein"
    assert peak < 60_000_000
    assert not list((tmp_path / "tmp").iterdir())


def test_a_header_of_a_megabyte() -> None:
    """A long header is cut where people stop reading; the body behind it is read."""
    context = ReadingService()
    event = context.arrive(b"X-Junk: " + b"j" * 1_000_000 + b"\r\nSubject: " + b"S" * 1_000_000 + b"\r\n\r\nDer Brief")
    context.read(event)
    extraction = context.extraction(event.document)
    assert extraction.parts[0].text == "Der Brief"
    assert len(extraction.title) == 2000


@pytest.mark.parametrize("number", [1, 2])
def test_a_part_of_a_split_mail_is_told(number: int) -> None:
    """Its attachments lie across mails: it is on the list with a reason, and not taken for a whole letter."""
    inner = b"Content-Type: text/plain\r\n\r\nGuten Tag" if number == 1 else b"JVBERi0xLjQK"
    split = b'Content-Type: message/partial; id="x@y"; number=%d; total=2\r\n\r\n' % number
    assert problems(ReadingService(), b"From: a@b.example\r\nSubject: Plan\r\n" + split + inner) == ("partial",)


def test_no_event_holds_a_word_of_the_document() -> None:
    """Names, addresses, subjects and texts stay in the store; events refer to them."""
    context = ReadingService()
    mail = a_mail("Vertraulich", subject="Geheimsache")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Verschluss.pdf")
    event = context.arrive(mail.as_bytes())
    told = b"".join(encode(e).value + repr(encode(e).headers).encode() for e in context.read(event))
    assert told
    for word in (b"Vertraulich", b"Geheimsache", b"Verschluss", b"erika", b"Erika"):
        assert word not in told
