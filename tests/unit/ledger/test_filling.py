"""A book that is new, or was deleted, is written from the store, and nothing that was never told stays untold."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model import record_files
from services.core.model.documents import BytesIdentity
from services.core.model.record_files import Extraction
from services.core.ports.bundle import Ports
from services.core.protocol.receiving import Accepted, Arrival, receive
from services.ledger.sweeper import sweep
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context
from services.settings import load
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.search_index import MemorySearchIndex

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Archive:
    """A ledger service over a store in memory, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.time = START
        self.told: list[Event] = []
        self.blobs, self.index, self.book = MemoryBlobStore(), MemorySearchIndex(), SqliteLedgerStore(None)
        nothing = cast("Any", None)
        clock = cast("Any", SimpleNamespace(now=lambda: self.time))
        self.ports = Ports(
            log=cast("Any", SimpleNamespace(publish=lambda *events: self.told.extend(events), backlog=lambda *_: {})),
            blobs=self.blobs,
            extractor=nothing,
            ocr=nothing,
            index=self.index,
            ledger=self.book,
            clock=clock,
        )
        self.context = Context(
            service="ledger",
            ports=self.ports,
            settings=load(storage={"folder": folder}),
            configuration=Configuration(self.blobs, tenant="main"),
            log=silent_logger(),
        )

    def receive(self, content: bytes) -> Accepted:
        """A scan that is stored, and of which no event tells."""
        identity = BytesIdentity()
        identity.update(content)
        arrival = Arrival(
            tenant="main",
            channel="scan",
            source="scanner-1",
            media_type="application/pdf",
            content=BytesIO(content),
            identity=identity,
        )
        return receive(arrival, blobs=self.blobs, clock=self.ports.clock)

    def read(self, accepted: Accepted) -> None:
        """Its event was told: it has been read."""
        made = Extraction(cause=accepted.event.id, made_at=self.time, complete=True, extractor_version="1")
        self.blobs.create(
            Bucket.RECORDS, keys.stage("main", accepted.document, "extraction", 1), record_files.encode(made)
        )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty one."""
    return Archive(tmp_path)


def test_a_new_book_is_written_from_the_whole_store(archive: Archive) -> None:
    """Also what came in long ago, with its state; what was read is not told again."""
    old = archive.receive(b"one")
    archive.time += timedelta(seconds=5)
    archive.read(old)
    archive.time += timedelta(days=400)
    sweep(archive.context)
    line = archive.book.find("main", old.receipt)
    assert line is not None
    assert (line.document, line.state) == (old.document, "classifying")
    assert archive.told == []


def test_what_was_never_told_is_told_before_the_book_knows_it(archive: Archive) -> None:
    """A receipt without a reading, and one that came after the reading, may have died with their process."""
    first, unread = archive.receive(b"one"), archive.receive(b"two")
    archive.time += timedelta(seconds=5)
    archive.read(first)
    archive.time += timedelta(days=1)
    again = archive.receive(b"one")
    archive.time += timedelta(days=3)
    sweep(archive.context)
    assert {event.id for event in archive.told} == {unread.event.id, again.event.id}
    assert archive.book.find("main", unread.receipt) is not None


def test_a_book_is_filled_behind_the_index(archive: Archive) -> None:
    """While the index is being filled the book waits: it notes what the index holds."""
    accepted = archive.receive(b"one")
    archive.index.fresh = True
    with pytest.raises(TryLater):
        sweep(archive.context)
    assert archive.book.find("main", accepted.receipt) is None
    archive.index.fresh = False
    sweep(archive.context)
    assert archive.book.find("main", accepted.receipt) is not None


def test_a_book_is_filled_once(archive: Archive) -> None:
    """From then on the sweeper looks at what arrived since; what it finds unknown it tells, and notes nothing."""
    sweep(archive.context)
    archive.time += timedelta(minutes=5)
    accepted = archive.receive(b"one")
    archive.time += timedelta(minutes=5)
    sweep(archive.context)
    assert [event.id for event in archive.told] == [accepted.event.id]
    assert archive.book.find("main", accepted.receipt) is None


def test_a_record_that_nobody_can_read_holds_no_round_up(archive: Archive) -> None:
    """Neither the filling nor a sweep: what lies behind it is noted and told all the same."""
    broken, sound = archive.receive(b"one"), archive.receive(b"two")
    spoil(archive, broken)
    sweep(archive.context)
    assert archive.book.find("main", sound.receipt) is not None
    archive.time += timedelta(minutes=5)
    archive.told.clear()
    late = [archive.receive(content) for content in (b"three", b"four", b"five")]
    spoil(archive, min(late, key=lambda one: one.receipt))
    archive.time += timedelta(minutes=5)
    sweep(archive.context)
    assert len(archive.told) == 2


def spoil(archive: Archive, accepted: Accepted) -> None:
    """A receipt that is no JSON any more."""
    key = keys.receipt("main", accepted.document, accepted.receipt)
    archive.blobs.delete(Bucket.RECORDS, key)
    archive.blobs.create(Bucket.RECORDS, key, b"{")
