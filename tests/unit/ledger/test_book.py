"""The book of receipts: written by events, mended by the sweeper, rebuilt from the store."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentErased, DocumentExtracted, DocumentHeld, DocumentIndexed, Facts
from services.core.messages.topics import RECEIVED, emit
from services.ledger.handler import handle
from services.ledger.rebuilding import rebuild
from services.ledger.sweeper import sweep
from tests.unit.contexts import CAUSE, Hall, erased, extraction, held, receipt
from tests.unit.runtime.loop import NOW, document


@pytest.fixture
def hall() -> Iterator[Hall]:
    """Nothing came in yet, and the sweeper has been here."""
    hall = Hall()
    hall.ports.ledger.note_sweep("main", NOW)
    yield hall
    hall.close()


def told(facts: Facts) -> Event:
    """An event of these facts."""
    return emit(facts, cause=Cause("main", CAUSE), service="filing", now=NOW)


def stands(hall: Hall, n: int) -> tuple[str, str, str, int]:
    """State, reason, problem and indexed version of a receipt."""
    line = hall.ports.ledger.find("main", receipt(n).receipt)
    assert line
    return line.state, line.reason, line.problem, line.indexed_version


def test_events_are_written_down(hall: Hall) -> None:
    """Received, read, held, indexed: each brings its receipt on, and nothing about."""
    received = hall.accept(receipt(1))
    hall.write(1, "filing", held())
    events = [
        received,
        told(DocumentExtracted(document=document(1), revision=1, complete=False, part_count=1)),
        told(DocumentHeld(document=document(1), revision=1, reason_code="unsure", office="bauamt")),
        told(DocumentIndexed(document=document(1), version=2)),
    ]
    seen = []
    for event in events:
        assert handle(event, hall.context) == ()
        seen.append(stands(hall, 1))
    assert seen == [
        ("received", "", "", 0),
        ("reading", "", "", 0),
        ("held", "unsure", "", 0),
        ("held", "unsure", "", 2),
    ]


def test_problem_of_a_document_is_written_down(hall: Hall) -> None:
    """Whoever asks after the receipt is told."""
    handle(hall.accept(receipt(1)), hall.context)
    facts = DocumentExtracted(document=document(1), revision=1, complete=True, part_count=0, problem_code="encrypted")
    handle(told(facts), hall.context)
    assert stands(hall, 1) == ("classifying", "", "encrypted", 0)


def test_erasure_is_looked_up_in_the_record(hall: Hall) -> None:
    """The tombstone says when, and late events change nothing any more."""
    handle(hall.accept(receipt(1)), hall.context)
    hall.write(1, "erased", erased())
    proof = f"main/documents/{document(1)}/erased/1.json"
    handle(told(DocumentErased(document=document(1), incarnation=0, decision=CAUSE, proof_key=proof)), hall.context)
    handle(told(DocumentExtracted(document=document(1), revision=1, complete=True, part_count=0)), hall.context)
    line = hall.ports.ledger.find("main", receipt(1).receipt)
    assert line
    assert (line.state, line.since) == ("erased", erased().erased_at)


def test_late_word_of_an_erased_document_leaves_the_next_one_its_receipt(hall: Hall) -> None:
    """An erasure moved the receipt on while its sender stood still: what he tells then is of a document long gone."""
    moved = replace(receipt(1), document=document(2), incarnation=1)
    late = hall.accept(receipt(1))  # still in the store: an erasure takes its time
    handle(hall.accept(moved), hall.context)
    hall.write(1, "erased", erased())
    handle(late, hall.context)
    hall.blobs.delete(Bucket.RECORDS, keys.receipt("main", document(1), receipt(1).receipt))
    handle(late, hall.context)
    line = hall.ports.ledger.find("main", receipt(1).receipt)
    assert line
    assert (line.document, line.state) == (document(2), "received")


def test_sweeper_tells_of_what_no_event_told(hall: Hall) -> None:
    """Exactly what the book lacks is published, under the id that the listener would have used."""
    handle(hall.accept(receipt(1)), hall.context)
    forgotten = hall.accept(receipt(2, doc=2))
    hall.clock.time = NOW + timedelta(minutes=10)
    sweep(hall.context)
    published = hall.log.topics[RECEIVED]
    assert [dict(message.headers)["ce_id"].decode() for message in published] == [forgotten.id]
    assert hall.ports.ledger.swept_until("main") == NOW + timedelta(minutes=10) - hall.context.settings.ledger.grace


def test_sweeper_does_not_tell_of_what_lies_before_the_ledger(hall: Hall) -> None:
    """The ledger is late with an event: however often the sweeper looks, it publishes nothing a second time."""
    hall.log.publish(hall.accept(receipt(1)))
    for minute in range(10, 33):
        hall.clock.time = NOW + timedelta(minutes=minute)
        sweep(hall.context)
    assert len(hall.log.topics[RECEIVED]) == 1


def test_sweeper_tells_of_a_receipt_once(hall: Hall) -> None:
    """What it told of and the ledger has not read yet is not told again, also by a sweeper that was started anew."""
    hall.accept(receipt(1))
    for minute in range(10, 33):
        hall.clock.time = NOW + timedelta(minutes=minute)
        sweep(hall.context)
    assert len(hall.log.topics[RECEIVED]) == 1


def test_sweeper_tells_behind_a_ledger_that_is_never_done(hall: Hall) -> None:
    """Post comes in all the time: what is older than the newest that the book knows was passed over, and is told."""
    forgotten = hall.accept(receipt(2, doc=2))
    handle(hall.accept(receipt(8, doc=8)), hall.context)
    waiting = hall.accept(receipt(9, doc=9))
    hall.log.publish(waiting)
    hall.clock.time = NOW + timedelta(minutes=12)
    sweep(hall.context)
    told = [dict(message.headers)["ce_id"].decode() for message in hall.log.topics[RECEIVED]]
    assert told == [waiting.id, forgotten.id]


def test_sweeper_waits_an_hour_at_most_for_a_ledger_that_stands_still(hall: Hall) -> None:
    """Then it tells all the same, once, so that the other services go on."""
    hall.log.publish(hall.accept(receipt(1)))
    forgotten = hall.accept(receipt(2, doc=2))
    hall.clock.time = NOW + timedelta(minutes=30)
    sweep(hall.context)
    assert len(hall.log.topics[RECEIVED]) == 1
    for minute in (70, 71, 72):
        hall.clock.time = NOW + timedelta(minutes=minute)
        sweep(hall.context)
    told = [dict(message.headers)["ce_id"].decode() for message in hall.log.topics[RECEIVED]]
    assert (told.count(forgotten.id), len(told)) == (1, 3)


def test_sweeper_leaves_the_young_alone(hall: Hall) -> None:
    """What is younger than the grace may be on its way; it is told of when it is old enough."""
    hall.accept(receipt(5))
    hall.clock.time = NOW + timedelta(minutes=5, seconds=30)
    sweep(hall.context)
    assert RECEIVED not in hall.log.topics
    hall.clock.time = NOW + timedelta(minutes=7)
    sweep(hall.context)
    assert len(hall.log.topics[RECEIVED]) == 1


def test_sweep_that_fails_is_done_again(hall: Hall) -> None:
    """With the log away nothing is noted: the next sweep looks at the same minutes."""
    hall.accept(receipt(1))
    hall.clock.time = NOW + timedelta(minutes=10)
    publish = hall.log.publish

    def away(*_: Event) -> None:
        raise TryLater("log_away")

    cast("Any", hall.log).publish = away
    with pytest.raises(TryLater):
        sweep(hall.context)
    assert hall.ports.ledger.swept_until("main") == NOW
    cast("Any", hall.log).publish = publish
    sweep(hall.context)
    assert len(hall.log.topics[RECEIVED]) == 1


def test_pointer_to_nothing_is_nothing(hall: Hall) -> None:
    """A receipt that was taken back, or whose storing never ended, is not told of."""
    hall.accept(receipt(1))
    hall.blobs.delete(*next((b, k) for b in hall.blobs.blobs for k in hall.blobs.blobs[b] if "/receipts/" in k))
    hall.clock.time = NOW + timedelta(minutes=10)
    sweep(hall.context)
    assert RECEIVED not in hall.log.topics


def test_rebuilt_book_tells_the_same(hall: Hall) -> None:
    """From the store alone: every receipt with the standing of its record."""
    hall.accept(receipt(1))
    hall.accept(receipt(2))
    hall.write(1, "filing", held())
    hall.accept(receipt(3, doc=2))
    hall.write(2, "extraction", extraction(problem="encrypted"))
    hall.accept(receipt(4, doc=3))
    hall.write(3, "erased", erased())
    assert rebuild(hall.context) == 3
    assert stands(hall, 1)[:2] == stands(hall, 2)[:2] == ("held", "unsure")
    assert stands(hall, 3)[::2] == ("classifying", "encrypted")
    assert hall.ports.ledger.counts("main") == {"held": 1, "classifying": 1}
