"""What a saved search finds that was not there at the last look: one question to the index, with the rights of now.

A hit is new by what was known, not by when it came: a scan that is read today and a letter that is filed to the office
today are new today, whenever they arrived. Of a search with more hits than are remembered, only what arrived after the
oldest of the newest ones counts. What is asked for is all words, or the exact ones; the looser steps raise no alert.
"""

from datetime import timedelta

import msgspec

from services.core.model.side_files import SavedSearch
from services.core.ports.entries import Hits, Match, Query, Viewer
from services.runtime.context.service import Context
from services.search.asking import understood
from services.search.query import Paging

REMEMBERED = 500
"""Hits that are known by name."""
KNOWN_AT_MOST = 1_000
"""With those that were seen since, one by one; the index is asked to leave out no more."""
PAGE = 100


def news(context: Context, viewer: Viewer, saved: SavedSearch, *, limit: int = 1, cursor: str = "") -> Hits:
    """The new hits, newest first, and in `total` how many there are: none that the viewer may not see by now."""
    query = msgspec.structs.replace(_query(context, saved, limit=limit), cursor=cursor)
    filters = query.filters
    starts = [moment for moment in (filters.received_from, saved.since) if moment]
    filters = msgspec.structs.replace(filters, not_documents=saved.known, received_from=max(starts) if starts else None)
    return context.ports.index.search(msgspec.structs.replace(query, filters=filters), viewer)


def seen_now(context: Context, viewer: Viewer, saved: SavedSearch) -> SavedSearch:
    """The same search, with all of its hits known."""
    query, known, oldest = _query(context, saved, limit=PAGE), list[str](), None
    while len(known) < REMEMBERED:
        hits = context.ports.index.search(query, viewer)
        known += [hit.document for hit in hits.items]
        oldest = hits.items[-1].received_at if hits.items else oldest
        if not hits.next:
            oldest = None
            break
        query = msgspec.structs.replace(query, cursor=hits.next)
    since = oldest + timedelta(milliseconds=1) if oldest else None
    now = context.ports.clock.now()
    return msgspec.structs.replace(saved, seen_at=now, known=tuple(dict.fromkeys(known)), since=since)


def _query(context: Context, saved: SavedSearch, *, limit: int) -> Query:
    match: Match = "exact" if saved.exact else "all"
    page = Paging(sort="newest", limit=limit, match=match)
    return understood(context, saved.question, narrow=saved.filters, page=page)
