"""A fresh index from the store alone, beside the living one; nobody who searches notices."""

from collections.abc import Iterator

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.ports.search_index import Rebuild
from services.indexing.entry import entry_of
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.web.rebuilding import Tell, silent

BATCH = 200
FOLLOWED = "indexed_plan"
"""Where the versions of the plan are noted that the index was written by."""


def rebuild(context: Context, tell: Tell = silent) -> int:
    """Read every record of the store into a fresh index, then switch; live events go into both meanwhile."""
    # Whoever put a plan in force asks for this at once, maybe before the news of it came here.
    version = context.configuration.refresh("plan")
    fresh = context.ports.index.rebuild()
    try:
        count = _fill(context, fresh, tell)
    except BaseException:
        fresh.abandon()
        raise
    fresh.switch()
    note_followed(context, version)
    return count


def followed(context: Context) -> int:
    """The version of the plan that the index was written by, 0 where nobody noted one."""
    found = context.ports.blobs.keys(Bucket.RECORDS, keys.configurations(context.settings.tenant, FOLLOWED))
    return max((keys.number_in(key) for key in found), default=0)


def note_followed(context: Context, version: int) -> None:
    """Note that the index goes by this version of the plan, for all processes."""
    if version:
        context.ports.blobs.create(
            Bucket.RECORDS, keys.configuration(context.settings.tenant, FOLLOWED, version), b"{}"
        )


def fill_fresh(context: Context) -> None:
    """Fill an index that began empty, whoever deleted it; a process that is killed over it begins again."""
    if context.ports.index.fresh:
        count = rebuild(context)
        context.log.info("index_filled", documents=count)


def _fill(context: Context, fresh: Rebuild, tell: Tell) -> int:
    count, batch = 0, []
    plan = context.plan
    for document in documents_of(context):
        entry = None
        with passing_unreadable(context, document):
            entry = entry_of(record.load(context.ports.blobs, context.settings.tenant, document), plan)
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


def documents_of(context: Context) -> Iterator[str]:
    """Every document that has a record folder, once."""
    prefix = keys.documents(context.settings.tenant)
    last = ""
    for key in context.ports.blobs.keys(Bucket.RECORDS, prefix):
        document = key[len(prefix) :].partition("/")[0]
        if document != last:
            yield document
            last = document
