"""An arrangement of pages happens once, whatever dies, repeats or cannot be done on its way."""

from dataclasses import replace

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import record
from services.extraction.service import SERVICE as EXTRACTION
from services.filing.service import SERVICE as FILING
from tests.component.arranged import LETTER, TWO, account_of, arrange, documents_of, reopen, states, text_of, told_of
from tests.component.city_hall import API, CityHall
from tests.component.piles import found, parts_of, scanned
from tests.component.test_batches import Mortal, erase


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
