"""A fresh index from the store alone, beside the living one; nobody who searches notices."""

from collections.abc import Iterator

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.ports.search_index import Rebuild
from services.indexing.entry import entry_of
from services.runtime.context.service import Context
from services.runtime.web.rebuilding import Tell

BATCH = 200


def rebuild(context: Context, tell: Tell = lambda _: None) -> int:
    """Read every record of the store into a fresh index, then switch; live events go into both meanwhile."""
    fresh = context.ports.index.rebuild()
    try:
        count = _fill(context, fresh, tell)
    except BaseException:
        fresh.abandon()
        raise
    fresh.switch()
    return count


def fill_fresh(context: Context) -> None:
    """Fill an index that began empty, whoever deleted it; a process that is killed over it begins again."""
    if context.ports.index.fresh:
        count = rebuild(context)
        context.log.info("index_filled", documents=count)


def _fill(context: Context, fresh: Rebuild, tell: Tell) -> int:
    count, batch = 0, []
    # Whoever put a plan in force asks for this at once, maybe before the news of it came here.
    context.configuration.refresh("plan")
    office_of = context.plan.office_of
    for document in documents_of(context):
        entry = entry_of(record.load(context.ports.blobs, context.settings.tenant, document), office_of)
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
