"""A scan of many sheets becomes its documents: once, whatever dies between, each with a fate of its own."""

from dataclasses import replace
from typing import Any

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event, event_id
from services.core.messages.events import DocumentReceived
from services.core.model import record, record_files
from services.core.model.record_files import Erased
from services.core.protocol.receiving import received_event
from services.extraction.service import SERVICE as EXTRACTION
from tests.component.city_hall import API, CityHall
from tests.component.piles import found, parts_of, scanned
from tests.fakes.readers import SHEETS

TWO = SHEETS + b"\f".join(
    (b"Antrag von Frau Ahorn", b"", b"Anlage Lageplan", b"[PATCHT]", b"Widerspruch von Herrn Birke")
)


def arrival(hall: CityHall, batch: str, place: int = 0) -> Event:
    """The event that one of its receipts brought about, as it would be repeated."""
    return received_event(found(hall, batch).receipts[place], service="scan_intake", now=hall.ports.clock.now())


def erase(hall: CityHall, document: str) -> None:
    """As whoever erases does it: the tombstone, then everything else of the record."""
    stored = found(hall, document).receipts
    made = Erased(incarnation=0, decision=event_id(document, "decision"), erased_at=hall.ports.clock.now())
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(made))
    for receipt in stored:
        hall.ports.blobs.delete(Bucket.RECORDS, keys.receipt("main", document, receipt.receipt))
    hall.ports.blobs.delete(Bucket.ORIGINALS, keys.original("main", document))


def test_a_batch_becomes_its_documents(hall: CityHall) -> None:
    """Each is a document of its own, found by its words; the batch itself is put before nobody."""
    batch = scanned(hall, TWO)
    clerk = hall.key("search", "decide", all_offices=True)
    first, second = parts_of(hall, batch)
    assert clerk.get(f"{API}/search", params={"q": "lageplan"}).json()["items"][0]["document"] == first.document
    assert clerk.get(f"{API}/search", params={"q": "widerspruch"}).json()["items"][0]["document"] == second.document
    told = clerk.get(f"{API}/documents/{batch}").json()
    assert (told["state"], told["reason"]["code"]) == ("no_record", "separated")
    assert told["title"] == "Stapel mit 2 Schriftstücken"
    assert [record.standing(part).state for part in (first, second)] == ["held", "held"]


def test_what_is_known_of_the_batch_travels_to_its_parts(hall: CityHall) -> None:
    """Source, time, office and name are those of the batch; each part says where it was taken from."""
    batch = scanned(hall, TWO)
    whole = found(hall, batch).receipts[0]
    for number, (part, pages) in enumerate(zip(parts_of(hall, batch), ((1, 3), (5,)), strict=True), 1):
        receipt = part.receipts[0]
        assert (receipt.source, receipt.received_at, receipt.office, receipt.name) == (
            whole.source,
            whole.received_at,
            whole.office,
            whole.name,
        )
        assert receipt.part_of
        assert (receipt.part_of.document, receipt.part_of.number, receipt.part_of.pages) == (batch, number, pages)
        assert receipt.receipt != whole.receipt


def test_the_original_batch_stays_as_it_came(hall: CityHall) -> None:
    """It is given back byte by byte, also after its documents were taken out."""
    batch = scanned(hall, TWO)
    assert hall.key("search", all_offices=True).get(f"{API}/documents/{batch}/original").content == TWO


def test_a_letter_without_separators_stays_one_document(hall: CityHall) -> None:
    """With its blank pages, and nothing is said of sheets."""
    letter = scanned(hall, SHEETS + b"Erste Seite\f\fDritte Seite")
    extraction = found(hall, letter).extraction
    assert extraction
    assert extraction.sheets is None
    assert "Dritte Seite" in extraction.parts[0].text


def everything(hall: CityHall) -> dict[Bucket, set[str]]:
    """All keys that tell of documents."""
    return {
        bucket: {key for key in hall.ports.blobs.keys(bucket, "main/") if "/attempts/" not in key}
        for bucket in (Bucket.ORIGINALS, Bucket.RECORDS)
    }


def test_a_repeat_makes_nothing_anew(hall: CityHall) -> None:
    """Read again, the batch gives the same documents, receipts and events, and nothing more in the store."""
    batch = scanned(hall, TWO)
    before, event = everything(hall), arrival(hall, batch)
    assert EXTRACTION.handle
    told = EXTRACTION.handle(event, hall.contexts["extraction"])
    received = {e.facts.document: e.id for e in told if isinstance(e.facts, DocumentReceived)}
    assert list(received) == [part.document for part in parts_of(hall, batch)]
    assert everything(hall) == before


class Mortal:
    """A store whose service dies before its nth writing, once."""

    def __init__(self, store: Any, lives: int) -> None:
        self._store, self._lives = store, lives

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def create(self, bucket: Bucket, key: str, content: Any) -> bool:
        self._lives -= 1
        if self._lives == 0:
            raise TryLater("unavailable")
        created: bool = self._store.create(bucket, key, content)
        return created


@pytest.mark.parametrize("lives", range(1, 8))
def test_a_death_between_two_steps_doubles_and_loses_nothing(hall: CityHall, lives: int) -> None:
    """Wherever the reading of a batch ends, its repeat ends with the same two documents and one receipt each."""
    hall.log.prompt = False
    batch = scanned(hall, TWO)
    hall.log.waiting.clear()
    event, context = arrival(hall, batch), hall.contexts["extraction"]
    assert EXTRACTION.handle
    mortal = replace(context, ports=replace(context.ports, blobs=Mortal(context.ports.blobs, lives)))
    with pytest.raises(TryLater):
        EXTRACTION.handle(event, mortal)
    hall.log.waiting.extend(EXTRACTION.handle(event, context))
    hall.work()
    parts = parts_of(hall, batch)
    assert [len(part.receipts) for part in parts] == [1, 1]
    assert len(list(hall.ports.blobs.keys(Bucket.ORIGINALS, "main/"))) == 3
    for part in parts:
        content = hall.key("search", all_offices=True).get(f"{API}/documents/{part.document}/original")
        assert content.status_code == 200


def test_bytes_that_stand_already_are_what_the_receipt_names(hall: CityHall) -> None:
    """The try before died before its receipt, and another version of the program writes the same pages otherwise."""
    hall.log.prompt = False
    batch = scanned(hall, TWO)
    hall.log.waiting.clear()
    event, context = arrival(hall, batch), hall.contexts["extraction"]
    assert EXTRACTION.handle
    with pytest.raises(TryLater):
        EXTRACTION.handle(event, replace(context, ports=replace(context.ports, blobs=Mortal(context.ports.blobs, 3))))
    hall.sheets.writes = b"written otherwise\f"
    hall.log.waiting.extend(EXTRACTION.handle(event, context))
    hall.work()
    contents = [
        hall.key("search", all_offices=True).get(f"{API}/documents/{part.document}/original")
        for part in parts_of(hall, batch)
    ]
    assert [answer.status_code for answer in contents] == [200, 200]
    assert [b"written otherwise" in answer.content for answer in contents] == [False, True]


def test_a_part_that_was_erased_is_not_made_again_by_a_repeat(hall: CityHall) -> None:
    """The event that separated the batch comes once more after the erasure: the tombstone stays alone."""
    batch = scanned(hall, TWO)
    gone, stays = parts_of(hall, batch)
    erase(hall, gone.document)
    assert EXTRACTION.handle
    told = EXTRACTION.handle(arrival(hall, batch), hall.contexts["extraction"])
    assert [e.facts.document for e in told if isinstance(e.facts, DocumentReceived)] == [stays.document]
    assert found(hall, gone.document).erased
    assert hall.ports.blobs.size(Bucket.ORIGINALS, keys.original("main", gone.document)) is None
    assert not list(hall.ports.blobs.keys(Bucket.RECORDS, keys.receipts("main", gone.document)))


def test_a_part_outlives_its_batch(hall: CityHall) -> None:
    """The batch is erased; its documents have their own periods, and are given out as before."""
    batch = scanned(hall, TWO)
    first, _ = parts_of(hall, batch)
    erase(hall, batch)
    reader = hall.key("search", all_offices=True)
    assert reader.get(f"{API}/documents/{first.document}/original").status_code == 200
    assert reader.get(f"{API}/documents/{first.document}").json()["state"] == "held"


def test_a_batch_that_comes_again_is_an_arrival_of_each_part(hall: CityHall) -> None:
    """A part that was erased since comes in anew, as what comes after an erasure does; the other has two receipts."""
    batch = scanned(hall, TWO)
    gone, stays = parts_of(hall, batch)
    erase(hall, gone.document)
    assert hall.scan(TWO, "noch einmal.pdf")["document"] == batch
    assert len(found(hall, stays.document).receipts) == 2
    assert found(hall, gone.document).erased
    hits = hall.key("search", all_offices=True).get(f"{API}/search", params={"q": "lageplan"}).json()["items"]
    anew = [hit["document"] for hit in hits if hit["document"] != gone.document]
    assert len(anew) == 1
    assert found(hall, anew[0]).receipts[0].incarnation == 1


@pytest.mark.parametrize(
    ("pages", "counts"),
    [
        (("[PATCHT]", "Ein Brief", "[PATCHT]"), [1]),
        (("Ein Brief", "[PATCHT]", "[PATCHT]", "", "Noch einer", "[PATCHT]"), [1, 1]),
        (("Ein Brief", "[PATCHT]", ""), [1]),
        (("[POSTSTELLE-TRENNBLATT]", "Ein Brief", "Seite zwei"), [2]),
    ],
)
def test_separators_at_the_ends_and_twice_make_no_empty_documents(
    hall: CityHall, pages: tuple[str, ...], counts: list[int]
) -> None:
    """Only what has a page with something on it is a document."""
    batch = scanned(hall, SHEETS + "\f".join(pages).encode())
    parts = [part.receipts[0].part_of for part in parts_of(hall, batch)]
    assert [len(part.pages) for part in parts if part] == counts
    assert record.standing(found(hall, batch)).state == "no_record"


def test_an_empty_batch_waits_for_a_person(hall: CityHall) -> None:
    """Nothing but separators and blank pages: somebody has to look, until a decision says that it is all right."""
    batch = scanned(hall, SHEETS + b"[PATCHT]\f\f[PATCHT]")
    clerk = hall.key("search", "decide", all_offices=True)
    told = clerk.get(f"{API}/documents/{batch}").json()
    assert (told["state"], told["reason"]["code"]) == ("held", "sheets_differ")
    assert "sheets_differ" in [problem["code"] for problem in told["problems"]]


def test_a_batch_that_cannot_be_taken_apart_waits_whole(hall: CityHall) -> None:
    """It is read as one document, nothing of it is lost, and a person is told."""
    hall.sheets.clumsy = True
    batch = scanned(hall, TWO)
    now = record.standing(found(hall, batch))
    extraction = found(hall, batch).extraction
    assert extraction
    assert extraction.sheets
    assert (now.state, now.reason, extraction.sheets.faults) == ("held", "sheets_differ", ("not_taken",))
    assert "Widerspruch" in extraction.parts[0].text


def test_a_scan_of_more_pages_than_are_looked_at_waits_for_a_person(hall: CityHall) -> None:
    """Nobody looks for separators in 50,000 pages: it is one document, nothing is lost, and a person is told."""
    batch = scanned(hall, SHEETS + b"Erste Seite\f[PATCHT]" + b"\f" * 49_998)
    now, extraction = record.standing(found(hall, batch)), found(hall, batch).extraction
    assert extraction
    assert extraction.sheets
    assert (now.state, now.reason) == ("held", "sheets_differ")
    assert (extraction.sheets.page_count, extraction.sheets.faults) == (50_000, ("not_looked",))
    assert extraction.sheets.parts == ()
