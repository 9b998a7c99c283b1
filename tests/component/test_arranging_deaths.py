"""An arrangement of pages happens once, whatever dies, repeats or cannot be done on its way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.batches import covers
from services.extraction.service import SERVICE as EXTRACTION
from services.filing.decisions import repair
from services.filing.service import SERVICE as FILING
from services.runtime.access.originals import inspect
from tests.component.arranged import LETTER, TWO, account_of, arrange, documents_of, reopen, states, text_of, told_of
from tests.component.city_hall import API, CityHall
from tests.component.damage import file_of, remove
from tests.component.piles import found, parts_of, scanned
from tests.component.test_batches import TWO as SEPARATED
from tests.component.test_batches import Mortal, arrival, erase
from tests.fakes.readers import SHEETS


def test_the_same_wish_twice_is_one_decision(hall: CityHall) -> None:
    """A program that did not hear the first answer is told of the decision that stands."""
    scan, client = scanned(hall, LETTER), hall.key("search", "decide", all_offices=True)
    version = client.get(f"{API}/documents/{scan}").json()["version"]
    wish = {"action": "arrange", "documents": [{"pages": [1, 2]}, {"pages": [3, 4]}]}
    answers = [
        client.post(f"{API}/documents/{scan}/decisions", json=wish, headers={"If-Match": f'"{version}"'})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["decision"] == answers[1].json()["decision"]
    other = wish | {"documents": [{"pages": [1]}, {"pages": [2, 3, 4]}]}
    late = client.post(f"{API}/documents/{scan}/decisions", json=other, headers={"If-Match": f'"{version}"'})
    assert late.status_code == 412, late.text


@pytest.mark.parametrize(
    ("service", "lives"), [*(("extraction", number) for number in range(1, 9)), ("filing", 1), ("filing", 2)]
)
def test_a_death_between_two_steps_doubles_and_loses_nothing(hall: CityHall, service: str, lives: int) -> None:
    """Wherever a service dies, its repeat ends with the same documents, one receipt each, and the old one aside."""
    batch = scanned(hall, TWO)
    _, second = parts_of(hall, batch)
    hall.log.prompt = False
    assert arrange(hall, batch, [1, 2], [4], {"pages": [6], "turns": {"6": 180}}).status_code == 202
    hall.log.waiting.clear()
    event = told_of(hall, batch)
    for one in (EXTRACTION, FILING):
        context = hall.contexts[one.name]
        assert one.handle
        if one.name == service:
            mortal = replace(context, ports=replace(context.ports, blobs=Mortal(context.ports.blobs, lives)))
            try:
                one.handle(event, mortal)
            except TryLater:
                assert not parts_done(hall, batch, second.document, service)
        hall.log.waiting.extend(one.handle(event, context))
        hall.log.waiting.extend(one.handle(event, context))
    hall.work()
    parts = parts_of(hall, batch)
    assert [len(part.receipts) for part in parts] == [1, 1, 1]
    assert states(hall, [batch, second.document, *(part.document for part in parts)]) == [
        "no_record",
        "no_record",
        "held",
        "held",
        "held",
    ]
    assert len(found(hall, second.document).decisions) == 1


def parts_done(hall: CityHall, batch: str, old: str, service: str) -> bool:
    """Whether everything that the service writes of an arrangement stands."""
    if service == "filing":
        return bool(found(hall, old).filings) and found(hall, old).filings[-1].reason == "superseded"
    return account_of(hall, batch).decision is not None and all(part.classification for part in parts_of(hall, batch))


def test_until_its_documents_are_there_the_scan_is_not_done_with(hall: CityHall) -> None:
    """While extraction has not carried it out, the scan is being read, and nobody arranges it anew."""
    scan = scanned(hall, LETTER)
    hall.log.prompt = False
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    assert states(hall, [scan]) == ["reading"]
    answer = arrange(hall, scan, [1], [2, 3, 4])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yet")
    hall.work()
    assert states(hall, [scan]) == ["no_record"]


def test_pages_that_cannot_be_taken_out_leave_the_letter_waiting(hall: CityHall) -> None:
    """Nothing disappears: the scan waits for a person with all its pages and text, and says what is wrong."""
    scan = scanned(hall, LETTER)
    hall.sheets.clumsy = True
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    now = record.standing(found(hall, scan))
    assert (now.state, now.reason, now.problems) == ("held", "sheets_differ", ("sheets_differ",))
    assert "Widerspruch" in text_of(hall, scan)
    hall.sheets.clumsy = False
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    assert states(hall, [scan, *(part.document for part in parts_of(hall, scan))]) == ["no_record", "held", "held"]


def test_what_was_erased_is_not_made_again_by_a_repeat(hall: CityHall) -> None:
    """The event of the decision comes once more after a document was erased: its tombstone stays alone."""
    scan = scanned(hall, LETTER)
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    gone, _ = (part.document for part in parts_of(hall, scan))
    erase(hall, gone)
    assert EXTRACTION.handle
    EXTRACTION.handle(told_of(hall, scan), hall.contexts["extraction"])
    assert found(hall, gone).erased
    assert hall.ports.blobs.size(Bucket.ORIGINALS, keys.original("main", gone)) is None


def test_the_books_say_where_it_stands(hall: CityHall) -> None:
    """Scan and documents each have their line, also where the pages are taken out after everybody else was told."""
    scan = scanned(hall, LETTER)
    hall.log.prompt = False
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    hall.log.waiting.clear()
    event = told_of(hall, scan)
    told = [*FILING.handle(event, hall.contexts["filing"])]  # type: ignore[misc]  # it handles
    hall.log.waiting.extend(told)
    hall.work()
    hall.log.waiting.extend(EXTRACTION.handle(event, hall.contexts["extraction"]))  # type: ignore[misc]  # it handles
    hall.work()
    receipts = [found(hall, document).receipts[0].receipt for document in (scan, *documents_of(hall, scan))]
    ledger = hall.ports.ledger
    lines = [ledger.find("main", receipt) for receipt in receipts]
    assert [line and line.state for line in lines] == ["no_record", "held", "held"]
    assert reopen(hall, scan).status_code == 202
    hall.work()
    lines = [ledger.find("main", receipt) for receipt in receipts]
    assert [line and line.state for line in lines] == ["held", "no_record", "no_record"]


def test_nobody_decides_while_an_arrangement_is_not_carried_out(hall: CityHall) -> None:
    """A later decision would let it be forgotten where its event was lost, and the pages could never be arranged."""
    scan, client = scanned(hall, LETTER), hall.key("search", "decide", all_offices=True)
    hall.log.prompt = False
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    version = client.get(f"{API}/documents/{scan}").json()["version"]
    wish = {"action": "assign", "office": "kasse"}
    answer = client.post(f"{API}/documents/{scan}/decisions", json=wish, headers={"If-Match": f'"{version}"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yet")
    hall.work()
    assert states(hall, [scan]) == ["no_record"]


def test_the_books_agree_about_a_document_with_a_faulty_cover_sheet_that_was_arranged(hall: CityHall) -> None:
    """Its documents stand for it: what its cover sheet said has no say about it any more."""
    cover = covers.written("nachbarstadt", office="kasse")
    batch = scanned(hall, SHEETS + f"[{cover}]\fAntrag Ahorn\fWiderspruch Birke".encode())
    (part,) = parts_of(hall, batch)
    assert record.standing(part).reason == "cover_faulty"
    hall.log.prompt = False
    assert arrange(hall, part.document, [1], [2]).status_code == 202
    event = told_of(hall, part.document)
    for service in (FILING, EXTRACTION):  # the new judgement comes after everything that the decision brought about
        assert service.handle
        hall.log.waiting.clear()
        hall.log.waiting.extend(service.handle(event, hall.contexts[service.name]))
        hall.work()
    line = hall.ports.ledger.find("main", part.receipts[0].receipt)
    assert (line and line.state, record.standing(found(hall, part.document)).state) == ("no_record", "no_record")


def test_a_batch_damaged_before_its_documents_were_there_goes_on_when_it_is_mended(hall: CityHall) -> None:
    """Nobody waits for it for ever: it stands as damaged, and what was left out comes into being with the original."""
    hall.log.prompt = False
    batch = scanned(hall, SEPARATED)
    hall.log.waiting.clear()
    event, context = arrival(hall, batch), hall.contexts["extraction"]
    assert EXTRACTION.handle
    with pytest.raises(TryLater):  # the plan of the batch stands, and none of its documents
        EXTRACTION.handle(event, replace(context, ports=replace(context.ports, blobs=Mortal(context.ports.blobs, 2))))
    content = file_of(hall, batch).read_bytes()
    remove(file_of(hall, batch))
    hall.log.waiting.extend(EXTRACTION.handle(event, context))
    hall.work()
    assert [len(part.receipts) for part in parts_of(hall, batch)] == [0, 0]
    assert record.standing(found(hall, batch)).problems == ("damaged",)
    file_of(hall, batch).write_bytes(content)
    assert inspect(batch, hall.contexts["ledger"])
    hall.work()
    assert [record.standing(part).state for part in parts_of(hall, batch)] == ["held", "held"]
    assert record.standing(found(hall, batch)).problems == ()


class Later:
    """The clock of two minutes on."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=2)


def test_a_lost_event_is_told_again_whatever_became_of_the_document(hall: CityHall) -> None:
    """Taken back while its event was lost, then its batch was arranged: each page is in one place again."""
    batch = scanned(hall, SEPARATED)
    _, part = parts_of(hall, batch)
    assert arrange(hall, part.document, {"pages": [1], "turns": {"1": 180}}).status_code == 202
    (turned,) = documents_of(hall, part.document)
    hall.log.prompt = False
    assert reopen(hall, part.document).status_code == 202
    hall.log.waiting.clear()
    hall.log.prompt = True
    assert arrange(hall, batch, [1, 3, 5]).status_code == 202
    assert states(hall, [part.document, turned]) == ["no_record", "held"]
    context = hall.contexts["filing"]
    repair(replace(context, ports=replace(context.ports, clock=Later())))
    hall.work()
    assert states(hall, [part.document, turned]) == ["no_record", "no_record"]
