"""The central act, in its worst moments: lost answers, lost races, a tombstone in between, a race that never ends."""

from datetime import UTC, datetime

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Cause, Event, event_id
from services.core.messages.events import DocumentIndexed
from services.core.messages.topics import emit
from services.core.model import record_files
from services.core.model.record import Record
from services.core.model.record_files import Decision, Erased
from services.core.protocol.revise import ROUNDS, Draft, revise
from tests.fakes.blob_store import MemoryBlobStore

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DOCUMENT = "d" + "0" * 26
EVENT = emit(DocumentIndexed(document=DOCUMENT, version=1), cause=Cause("main", "c", ""), service="indexing", now=NOW)
KEY = keys.stage("main", DOCUMENT, "decision", 1)


class Store(MemoryBlobStore):
    """A store whose answers to a `create` get lost, in one of two ways, or to which others write first."""

    def __init__(self, lost: str = "", rivals: int = 0) -> None:
        super().__init__()
        self._lost, self._rivals = lost, rivals

    def create(self, bucket: Bucket, key: str, content: object) -> bool:
        if self._rivals:
            self._rivals -= 1
            self.put(bucket, key, record_files.encode(_decision(f"rival-{self._rivals}")))
        assert isinstance(content, bytes)
        created = self.put(bucket, key, content)
        if self._lost == "silence":
            raise TryLater
        return created and not self._lost


def _decision(name: str) -> Decision:
    return Decision(
        decision=event_id(name, "decision"), decided_at=NOW, base_revision=1, action="no_record", actor="a-1"
    )


def _draft(found: Record) -> Draft:
    made = _decision("mine")
    return Draft(made=made, tell=lambda revision: (EVENT,) * revision)


def _told(store: MemoryBlobStore) -> list[Event]:
    return list(revise(store, EVENT, "decision", _draft))


@pytest.mark.parametrize("lost", ["", "refused", "silence"])
def test_a_writing_that_stands_is_told_whatever_became_of_its_answer(lost: str) -> None:
    """The repeat of a request whose answer was lost is told that somebody was first: it was ourselves."""
    assert _told(Store(lost)) == [EVENT]


def test_whoever_comes_second_decides_on_the_newer_state() -> None:
    """The revision of a rival is not ours: the next number is taken, and told."""
    store = Store(rivals=2)
    assert _told(store) == [EVENT] * 3
    assert len(list(store.keys(Bucket.RECORDS, keys.record("main", DOCUMENT)))) == 3


def test_a_race_that_is_lost_for_ever_ends() -> None:
    """The event is asked for again later, and the service goes on."""
    store = Store(rivals=ROUNDS)
    with pytest.raises(TryLater):
        _told(store)


def test_beside_a_tombstone_nothing_is_written_and_leftovers_go() -> None:
    """A crash may have left a revision that its writer had no time to take back."""
    store = MemoryBlobStore()
    store.put(Bucket.RECORDS, KEY, record_files.encode(_decision("left")))
    tombstone = Erased(erased_at=NOW, incarnation=1, decision=_decision("erased").decision)
    store.put(Bucket.RECORDS, keys.stage("main", DOCUMENT, "erased", 1), record_files.encode(tombstone))
    assert _told(store) == []
    assert store.size(Bucket.RECORDS, KEY) is None
