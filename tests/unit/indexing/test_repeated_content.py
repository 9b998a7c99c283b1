"""The same content again and again: a look at its record reads every receipt, so there are few looks."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Event
from services.indexing.handler import handle
from services.indexing.service import SERVICE as INDEXING
from services.runtime.context.service import Context, Service
from services.runtime.worker.loop import Worker
from tests.unit.contexts import Hall, receipt
from tests.unit.runtime.loop import NO_TIME

COPIES = 300


class Repeated:
    """Indexing over a store that counts what is read of receipts."""

    def __init__(self) -> None:
        self.hall = Hall("indexing")
        self.reads = self.looks = 0
        self._read = self.hall.blobs.read
        self.hall.blobs.read = self._counted  # type: ignore[method-assign]  # a fake's, to count
        self._count = 0
        self.start()

    def start(self) -> None:
        """A worker as after a start of the process; what the one before held is free again."""
        for group in self.hall.log.groups.values():
            group.leased.clear()
        reader = self.hall.log.reader("indexing", topics.worked_on("indexing"))
        service: Service = replace(INDEXING, handle=self._look)
        self.worker = Worker(service, self.hall.context, reader, monotonic=self.hall.clock.monotonic)

    def come(self, copies: int) -> None:
        """So many more receipts of the one document."""
        for _ in range(copies):
            self._count += 1
            self.hall.log.publish(self.hall.accept(receipt(self._count)))

    def work(self, seconds: float) -> None:
        """Turn after turn."""
        for _ in range(int(seconds * 2)):
            while self.worker.turn(NO_TIME):
                continue
            self.hall.loop.wait(0.5)

    def waiting(self) -> int:
        """What is not acknowledged."""
        return sum(self.hall.log.backlog("indexing", topics.worked_on("indexing")).values())

    def _counted(self, bucket: Bucket, key: str) -> bytes:
        self.reads += "/receipts/" in key
        return self._read(bucket, key)

    def _look(self, event: Event, context: Context) -> Sequence[Event]:
        self.looks += 1
        return handle(event, context)


@pytest.fixture
def repeated() -> Repeated:
    """Nothing came yet."""
    return Repeated()


def test_all_copies_that_wait_are_one_look(repeated: Repeated) -> None:
    """Also of the first batch after a start, of which each document is worked off by itself, marked."""
    repeated.come(COPIES)
    repeated.work(10)
    assert (repeated.looks, repeated.reads) == (1, COPIES)
    assert repeated.waiting() == 0


def test_copies_that_come_and_come_are_looked_at_less_and_less(repeated: Repeated) -> None:
    """Five minutes of them: a dozen looks, and the last of them is in the index within a minute."""
    repeated.work(1)
    for _ in range(COPIES):
        repeated.come(1)
        repeated.work(1)
    assert repeated.looks <= 12
    repeated.work(60)
    entry = repeated.hall.loop.index.entries["d" + "0" * 25 + "1"]
    assert len(entry.receipts) == COPIES


def test_patience_is_short_again_after_a_rest(repeated: Repeated) -> None:
    """A copy that comes alone, a quarter of an hour later, is in the index as soon as ever."""
    repeated.work(1)
    for _ in range(60):
        repeated.come(1)
        repeated.work(1)
    repeated.work(900)
    before = repeated.looks
    repeated.come(1)
    repeated.work(6)
    assert repeated.looks == before + 1


def test_copies_that_kill_the_process_are_given_up_together(repeated: Repeated) -> None:
    """The mark bears the oldest's id, which is the same after each start, whatever came meanwhile."""

    class Killed(BaseException):
        """The process is gone."""

    def die(*_: object) -> None:
        raise Killed

    write, repeated.hall.loop.index.write = repeated.hall.loop.index.write, die  # type: ignore[method-assign, assignment]
    for _ in range(3):
        repeated.come(10)
        with pytest.raises(Killed):
            repeated.worker.turn(NO_TIME)
        repeated.start()
    repeated.hall.loop.index.write = write  # type: ignore[method-assign]
    repeated.work(10)
    assert len(repeated.hall.log.topics[topics.dead_topic("indexing")]) == 30
    assert repeated.waiting() == 0
