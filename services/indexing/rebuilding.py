"""A fresh index from the store alone, beside the living one; nobody who searches notices."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.core import keys, record
from services.core.errors import Rejected, TryLater
from services.core.keys import Bucket
from services.core.ports import Rebuild
from services.indexing.entry import entry_of
from services.runtime.observing import where
from services.runtime.service import Room

BATCH = 200


@dataclass(slots=True)
class Rebuilding:
    """At most one rebuild of this process, and how far it is."""

    room: Room
    running: bool = False
    done: int = 0
    failed: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Start in the background; Rejected while one runs."""
        with self._lock:
            if self.running:
                raise Rejected("already_running")
            self.running, self.done, self.failed = True, 0, ""
        threading.Thread(target=self._run, name="rebuild", daemon=True).start()

    def _run(self) -> None:
        try:
            self.done = rebuild(self.room, self)
        except TryLater as error:
            self.failed = error.code
        except Exception as error:  # noqa: BLE001  # told on the status page; the living index goes on
            self.room.log.error("rebuild_failed", **where(error))
            self.failed = "internal"
        finally:
            self.running = False


def rebuild(room: Room, progress: Rebuilding | None = None) -> int:
    """Read every record of the store into a fresh index, then switch; live events go into both meanwhile."""
    fresh = room.ports.index.rebuild()
    try:
        count = _fill(room, fresh, progress)
    except BaseException:
        fresh.abandon()
        raise
    fresh.switch()
    return count


def fill_fresh(room: Room) -> None:
    """Fill an index that began empty, whoever deleted it; a process that is killed over it begins again."""
    if room.ports.index.fresh:
        count = rebuild(room)
        room.log.info("index_filled", documents=count)


def _fill(room: Room, fresh: Rebuild, progress: Rebuilding | None) -> int:
    count, batch = 0, []
    office_of = room.plan.office_of
    for document in documents_of(room):
        entry = entry_of(record.load(room.ports.blobs, room.settings.tenant, document), office_of)
        if entry is None:
            continue
        batch.append(entry)
        count += 1
        if len(batch) >= BATCH:
            fresh.write(batch)
            batch = []
        if progress:
            progress.done = count
    fresh.write(batch)
    return count


def documents_of(room: Room) -> Iterator[str]:
    """Every document that has a record folder, once."""
    prefix = keys.documents(room.settings.tenant)
    last = ""
    for key in room.ports.blobs.keys(Bucket.RECORDS, prefix):
        document = key[len(prefix) :].partition("/")[0]
        if document != last:
            yield document
            last = document
