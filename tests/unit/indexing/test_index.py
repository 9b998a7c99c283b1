"""From records to the index: what an entry holds, and that live events and a rebuild give the same."""

import time
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest

from services.core import keys
from services.core.errors import Rejected, TryLater
from services.core.keys import Bucket
from services.core.messages.events import DocumentIndexed
from services.core.model import record
from services.core.model.record_files import MailHead, Part
from services.core.plan import file_plan
from services.core.plan.file_plan import EMPTY
from services.core.ports.entries import TOMBSTONE_VERSION, Entry
from services.core.protocol.receiving import received_event
from services.indexing.entry import entry_of
from services.indexing.handler import commit, handle
from services.indexing.rebuilding import documents_of, rebuild
from services.runtime.web.rebuilding import Rebuilding
from tests.unit.contexts import Hall, erased, extraction, filed, held, receipt
from tests.unit.runtime.loop import NOW, document


@pytest.fixture
def hall() -> Iterator[Hall]:
    """Nothing came in yet."""
    hall = Hall("indexing")
    yield hall
    hall.close()


def entry(hall: Hall, doc: int) -> Entry | None:
    """The entry of a document's record as it is now."""
    return entry_of(record.load(hall.blobs, "main", document(doc)), EMPTY)


def test_nobody_accepted_is_no_entry(hall: Hall) -> None:
    """Neither in the index nor told."""
    event = received_event(receipt(1), service="mail_intake", now=NOW)
    assert entry(hall, 1) is None
    assert handle(event, hall.context) == ()


def test_entry_before_anything_was_read(hall: Hall) -> None:
    """Findable at once by its name, for the offices of every occurrence, and marked as incomplete."""
    hall.accept(receipt(1, office="bauamt"))
    hall.accept(receipt(2, office="kasse", source="scanner"))
    found = entry(hall, 1)
    assert found
    assert (found.title, found.complete, found.state, found.version) == ("", False, "received", 2)
    assert [(each.office, each.name) for each in found.occurrences] == [("bauamt", "brief.eml"), ("kasse", "brief.eml")]
    assert found.sources == ("gateway", "scanner")
    assert set(found.offices) >= {"bauamt", "kasse"}
    assert (found.received_at, found.latest_at) == (receipt(1).received_at, receipt(2).received_at)


def test_entry_of_a_mail_that_was_read(hall: Hall) -> None:
    """What the author wrote is the body, everything else attachments; what could not be read is named."""
    hall.accept(receipt(1))
    mail = MailHead(subject="Antrag", sender="a@x", to=("b@x",), cc=("c@x",))
    parts = (
        Part(part="1", role="body", text="Guten Tag"),
        Part(part="2", name="plan.pdf", text="Grundriss"),
        Part(part="3", name="plan.pdf", role="inline", problem="encrypted"),
    )
    hall.write(1, "extraction", extraction(*parts, title="Antrag", mail=mail))
    hall.write(1, "filing", held())
    found = entry(hall, 1)
    assert found
    assert (found.title, found.sender, found.recipients) == ("Antrag", "a@x", ("b@x", "c@x"))
    assert (found.body, found.attachments) == ("Guten Tag", "Grundriss")
    assert found.names == ("plan.pdf",)
    assert found.problems == ("encrypted",)
    assert (found.state, found.reason, found.complete, found.version) == ("held", "unsure", True, 3)


def test_erased_document_is_a_tombstone_without_a_word(hall: Hall) -> None:
    """Above every version, and nothing of the document in it."""
    hall.accept(receipt(1))
    hall.write(1, "erased", erased())
    assert entry(hall, 1) == Entry(tenant="main", document=document(1), version=TOMBSTONE_VERSION, erased=True)


def test_event_brings_the_record_into_the_index(hall: Hall) -> None:
    """Written, then committed; the event that follows names the version that is found."""
    (told,) = handle(hall.accept(receipt(1)), hall.context)
    assert told.facts == DocumentIndexed(document=document(1), version=1)
    assert hall.ports.index.version_of(document(1)) is None
    commit(hall.context)
    assert hall.ports.index.version_of(document(1)) == 1


def test_told_again_of_a_later_version_it_is_no_repeat(hall: Hall) -> None:
    """The same version is: who knows the id of an event does not look at it twice."""
    hall.accept(receipt(1, office="bauamt"))
    event = received_event(receipt(1, office="bauamt"), service="mail_intake", now=NOW)
    (first,), (repeat,) = handle(event, hall.context), handle(event, hall.context)
    hall.accept(receipt(2, office="kasse", source="scanner"))
    (later,) = handle(event, hall.context)
    assert first.id == repeat.id != later.id
    assert later.facts == DocumentIndexed(document=document(1), version=2)


def test_repeat_tells_under_the_same_id(hall: Hall) -> None:
    """Readers recognise it."""
    event = hall.accept(receipt(1))
    assert handle(event, hall.context)[0].id == handle(event, hall.context)[0].id


def test_rebuild_gives_what_live_events_gave(hall: Hall) -> None:
    """Entry by entry, tombstones included."""
    events = [hall.accept(receipt(n, doc=n)) for n in range(1, 4)]
    hall.write(2, "extraction", extraction(Part(part="1", text="Text")))
    hall.write(3, "erased", erased())
    for event in events:
        handle(event, hall.context)
    commit(hall.context)
    live = dict(hall.loop.index.entries)
    hall.loop.index.entries.clear()
    assert rebuild(hall.context) == 3
    assert hall.loop.index.entries == live
    assert list(documents_of(hall.context)) == [document(n) for n in range(1, 4)]


def test_a_record_that_nobody_can_read_does_not_end_a_rebuild(hall: Hall) -> None:
    """Broken JSON or a stranger's file in its folder: it is told in the log, and all others are in the fresh index."""
    for n in range(1, 4):
        hall.accept(receipt(n, doc=n))
    hall.blobs.create(Bucket.RECORDS, keys.stage("main", document(1), "extraction", 1), b"{")
    stranger = keys.stage("main", document(2), "extraction", 1).replace("1.json", "copy.json")
    hall.blobs.create(Bucket.RECORDS, stranger, b"{}")
    assert rebuild(hall.context) == 1
    assert set(hall.loop.index.entries) == {document(3)}
    assert hall.loop.told().count("record_unreadable") == 2


def test_rebuild_goes_by_the_newest_plan_of_the_store(hall: Hall) -> None:
    """Also where the news of it has not come here yet: who activated it elsewhere asks for the rebuild at once."""
    hall.accept(receipt(1))
    hall.write(1, "filing", filed("52.10", office="bauamt"))
    position = file_plan.PlanPosition(code="52.10", title="Baugenehmigungen", office="kasse")
    plan = file_plan.FilePlan(name="Musterstadt", version="2", positions=(position,))
    hall.blobs.create(Bucket.RECORDS, keys.configuration("main", "plan", 1), msgspec.json.encode(plan))
    assert rebuild(hall.context) == 1
    assert hall.loop.index.entries[document(1)].offices == ("kasse", "poststelle")


def test_rebuild_that_fails_leaves_the_living_index(hall: Hall) -> None:
    """Searches go on as before, and the code of the reason is told."""
    handle(hall.accept(receipt(1)), hall.context)
    commit(hall.context)
    living = hall.loop.index.entries
    cast("Any", hall.blobs).keys = away
    rebuilding = Rebuilding(hall.context, rebuild)
    rebuilding.begin()
    deadline = time.monotonic() + 60
    while rebuilding.running and time.monotonic() < deadline:
        time.sleep(0.002)
    assert (rebuilding.running, rebuilding.failed) == (False, "store_away")
    assert hall.loop.index.entries is living


def test_one_rebuild_at_a_time(hall: Hall) -> None:
    """The second is refused."""
    rebuilding = Rebuilding(hall.context, rebuild, running=True)
    with pytest.raises(Rejected, match="already_running"):
        rebuilding.begin()


def away(*_: object) -> Iterator[str]:
    """The store cannot be read."""
    raise TryLater("store_away")
