"""Documents are given their points of meaning after their words are found: later is fine, never in front of them.

Which of them have none is asked of the index itself, so neither a restart nor a rebuild nor another model forgets one.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from weakref import WeakKeyDictionary

import msgspec

from services.core.model import record
from services.core.ports.entries import Entry, Filters, Hits, Query, Viewer
from services.core.vocabulary import HIGHEST_PROTECTION
from services.indexing.entry import entry_of
from services.runtime.context.configuration import Configuration
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.runtime.meaning import encoder, passages

EVERY = timedelta(seconds=5)
SPELL_S = 1.0
"""Of each round: a fifth of one core at most, for the post goes on beside it."""
BATCH = 20
AT_REST = ("held", "filed", "no_record")
"""What is on its way gets its text or its place in a moment, and would be looked at twice."""
_REST_S = 600.0

_resting: "WeakKeyDictionary[Configuration, float]" = WeakKeyDictionary()
"""Until when a process does not try again to read weights that are broken."""


def give_meaning(context: Context) -> None:
    """Make the points of documents that have none of this model, the newest first, for a while; the next round goes on.

    TryLater while index or store is away.
    """
    until, index = time.monotonic() + SPELL_S, context.ports.index
    resting = _resting.get(context.configuration, 0.0) > time.monotonic()
    if resting or not context.settings.search.meaning or index.fresh:
        return
    for hits in _lacking(context):
        try:
            written = [entry for hit in hits.items if (entry := _with_points(context, hit.document))]
        except encoder.Unusable:
            _resting[context.configuration] = time.monotonic() + _REST_S
            context.log.warning("encoder_unusable")
            return
        index.write(written)
        index.commit()
        if time.monotonic() > until:
            return


def _lacking(context: Context) -> Iterator[Hits]:
    """Pages of documents without points; those that cannot be read are passed, and met again in the next round."""
    tenant = context.settings.tenant
    viewer = Viewer(account="indexing", tenant=tenant, all_offices=True, protection=HIGHEST_PROTECTION)
    query = Query(filters=Filters(states=AT_REST, not_meant_by=passages.MODEL), sort="newest", limit=BATCH)
    hits = context.ports.index.search(query, viewer)
    while hits.items:
        yield hits
        if not hits.next:
            return
        hits = context.ports.index.search(msgspec.structs.replace(query, cursor=hits.next), viewer)


def _with_points(context: Context, document: str) -> Entry | None:
    """The entry of its record as it is now; None where nobody can read that."""
    found = None
    with passing_unreadable(context, document):
        found = entry_of(record.load(context.ports.blobs, context.settings.tenant, document), context.plan)
    return meant(found) if found and not found.erased else found


def meant(entry: Entry) -> Entry:
    """The entry with the points of its passages; Unusable where the encoder's weights cannot be read."""
    texts = passages.passages(entry.title, f"{entry.body}\n{entry.attachments}")
    if not texts:
        return msgspec.structs.replace(entry, meant_by=passages.MODEL)
    points = encoder.encoded(texts)
    return msgspec.structs.replace(
        entry, meant=passages.packed(points), meant_by=passages.MODEL, near=passages.landmarks_of(points)
    )
