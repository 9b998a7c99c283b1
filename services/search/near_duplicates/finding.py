"""Near-duplicates of a document that the viewer may see: likely ones from the index, each then held against it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace
from pydantic import BaseModel

from services.core.errors import Rejected, TryLater
from services.core.language import sketch
from services.core.model import record
from services.core.model.record import Record
from services.core.ports.entries import Filters, Hit, Query, Sort, Viewer
from services.core.protocol.near_duplicates import Resemblance, resemblance, sketch_of
from services.runtime.access.visibility import known, occurrence_of, title_for
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext

LIKELY = 50
"""Of the documents that share a band so many that came before, and so many that came after, are looked at: the same
letter comes within days, and of a form there are thousands."""
LEAST_LIKENESS = 0.25
"""Of the sketches, below which no record is read."""
COMPARED, SHOWN = 12, 5
_MOMENT = timedelta(milliseconds=1)


class NearDuplicate(BaseModel):
    """A document that may be the same letter, and why."""

    document: str
    title: str
    channel: str
    received_at: datetime | None
    state: str
    share: float
    """Of the words of the shorter text, in pairs, those that the other has as well, from 0 to 1."""
    reason: str
    """The sentence for people, behind "weil"."""


def near_duplicates(context: Context, viewer: Viewer, found: Record) -> list[NearDuplicate]:
    """The most alike first; TryLater while the index is away. Rights are asked for by the index and by each record."""
    own = sketch_of(found.extraction) if found.extraction else b""
    bands = sketch.bands_of(own)
    if not bands:
        return []
    likely = {hit.document: sketch.likeness(own, hit.sketch) for hit in _sharing(context, viewer, found, bands)}
    best = sorted((document for document in likely if likely[document] >= LEAST_LIKENESS), key=likely.__getitem__)
    told = [each for document in best[: -COMPARED - 1 : -1] if (each := _told(context, viewer, found, document))]
    return sorted(told, key=lambda each: each.share, reverse=True)[:SHOWN]


def near_duplicates_or_none(context: Context, viewer: Viewer, found: Record) -> list[NearDuplicate] | None:
    """The same for a page that is shown while the index is away, and then says so: None."""
    try:
        return near_duplicates(context, viewer, found)
    except TryLater:
        return None


def _sharing(context: Context, viewer: Viewer, found: Record, bands: tuple[str, ...]) -> Iterator[Hit]:
    came = found.receipts[0].received_at
    others = Filters(bands=bands, not_documents=(found.document,))
    earlier: tuple[Filters, Sort] = replace(others, received_before=came + _MOMENT), "newest"
    later: tuple[Filters, Sort] = replace(others, received_from=came), "oldest"
    for filters, sort in (earlier, later):
        yield from context.ports.index.search(Query(filters=filters, sort=sort, limit=LIKELY), viewer).items


def _told(context: Context, viewer: Viewer, found: Record, document: str) -> NearDuplicate | None:
    try:
        other = known(context, viewer, document)
    except Rejected:  # erased, or another's since the index was written
        return None
    alike = resemblance(found, other)
    if alike is None:
        return None
    own = occurrence_of(other, viewer)
    return NearDuplicate(
        document=document,
        title=title_for(other, viewer),
        channel=own.channel if own else "",
        received_at=own.received_at if own else None,
        state=record.standing(other).state,
        share=round(alike.share, 3),
        reason=_reason(alike),
    )


def _reason(alike: Resemblance) -> str:
    whole = alike.share == 1.0
    part = gettext("{share} % des Textes übereinstimmen").format(share=int(100 * alike.share))
    words = gettext("der ganze Text übereinstimmt") if whole else part
    if alike.other_numbers:
        return gettext("{words}, bis auf eine Zahl").format(words=words)
    if alike.numbers > 1:
        return gettext("{words} und auch die Zahlen darin gleich sind").format(words=words)
    return words
