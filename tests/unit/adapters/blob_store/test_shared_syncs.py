"""Shared folder syncs: whoever joins one is as durable, or as much out of luck, as if the sync were its own."""

import errno
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from services.adapters.blob_store import file_system
from services.adapters.blob_store.file_system import FAILURES, SharedSyncs
from services.adapters.blob_store.files import FileBlobStore
from services.core.errors import StoreFull, TryLater
from services.core.keys import Bucket

PATIENCE_SECONDS = 90


class Turn:
    """A sync that has begun and ends as the test says."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._answer: queue.Queue[Exception | None] = queue.Queue()

    def end(self, failure: Exception | None = None) -> None:
        """Let it end."""
        self._answer.put(failure)

    def wait(self) -> None:
        """What the syncing thread does meanwhile."""
        if failure := self._answer.get(timeout=PATIENCE_SECONDS):
            raise failure


class Disk:
    """Stands in for the disk: hands the test each sync that begins, and each caller that waits for another's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: queue.Queue[Turn] = queue.Queue()
        self.waiting = threading.Semaphore(0)
        self.wait_failure: Exception | None = None
        """What the next caller that waits is struck by, once the test lets it."""
        self.strike = threading.Event()
        monkeypatch.setattr(file_system, "_sync", self._sync)
        monkeypatch.setattr(file_system, "_Sync", self._watched(file_system._Sync))

    def next(self) -> Turn:
        """The next sync that begins."""
        return self.begun.get(timeout=PATIENCE_SECONDS)

    def await_waiting(self, callers: int = 1) -> None:
        """Until so many more callers wait."""
        for _ in range(callers):
            assert self.waiting.acquire(timeout=PATIENCE_SECONDS), "nobody waits"

    def _sync(self, folder: str) -> None:
        turn = Turn(folder)
        self.begun.put(turn)
        turn.wait()

    def _watched(self, make: Callable[[], file_system._Sync]) -> Callable[[], file_system._Sync]:
        disk = self

        class Watched(file_system._End):
            def __init__(self) -> None:
                super().__init__()
                self.over = threading.Event()

            def set(self) -> None:
                super().set()
                self.over.set()

            def wait(self) -> None:
                failure, disk.wait_failure = disk.wait_failure, None
                disk.waiting.release()
                if failure is not None:
                    disk.strike.wait(PATIENCE_SECONDS)
                    raise failure
                assert self.over.wait(PATIENCE_SECONDS), "a lost wake-up"
                super().wait()

        def made() -> file_system._Sync:
            sync = make()
            sync.over = Watched()
            return sync

        return made


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


class Callers:
    """Threads that sync through one table, in the words of the store."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.syncs = SharedSyncs()
        self._threads = threads

    def call(self, folder: str = "a") -> Future[None]:
        """One more caller."""
        return self._threads.submit(self._sync, folder)

    def _sync(self, folder: str) -> None:
        with FAILURES:
            self.syncs.sync(folder)

    def forgotten(self) -> bool:
        """Whether nothing is kept of what is over."""
        return not self.syncs._running and not self.syncs._next


@pytest.fixture
def callers(threads: ThreadPoolExecutor) -> Callers:
    return Callers(threads)


def ended(future: Future[None]) -> BaseException | None:
    return future.exception(PATIENCE_SECONDS)


def test_a_running_sync_is_not_joined(disk: Disk, callers: Callers) -> None:
    """Who comes while a sync runs is durable only after the next one, which one thread runs for all of them."""
    first = callers.call()
    running = disk.next()
    late = [callers.call() for _ in range(5)]
    disk.await_waiting(5)
    running.end()
    assert ended(first) is None
    shared = disk.next()
    assert not any(caller.done() for caller in late)
    shared.end()
    assert [ended(caller) for caller in late] == [None] * 5
    assert disk.begun.empty()
    assert callers.forgotten()


def test_a_shared_sync_that_began_is_not_joined(disk: Disk, callers: Callers) -> None:
    """A sync that several share is closed to newcomers once it runs, as the first one is."""
    first = callers.call()
    running = disk.next()
    second = callers.call()
    disk.await_waiting()
    running.end()
    shared = disk.next()
    third = callers.call()
    disk.await_waiting()
    shared.end()
    assert ended(first) is ended(second) is None
    last = disk.next()
    assert not third.done()
    last.end()
    assert ended(third) is None
    assert callers.forgotten()


def test_folders_do_not_wait_for_each_other(disk: Disk, callers: Callers) -> None:
    """A slow sync holds up its own folder only."""
    slow = callers.call("slow")
    held = disk.next()
    quick = callers.call("quick")
    turn = disk.next()
    assert turn.folder == "quick"
    turn.end()
    assert ended(quick) is None
    assert not slow.done()
    held.end()
    assert ended(slow) is None


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OSError(errno.ENOSPC, "full"), StoreFull),
        (OSError(errno.EIO, "broken"), TryLater),
        (OSError("without a number"), TryLater),
    ],
)
def test_a_failure_is_shared(disk: Disk, callers: Callers, failure: OSError, told: type[TryLater]) -> None:
    """A failed sync fails everybody who shares it, each by an own exception, and nobody else."""
    first = callers.call()
    running = disk.next()
    sharing = [callers.call() for _ in range(4)]
    disk.await_waiting(4)
    running.end()
    shared = disk.next()
    later = callers.call()
    disk.await_waiting()
    shared.end(failure)
    assert ended(first) is None
    failures = [ended(caller) for caller in sharing]
    assert {type(each) for each in failures} == {told}
    assert len({id(each.__cause__) for each in failures if each is not None}) == 4
    disk.next().end()
    assert ended(later) is None
    assert callers.forgotten()


def test_the_failure_of_an_earlier_sync_is_not_ours(disk: Disk, callers: Callers) -> None:
    """Who waits for a sync that fails runs its own all the same."""
    first = callers.call()
    running = disk.next()
    second = callers.call()
    disk.await_waiting()
    running.end(OSError(errno.EIO, "broken"))
    disk.next().end()
    assert isinstance(ended(first), TryLater)
    assert ended(second) is None
    assert callers.forgotten()


def test_a_sync_that_dies_is_not_durable(disk: Disk, callers: Callers) -> None:
    """Whatever ends a syncing thread, those who share its sync try later, and the next caller syncs anew."""
    callers.call()
    running = disk.next()
    leader = callers.call()
    disk.await_waiting()
    sharing = callers.call()
    disk.await_waiting()
    running.end()
    disk.next().end(MemoryError())
    assert isinstance(ended(leader), MemoryError)
    assert isinstance(ended(sharing), TryLater)
    assert callers.forgotten()
    again = callers.call()
    disk.next().end()
    assert ended(again) is None


def test_a_caller_that_dies_waiting_strands_nobody(disk: Disk, callers: Callers) -> None:
    """If the one who would run the next sync dies before it, those who share it try later; newcomers find another."""
    first = callers.call()
    running = disk.next()
    disk.wait_failure = MemoryError()
    leader = callers.call()
    disk.await_waiting()
    sharing = callers.call()
    disk.await_waiting()
    disk.strike.set()
    assert isinstance(ended(leader), MemoryError)
    assert isinstance(ended(sharing), TryLater)
    newcomer = callers.call()
    disk.await_waiting()
    running.end()
    assert ended(first) is None
    disk.next().end()
    assert ended(newcomer) is None
    assert callers.forgotten()


def test_a_store_shares_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor) -> None:
    """Blobs whose folder could not be synced are not accepted, whoever ran the sync; the one before them is."""
    store = FileBlobStore(tmp_path)
    assert store.create(Bucket.ORIGINALS, "amt/0", b"0")
    disk = Disk(monkeypatch)
    creates = [threads.submit(store.create, Bucket.ORIGINALS, "amt/1", b"1")]
    running = disk.next()
    for number in (2, 3):
        creates.append(threads.submit(store.create, Bucket.ORIGINALS, f"amt/{number}", b""))
        disk.await_waiting()
    running.end()
    disk.next().end(OSError(errno.ENOSPC, "full"))
    assert creates[0].result(PATIENCE_SECONDS)
    assert {type(create.exception(PATIENCE_SECONDS)) for create in creates[1:]} == {StoreFull}
    again = threads.submit(store.create, Bucket.ORIGINALS, "amt/3", b"")
    disk.next().end()
    assert again.result(PATIENCE_SECONDS) is False
