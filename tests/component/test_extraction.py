"""Reading a document: mails with what hangs on them, files, archives, and what the record says afterwards."""

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentExtracted
from tests.component.reading_service import TENANT, ReadingService, a_mail


def extracted(events: list[Event]) -> DocumentExtracted:
    """The facts of the last extraction told."""
    found = [event.facts for event in events if isinstance(event.facts, DocumentExtracted)]
    return found[-1]


def test_a_simple_mail_is_read_whole() -> None:
    """Text, head and title of a mail stand in revision 1, and the event says that nothing is awaited."""
    context = ReadingService()
    event = context.arrive(a_mail("Grüße aus der Gartenstraße").as_bytes())
    facts = extracted(context.read(event))
    extraction = context.extraction(event.document)
    assert facts == DocumentExtracted(document=event.document, revision=1, complete=True, part_count=1)
    assert extraction.parts[0].text == "Grüße aus der Gartenstraße"
    assert extraction.title == "Antrag auf Wohngeld"
    assert extraction.mail
    assert extraction.mail.to == ("Bauamt <bauamt@example.org>", "rathaus@example.org")
    assert extraction.mail.message_id == "1@example.org"
    assert not context.extractor.asked


def test_attachments_and_attached_mails_have_their_places() -> None:
    """Parts are numbered in the original's order, and those of an attached mail below it."""
    context = ReadingService()
    inner = a_mail("Der innere Brief", subject="Innen")
    inner.add_attachment(b"Ein Wasserrohrbruch", maintype="application", subtype="pdf", filename="innen.pdf")
    outer = a_mail("Der aeussere Brief")
    outer.add_attachment(b"Ein Bescheid", maintype="application", subtype="msword", filename="bescheid.doc")
    outer.add_attachment(inner)
    event = context.arrive(outer.as_bytes())
    context.read(event)
    parts = context.parts(event.document)
    assert {key: (part.role, part.name) for key, part in parts.items()} == {
        "0": ("body", ""),
        "1": ("attachment", "bescheid.doc"),
        "2": ("message", "Innen"),
        "2.1": ("attachment", "innen.pdf"),
    }
    assert parts["2"].text == "Der innere Brief"
    assert parts["2.1"].text == "Ein Wasserrohrbruch"


def test_what_is_inside_an_archive_becomes_parts_below_it() -> None:
    """Children that the extractor names stand below the attachment they lie in."""
    context = ReadingService()
    mail = a_mail()
    mail.add_attachment(b"Huelle\x1eErstes\x1eZweites", maintype="application", subtype="zip", filename="a.zip")
    event = context.arrive(mail.as_bytes())
    context.read(event)
    texts = {key: part.text for key, part in context.parts(event.document).items()}
    assert (texts["1.1"], texts["1.2"]) == ("Erstes", "Zweites")


def test_children_of_a_scanned_archive_are_numbered_from_one() -> None:
    """A document that is one file is part 0, and what is inside it 1, 2 and so on."""
    context = ReadingService()
    event = context.arrive(b"Huelle\x1eErstes", "application/zip", name="alles.zip")
    context.read(event)
    assert list(context.parts(event.document)) == ["0", "1"]
    assert context.extraction(event.document).title == "Huelle"


def test_equal_contents_are_read_once() -> None:
    """Two documents with the same attachment ask the extractor once; the cache keeps no name of the first."""
    context = ReadingService()
    events = []
    for text in ("eins", "zwei"):
        mail = a_mail(text)
        mail.add_attachment(b"Derselbe Plan", maintype="application", subtype="pdf", filename=f"{text}.pdf")
        events.append(context.arrive(mail.as_bytes()))
        context.read(events[-1])
    assert len(context.extractor.asked) == 1
    assert context.parts(events[-1].document)["1"].name == "zwei.pdf"


def test_a_broken_cache_is_made_again() -> None:
    """Bytes in the cache that are no result are replaced by what the extractor reads."""
    context = ReadingService()
    event = context.arrive(b"Ein Plan", "application/pdf")
    context.extract(event)
    (key,) = [k for k in context.stored(Bucket.DERIVED) if "recording" in k]
    context.blobs.delete(Bucket.DERIVED, key)
    context.blobs.create(Bucket.DERIVED, key, b"{ not a result")
    context.blobs.delete(Bucket.RECORDS, keys.stage(TENANT, event.document, "extraction", 1))
    context.extract(event)
    assert context.parts(event.document)["0"].text == "Ein Plan"


def test_a_mail_uploaded_as_a_file_is_read_as_a_mail() -> None:
    """A scan listener that is given an .eml reads it like the SMTP listener does."""
    context = ReadingService()
    event = context.arrive(a_mail("Per Upload").as_bytes(), "application/octet-stream", name="brief.eml")
    context.read(event)
    extraction = context.extraction(event.document)
    assert extraction.mail
    assert extraction.title == "Antrag auf Wohngeld"


def test_the_same_event_again_tells_the_same() -> None:
    """A repeated event emits what it emitted before, under the same ids, and stores nothing."""
    context = ReadingService()
    event = context.arrive(b"%PDF\fBlatt", "application/pdf")
    first = context.extract(event)
    stored = context.stored(Bucket.RECORDS)
    again = context.extract(event)
    assert [e.id for e in again] == [e.id for e in first]
    assert [e.facts for e in again] == [e.facts for e in first]
    assert context.stored(Bucket.RECORDS) == stored


def test_a_second_receipt_changes_nothing() -> None:
    """Another receipt of a known document is an occurrence: nothing is read, nothing told."""
    context = ReadingService()
    content = a_mail().as_bytes()
    context.read(context.arrive(content))
    assert context.extract(context.arrive(content)) == []


def test_whoever_comes_second_tells_what_stands_there() -> None:
    """A stalled worker that stores too late emits the events of the revision that won."""
    context = ReadingService()
    event = context.arrive(a_mail().as_bytes())
    won = context.extract(event)
    key = keys.stage(TENANT, event.document, "extraction", 1)
    before = context.blobs.read(Bucket.RECORDS, key)
    context.blobs.overlooked.add(key)
    assert [e.id for e in context.extract(event)] == [e.id for e in won]
    assert context.blobs.read(Bucket.RECORDS, key) == before


def test_erased_before_reading_emits_nothing() -> None:
    """A document whose tombstone stands and whose original is gone is silence, not a fault."""
    context = ReadingService()
    event = context.arrive(a_mail().as_bytes())
    context.erase(event.document)
    context.blobs.delete(Bucket.ORIGINALS, keys.original(TENANT, event.document))
    assert context.extract(event) == []


def test_erased_while_reading_takes_everything_back() -> None:
    """With the tombstone standing, revision, laid out pages and cached readings are gone, and nothing is told."""
    context = ReadingService()
    event = context.arrive(b"%PDF\fBlatt", "application/pdf")
    context.erase(event.document)
    assert context.extract(event) == []
    assert not context.stored(Bucket.DERIVED)
    assert not [key for key in context.stored(Bucket.RECORDS) if "extraction" in key]


def test_erasure_leaves_what_another_document_laid_out() -> None:
    """Bytes that another document laid out for OCR are its own and stay."""
    context = ReadingService()
    event = context.arrive(b"%PDF\fBlatt", "application/pdf")
    mail = a_mail()
    mail.add_attachment(b"%PDF\fBlatt", maintype="application", subtype="pdf", filename="kopie.pdf")
    other = context.arrive(mail.as_bytes())
    context.extract(other)
    context.erase(event.document)
    context.extract(event)
    left = context.stored(Bucket.DERIVED)
    assert [key.rpartition("/")[2] for key in left] == [f"content-{other.document}"]


def test_a_missing_original_is_a_problem_of_the_document() -> None:
    """Without a tombstone a missing original is no silence: the document goes on with the problem, and it is told."""
    context = ReadingService()
    event = context.arrive(a_mail().as_bytes())
    context.blobs.delete(Bucket.ORIGINALS, keys.original(TENANT, event.document))
    (extracted,) = context.extract(event)
    assert isinstance(extracted.facts, DocumentExtracted)
    assert (extracted.facts.complete, extracted.facts.problem_code) == (True, "damaged")
    assert [told.facts.NAME for told in context.told] == ["original.checked"]


def test_a_document_has_a_time_of_its_own() -> None:
    """Parts that are not begun by then are left out, and the document says so: together they could hold a worker."""
    context = ReadingService(document_timeout=0)
    mail = a_mail("Der Brief")
    mail.add_attachment(b"Ein Bescheid", maintype="application", subtype="msword", filename="bescheid.doc")
    event = context.arrive(mail.as_bytes())
    context.read(event)
    [part] = context.extraction(event.document).parts
    assert (part.text, part.problem) == ("Der Brief", "too_slow")
    assert not context.extractor.asked


def test_an_extractor_that_is_away_is_asked_later() -> None:
    """The world's problem leaves no revision; the next attempt reads everything."""
    context = ReadingService()
    event = context.arrive(b"Ein Plan", "application/pdf")
    context.extractor.away = True
    with pytest.raises(TryLater):
        context.extract(event)
    context.extractor.away = False
    assert extracted(context.read(event)).complete
