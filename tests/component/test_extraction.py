"""Reading a document: mails with what hangs on them, files, archives, and what the record says afterwards."""

import pytest

from services.core import keys
from services.core.errors import BlobMissing, TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentExtracted
from tests.component.reading_room import TENANT, ReadingRoom, a_mail


def extracted(events: list[Event]) -> DocumentExtracted:
    """The facts of the last extraction told."""
    found = [event.facts for event in events if isinstance(event.facts, DocumentExtracted)]
    return found[-1]


def test_a_simple_mail_is_read_whole() -> None:
    """Text, head and title of a mail stand in revision 1, and the event says that nothing is awaited."""
    room = ReadingRoom()
    event = room.arrive(a_mail("Grüße aus der Gartenstraße").as_bytes())
    facts = extracted(room.read(event))
    extraction = room.extraction(event.document)
    assert facts == DocumentExtracted(document=event.document, revision=1, complete=True, part_count=1)
    assert extraction.parts[0].text == "Grüße aus der Gartenstraße"
    assert extraction.title == "Antrag auf Wohngeld"
    assert extraction.mail
    assert extraction.mail.to == ("Bauamt <bauamt@example.org>", "rathaus@example.org")
    assert extraction.mail.message_id == "1@example.org"
    assert not room.extractor.asked


def test_attachments_and_attached_mails_have_their_places() -> None:
    """Parts are numbered in the original's order, and those of an attached mail below it."""
    room = ReadingRoom()
    inner = a_mail("Der innere Brief", subject="Innen")
    inner.add_attachment(b"Ein Wasserrohrbruch", maintype="application", subtype="pdf", filename="innen.pdf")
    outer = a_mail("Der aeussere Brief")
    outer.add_attachment(b"Ein Bescheid", maintype="application", subtype="msword", filename="bescheid.doc")
    outer.add_attachment(inner)
    event = room.arrive(outer.as_bytes())
    room.read(event)
    parts = room.parts(event.document)
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
    room = ReadingRoom()
    mail = a_mail()
    mail.add_attachment(b"Huelle\x1eErstes\x1eZweites", maintype="application", subtype="zip", filename="a.zip")
    event = room.arrive(mail.as_bytes())
    room.read(event)
    texts = {key: part.text for key, part in room.parts(event.document).items()}
    assert (texts["1.1"], texts["1.2"]) == ("Erstes", "Zweites")


def test_children_of_a_scanned_archive_are_numbered_from_one() -> None:
    """A document that is one file is part 0, and what is inside it 1, 2 and so on."""
    room = ReadingRoom()
    event = room.arrive(b"Huelle\x1eErstes", "application/zip", name="alles.zip")
    room.read(event)
    assert list(room.parts(event.document)) == ["0", "1"]
    assert room.extraction(event.document).title == "alles.zip"


def test_equal_contents_are_read_once() -> None:
    """Two documents with the same attachment ask the extractor once; the cache keeps no name of the first."""
    room = ReadingRoom()
    events = []
    for text in ("eins", "zwei"):
        mail = a_mail(text)
        mail.add_attachment(b"Derselbe Plan", maintype="application", subtype="pdf", filename=f"{text}.pdf")
        events.append(room.arrive(mail.as_bytes()))
        room.read(events[-1])
    assert len(room.extractor.asked) == 1
    assert room.parts(events[-1].document)["1"].name == "zwei.pdf"


def test_a_broken_cache_is_made_again() -> None:
    """Bytes in the cache that are no result are replaced by what the extractor reads."""
    room = ReadingRoom()
    event = room.arrive(b"Ein Plan", "application/pdf")
    room.extract(event)
    (key,) = [k for k in room.stored(Bucket.DERIVED) if "recording" in k]
    room.blobs.delete(Bucket.DERIVED, key)
    room.blobs.create(Bucket.DERIVED, key, b"{ not a result")
    room.blobs.delete(Bucket.RECORDS, keys.stage(TENANT, event.document, "extraction", 1))
    room.extract(event)
    assert room.parts(event.document)["0"].text == "Ein Plan"


def test_a_mail_uploaded_as_a_file_is_read_as_a_mail() -> None:
    """A scan door that is given an .eml reads it like the mail door does."""
    room = ReadingRoom()
    event = room.arrive(a_mail("Per Upload").as_bytes(), "application/octet-stream", name="brief.eml")
    room.read(event)
    extraction = room.extraction(event.document)
    assert extraction.mail
    assert extraction.title == "Antrag auf Wohngeld"


def test_the_same_event_again_tells_the_same() -> None:
    """A repeated event emits what it emitted before, under the same ids, and stores nothing."""
    room = ReadingRoom()
    event = room.arrive(b"%PDF\fBlatt", "application/pdf")
    first = room.extract(event)
    stored = room.stored(Bucket.RECORDS)
    again = room.extract(event)
    assert [e.id for e in again] == [e.id for e in first]
    assert [e.facts for e in again] == [e.facts for e in first]
    assert room.stored(Bucket.RECORDS) == stored


def test_a_second_receipt_changes_nothing() -> None:
    """Another receipt of a known document is an occurrence: nothing is read, nothing told."""
    room = ReadingRoom()
    content = a_mail().as_bytes()
    room.read(room.arrive(content))
    assert room.extract(room.arrive(content)) == []


def test_whoever_comes_second_tells_what_stands_there() -> None:
    """A stalled worker that stores too late emits the events of the revision that won."""
    room = ReadingRoom()
    event = room.arrive(a_mail().as_bytes())
    won = room.extract(event)
    key = keys.stage(TENANT, event.document, "extraction", 1)
    before = room.blobs.read(Bucket.RECORDS, key)
    room.blobs.overlooked.add(key)
    assert [e.id for e in room.extract(event)] == [e.id for e in won]
    assert room.blobs.read(Bucket.RECORDS, key) == before


def test_erased_before_reading_emits_nothing() -> None:
    """A document whose tombstone stands and whose original is gone is silence, not a fault."""
    room = ReadingRoom()
    event = room.arrive(a_mail().as_bytes())
    room.erase(event.document)
    room.blobs.delete(Bucket.ORIGINALS, keys.original(TENANT, event.document))
    assert room.extract(event) == []


def test_erased_while_reading_takes_everything_back() -> None:
    """With the tombstone standing, revision, laid out pages and cached readings are gone, and nothing is told."""
    room = ReadingRoom()
    event = room.arrive(b"%PDF\fBlatt", "application/pdf")
    room.erase(event.document)
    assert room.extract(event) == []
    assert not room.stored(Bucket.DERIVED)
    assert not [key for key in room.stored(Bucket.RECORDS) if "extraction" in key]


def test_erasure_leaves_what_another_document_laid_out() -> None:
    """Bytes that another document laid out for OCR are its own and stay."""
    room = ReadingRoom()
    event = room.arrive(b"%PDF\fBlatt", "application/pdf")
    mail = a_mail()
    mail.add_attachment(b"%PDF\fBlatt", maintype="application", subtype="pdf", filename="kopie.pdf")
    other = room.arrive(mail.as_bytes())
    room.extract(other)
    room.erase(event.document)
    room.extract(event)
    left = room.stored(Bucket.DERIVED)
    assert [key.rpartition("/")[2] for key in left] == [f"content-{other.document}"]


def test_a_missing_original_is_our_fault() -> None:
    """Without a tombstone a missing original is no silence: it becomes a dead letter."""
    room = ReadingRoom()
    event = room.arrive(a_mail().as_bytes())
    room.blobs.delete(Bucket.ORIGINALS, keys.original(TENANT, event.document))
    with pytest.raises(BlobMissing):
        room.extract(event)


def test_an_extractor_that_is_away_is_asked_later() -> None:
    """The world's problem leaves no revision; the next attempt reads everything."""
    room = ReadingRoom()
    event = room.arrive(b"Ein Plan", "application/pdf")
    room.extractor.away = True
    with pytest.raises(TryLater):
        room.extract(event)
    room.extractor.away = False
    assert extracted(room.read(event)).complete
