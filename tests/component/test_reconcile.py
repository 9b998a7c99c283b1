"""Everything compared: a deliberately hidden loss of each kind is found, what is derived is healed, the rest named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.adapters.clock import SystemClock
from services.core import keys
from services.core.bookkeeping import Reconciliation
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.model import record
from services.indexing.entry import entry_of
from services.ledger.books.nightly import is_due, keep_books, last_report
from services.ledger.books.reconciling import reconcile, report_of
from services.ledger.sweeper import sweep
from tests.component.city_hall import API, SERVICES, CityHall, a_mail
from tests.component.damage import file_of, flip, remove
from tests.component.dead import dead_letter

Hide = Callable[[CityHall, dict[str, Any]], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """An hour passes: what has not moved since does not move by itself any more."""
    now = SystemClock.now

    def pass_by() -> None:
        monkeypatch.setattr(SystemClock, "now", lambda self: now(self) + timedelta(hours=1))

    return pass_by


def compared(hall: CityHall, *, read_originals: bool = True) -> Reconciliation:
    """What one comparison finds; what it told is worked off."""
    report = report_of(hall.contexts["ledger"], read_originals=read_originals)
    hall.work()
    return report


def faults(report: Reconciliation) -> list[tuple[str, tuple[str, ...]]]:
    """What it found, with the receipts."""
    return [(one.fault, one.receipts) for one in report.differences]


def delete_original(hall: CityHall, told: dict[str, Any]) -> None:
    """Somebody deletes the file."""
    remove(file_of(hall, told["document"]))


def flip_a_bit(hall: CityHall, told: dict[str, Any]) -> None:
    """The disk lies."""
    flip(file_of(hall, told["document"]))


def delete_receipt(hall: CityHall, told: dict[str, Any]) -> None:
    """The receipt is lost in the store."""
    hall.ports.blobs.delete(Bucket.RECORDS, keys.receipt("main", told["document"], told["receipt"]))


def break_record(hall: CityHall, told: dict[str, Any]) -> None:
    """A file of the record is no JSON of ours."""
    key = keys.stage("main", told["document"], "classification", 9)
    hall.ports.blobs.create(Bucket.RECORDS, key, b"{")


def lose_revision(hall: CityHall, told: dict[str, Any]) -> None:
    """What was filed is lost in the store, the index has seen it."""
    hall.ports.blobs.delete(Bucket.RECORDS, keys.stage("main", told["document"], "filing", 1))


def delete_index_entry(hall: CityHall, told: dict[str, Any]) -> None:
    """The index has lost one of them."""
    fresh = hall.ports.index.rebuild()
    for key in hall.ports.blobs.keys(Bucket.RECORDS, keys.documents("main")):
        document = key.split("/")[2]
        if document != told["document"]:
            entry = entry_of(record.load(hall.ports.blobs, "main", document), hall.contexts["indexing"].plan)
            fresh.write([entry] if entry else [])
    fresh.switch()


NAMED: dict[str, Hide] = {
    "original_damaged": delete_original,
    "receipt_lost": delete_receipt,
    "record_lost": lose_revision,
    "record_unreadable": break_record,
}


@pytest.mark.parametrize("fault", NAMED)
def test_what_cannot_be_made_again_is_named_by_receipt(hall: CityHall, later: Callable[[], None], fault: str) -> None:
    """The one among three, each time anew, until somebody brings it back."""
    sent = [hall.deliver(a_mail(f"Brief {number}")) for number in range(3)]
    later()
    assert compared(hall).agrees
    NAMED[fault](hall, sent[1])
    for _ in range(2):
        found = compared(hall)
        assert (fault, (sent[1]["receipt"],)) in faults(found)
        assert {one.document for one in found.differences} == {sent[1]["document"]}
        assert (found.documents, found.receipts >= 1) == (3, True)


def test_a_flipped_bit_is_found_where_originals_are_read(hall: CityHall, later: Callable[[], None]) -> None:
    """A quick comparison looks whether they are there, and takes the word of whoever read them before."""
    sent = [hall.deliver(a_mail(f"Brief {number}")) for number in range(3)]
    later()
    flip_a_bit(hall, sent[2])
    assert compared(hall, read_originals=False).agrees
    expected = [("original_damaged", (sent[2]["receipt"],))]
    assert faults(compared(hall)) == expected
    assert faults(compared(hall, read_originals=False)) == expected


def test_a_lost_index_entry_is_written_anew(hall: CityHall, later: Callable[[], None]) -> None:
    """The document is found again, and the next comparison agrees."""
    sent = [hall.deliver(a_mail(f"Brief {number}")) for number in range(3)]
    later()
    delete_index_entry(hall, sent[0])
    assert hall.ports.index.version_of(sent[0]["document"]) is None
    report = compared(hall)
    assert faults(report) == [("index_entry", (sent[0]["receipt"],))]
    assert hall.ports.index.version_of(sent[0]["document"])
    assert compared(hall).agrees


def test_a_lost_ledger_row_is_written_anew(hall: CityHall, later: Callable[[], None]) -> None:
    """With all that it knew of it."""
    sent = [hall.deliver(a_mail(f"Brief {number}")) for number in range(3)]
    before = hall.ports.ledger.find("main", sent[0]["receipt"])
    later()
    hall.ports.ledger.clear("main")
    report = compared(hall)
    assert sorted(faults(report)) == sorted(("ledger_row", (one["receipt"],)) for one in sent)
    assert hall.ports.ledger.find("main", sent[0]["receipt"]) == before
    assert compared(hall).agrees


@pytest.mark.parametrize("deaf", ["extraction", "classification", "filing"])
def test_a_lost_event_is_told_again(hall: CityHall, later: Callable[[], None], deaf: str) -> None:
    """Whoever did not hear of it hears of it, and the document comes to its end as it would have."""
    told = _delivered_past(hall, deaf)
    report = compared(hall)
    assert report.agrees, "it may be on its way"
    assert report.under_way == 1
    later()
    assert faults(compared(hall)) == [("event_skipped", (told["receipt"],))]
    line = hall.ports.ledger.find("main", told["receipt"])
    assert line
    assert (line.state, line.indexed_version > 0) == ("held", True)
    later()
    assert compared(hall).agrees


def test_what_waits_for_a_busy_service_is_under_way(hall: CityHall, later: Callable[[], None]) -> None:
    """A queue is no loss, however old what stands in it is: nothing is told twice."""
    hall.log.prompt = False
    hall.deliver(a_mail())
    later()
    report = report_of(hall.contexts["ledger"], read_originals=True)
    assert (report.agrees, report.under_way) == (True, 1)
    assert len(hall.log.waiting) == 1


@pytest.mark.parametrize("old", [False, True])
def test_post_of_which_no_event_told_is_told_of(hall: CityHall, later: Callable[[], None], *, old: bool) -> None:
    """A row in the book hides a receipt from the sweeper: a young one gets none, an old one is told of with it."""
    hall.ports.ledger.note_sweep("main", hall.ports.clock.now())
    hall.log.prompt = False
    told = hall.deliver(a_mail("Ohne Ereignis"))
    hall.log.waiting.clear()
    hall.log.prompt = True
    if old:
        later()
    compared(hall)
    later()
    sweep(hall.contexts["ledger"])
    hall.work()
    assert [line.state for line in hall.ports.ledger.lines_of("main", told["document"])] == ["held"]
    assert record.load(hall.ports.blobs, "main", told["document"]).extraction


def test_what_was_given_up_is_named_and_not_tried_again(hall: CityHall, later: Callable[[], None]) -> None:
    """A dead letter needs a person: told again it would only die again."""
    told = _delivered_past(hall, "classification")
    dead_letter(hall, told["document"])
    later()
    for _ in range(2):
        assert faults(compared(hall)) == [("given_up", (told["receipt"],))]


def test_the_command_hears_of_progress_and_one_runs_at_a_time(hall: CityHall, later: Callable[[], None]) -> None:
    """Lines of JSON, the last one with the report; a second one is refused meanwhile; only who administers may."""
    sent = hall.deliver(a_mail())
    later()
    flip_a_bit(hall, sent)
    administrator = hall.key("administer")
    walk = reconcile(hall.contexts["ledger"], read_originals=False)
    next(walk)
    assert administrator.post(f"{API}/reconciliations").status_code == 409
    walk.close()
    answer = administrator.post(f"{API}/reconciliations")
    last = json.loads(answer.text.splitlines()[-1])
    assert (last["running"], last["agrees"], last["counts"]) == (False, False, {"original_damaged": 1})
    assert last["differences"][0]["receipts"] == [sent["receipt"]]
    assert hall.key("search").post(f"{API}/reconciliations").status_code == 403


def test_it_goes_by_itself_once_a_day(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the time of the setting on, and what it found is kept and shown; without a time it never does."""
    sent = hall.deliver(a_mail())
    settings = hall.settings.model_copy(
        update={"ledger": hall.settings.ledger.model_copy(update={"reconcile_at": "02:30"})}
    )
    assert not is_due(hall.contexts["ledger"])
    ledger = replace(hall.contexts["ledger"], settings=settings)
    now = ledger.ports.clock.now().replace(hour=12, minute=0) + timedelta(days=1)
    monkeypatch.setattr(SystemClock, "now", lambda _: now.replace(hour=0, minute=10))
    assert not is_due(ledger)
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    remove(file_of(hall, sent["document"]))
    assert is_due(ledger)
    keep_books(ledger)
    assert not is_due(ledger)
    report = last_report(ledger)
    assert report
    assert faults(report) == [("original_damaged", (sent["receipt"],))]
    page = hall.clerk("berg", rights=("administer",)).get("/buecher").text
    assert sent["receipt"] in page
    assert "fehlendes oder beschädigtes Original" in page


def _delivered_past(hall: CityHall, deaf: str) -> dict[str, Any]:
    """A mail comes in, and one service misses what it is told; all others hear everything."""
    hall.log.prompt = False
    told = hall.deliver(a_mail())
    while hall.log.waiting:
        event = hall.log.waiting.popleft()
        for service in SERVICES:
            if service.handle and service.name != deaf and event.topic in topics.worked_on(service.name):
                context = hall.contexts[service.name]
                hall.log.waiting.extend(service.handle(event, context))
                if service.commit:
                    service.commit(context)
    hall.log.prompt = True
    return told
