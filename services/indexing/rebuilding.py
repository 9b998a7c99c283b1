"""A fresh index from the store alone, beside the living one; nobody who searches notices."""

from collections.abc import Iterator

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.ports.search_index import Rebuild
from services.indexing.entry import entry_of
from services.runtime.context.service import Room
from services.runtime.web.rebuilding import Tell

BATCH = 200


def rebuild(room: Room, tell: Tell = lambda _: None) -> int:
    """Read every record of the store into a fresh index, then switch; live events go into both meanwhile."""
    fresh = room.ports.index.rebuild()
    try:
        count = _fill(room, fresh, tell)
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


def _fill(room: Room, fresh: Rebuild, tell: Tell) -> int:
    count, batch = 0, []
    # Whoever put a plan in force asks for this at once, maybe before the news of it came here.
    room.configuration.refresh("plan")
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
        tell(count)
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
