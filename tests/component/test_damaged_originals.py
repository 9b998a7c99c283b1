"""An original that is missing or changed is given to nobody, whoever reads it, and everybody concerned is told."""

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.model import documents, record
from services.core.model.documents import MailIdentity
from services.core.protocol import custody
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.damage import HARMS, Harm, alarms, file_of, flip, flip_first, found, problems, remove, walk
from tests.component.reading_service import ReadingService


@pytest.fixture
def reader(hall: CityHall) -> Browser:
    """A machine that may see everything."""
    return hall.key("search", "procedure", all_offices=True)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_damaged_original_is_never_given_out(hall: CityHall, reader: Browser, harm: Harm) -> None:
    """Not whole, not in a range, no part, no picture: 500 `damaged`, an alarm, a problem that is found."""
    told = hall.deliver(a_mail("Gartenhaus", attached="Der Lageplan liegt bei.", name="lageplan.txt"))
    sheet = hall.scan(b"Ein Blatt Papier", "blatt.txt")
    there = record.load(hall.ports.blobs, "main", told["document"]).extraction
    assert there is not None
    part = next(part.part for part in there.parts if part.role == "attachment")
    paths = [
        f"{API}/documents/{told['document']}/original",
        f"{API}/documents/{told['document']}/parts/{part}/content",
        f"{API}/documents/{sheet['document']}/original",
    ]
    assert [reader.get(path).status_code for path in paths] == [200, 200, 200]
    before = [alarms(service) for service in ("search", "extraction", "ocr")]
    for document in (told["document"], sheet["document"]):
        harm(file_of(hall, document))
    for path in [*paths, f"{API}/documents/{sheet['document']}/pages/1.png"]:
        for headers in ({}, {"Range": "bytes=0-3"}):
            answer = reader.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (500, "damaged"), path
    after = [alarms(service) for service in ("search", "extraction", "ocr")]
    assert [now - count for now, count in zip(after, before, strict=True)] == [4, 2, 2]
    assert [problems(hall, one["document"])[:1] for one in (told, sheet)] == [("damaged",)] * 2
    assert found(hall) == 2
    receipt = reader.get(f"{API}/receipts/{told['receipt']}").json()
    assert receipt["problem"] == "damaged"


def test_who_looks_again_and_again_makes_no_noise_in_the_record(hall: CityHall, reader: Browser) -> None:
    """What is known is not written again, and no event is told of it."""
    told = hall.deliver(a_mail())
    remove(file_of(hall, told["document"]))
    for _ in range(3):
        assert reader.get(f"{API}/documents/{told['document']}/original").status_code == 500
    assert record.load(hall.ports.blobs, "main", told["document"]).revisions["check"] == 1


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_mended_original_is_given_out_again(hall: CityHall, reader: Browser, harm: Harm) -> None:
    """Restored from a backup it is whole at once, and the next look of the scrub takes the problem away."""
    content = a_mail("Zaun")
    told = hall.deliver(content)
    file = file_of(hall, told["document"])
    stored = file.read_bytes()
    harm(file)
    path = f"{API}/documents/{told['document']}/original"
    assert reader.get(path).status_code == 500
    file.unlink(missing_ok=True)
    file.write_bytes(stored)
    assert reader.get(path).content == stored
    walk(hall)
    assert problems(hall, told["document"]) == ()
    assert found(hall) == 0


def test_what_was_damaged_before_it_was_read_is_read_when_it_is_mended(hall: CityHall) -> None:
    """It goes on with the problem, is put before a clerk, and becomes findable by its words at last."""
    hall.log.prompt = False
    told = hall.deliver(a_mail("Carport", "Wir bitten um Genehmigung eines Carports."))
    file = file_of(hall, told["document"])
    stored = file.read_bytes()
    flip(file)
    hall.log.prompt = True
    hall.work()
    there = record.load(hall.ports.blobs, "main", told["document"])
    assert record.standing(there).state == "held"
    assert problems(hall, told["document"]) == ("damaged",)
    file.unlink()
    file.write_bytes(stored)
    walk(hall)
    again = record.load(hall.ports.blobs, "main", told["document"])
    assert problems(hall, told["document"]) == ()
    assert again.extraction is not None
    assert again.extraction.title == "Carport"


def test_a_mending_told_again_asks_for_the_same_pages() -> None:
    """Its first reading was told in part, and what came of that has made a newer revision: nothing waits for ever."""
    service = ReadingService()
    event = service.arrive(b"%PDF" + b"\f".join(b"s%d" % page for page in range(1, 46)), "application/pdf")
    key = keys.original("main", event.document)
    stored = service.blobs.read(Bucket.ORIGINALS, key)
    service.blobs.replace(Bucket.ORIGINALS, key, stored[:-1])
    service.extract(event)
    service.blobs.replace(Bucket.ORIGINALS, key, stored)
    there = record.load(service.blobs, "main", event.document)
    mended, is_news = custody.note(service.blobs, there, "whole", service="ledger", now=service.clock.now())
    assert mended
    assert is_news
    told = service.extract(mended)
    for done in service.recognise(told[1]):
        service.extract(done)
    assert [one.id for one in service.extract(mended)] == [one.id for one in told]


def test_a_copy_stored_by_a_delivery_that_died_is_no_damage(hall: CityHall, reader: Browser) -> None:
    """Its other trace headers are in no receipt; the next delivery notes what it found there."""
    first = b"Received: from one\r\n" + a_mail("Zaun", message_id="<1@beispiel.test>")
    second = b"Received: from another\r\n" + a_mail("Zaun", message_id="<1@beispiel.test>")
    identity = MailIdentity()
    identity.update(first)
    document = documents.document_id("main", "mail", identity.digest(), incarnation=0)
    hall.ports.blobs.create(Bucket.ORIGINALS, keys.original("main", document), first)
    told = hall.deliver(second)
    assert told["document"] == document
    walk(hall)
    assert problems(hall, document) == ()
    assert reader.get(f"{API}/documents/{document}/original").content == first
    flip_first(file_of(hall, document))
    assert reader.get(f"{API}/documents/{document}/original").status_code == 500
