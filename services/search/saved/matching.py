"""Searches that procedures keep: their new hits are told to the service that writes the procedures' inboxes.

What a procedure may see is asked of the index anew in each round: what is filed at its places, up to its level. A hit
is told before it is put down as known, under an id that follows from search and document: whoever dies in between, or
does it twice, tells the procedure nothing twice.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause
from services.core.messages.events import SearchMatched
from services.core.messages.procedures import Procedure, delivery_id
from services.core.model.accounts import Caller
from services.core.model.side_files import SavedSearch
from services.core.ports.entries import Viewer
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.search.asking import understood
from services.search.query import Paging
from services.search.saved import keeping
from services.search.saved.keeping import Wish
from services.search.saved.looking import KNOWN_AT_MOST, PAGE, news, seen_now

_OWNER = "procedure-"
"""Begins the folder of a procedure's searches; ids of accounts and keys begin otherwise."""


def owner_of(context: Context, one: Procedure) -> Caller:
    """Who asks for a procedure: it finds what is filed at its places now, and nothing of who else received it."""
    viewer = Viewer(
        account=f"{_OWNER}{one.name}",
        tenant=context.settings.tenant,
        protection=one.protection or HIGHEST_PROTECTION,
        procedure=one.name,
        places=one.places(context.plan),
    )
    return Caller(id=viewer.account, source=one.name, rights=frozenset({"search"}), viewer=viewer)


def save(context: Context, one: Procedure, wish: Wish) -> SavedSearch:
    """Keep a search for it; what it finds by now is not told.

    Rejected as for people's, and where it asks for what an office alone knows of a letter: way, year, who works on it.
    """
    filters = understood(context, wish.question, narrow=wish.filters, page=Paging()).filters
    if filters.channels or filters.years or filters.clerks or filters.due:
        raise Rejected("bad_query", fault="not_for_procedures", position=1, suggestion="")
    return keeping.save(context, owner_of(context, one), wish)


def tell_matches(context: Context) -> None:
    """A round over the searches of all procedures; TryLater while index, store or log is away."""
    for name in sorted(_owners(context)):
        one = context.procedures.named(name)
        caller = owner_of(context, one or Procedure(name=name))
        # Of one that takes part no more nothing stays of what it looked for.
        act = _tell if one else _forget
        for search in keeping.all_of(context, caller):
            with passing_unreadable(context, search.id):
                act(context, caller, search)


def _owners(context: Context) -> set[str]:
    above = keys.all_saved_searches(context.settings.tenant)
    folders = {key[len(above) :].partition("/")[0] for key in context.ports.blobs.keys(Bucket.RECORDS, above)}
    return {folder.removeprefix(_OWNER) for folder in folders if folder.startswith(_OWNER)}


def _tell(context: Context, caller: Caller, search: SavedSearch) -> None:
    told = set[str]()
    for found in _pages(context, caller, search):
        _publish(context, caller, search, found)
        told.update(found)
    if not told:
        return
    done = replace(search, known=(*search.known, *sorted(told)))
    if len(done.known) > KNOWN_AT_MOST:
        done = seen_now(context, caller.viewer, search)
        between = [document for document in done.known if document not in told and document not in search.known]
        _publish(context, caller, search, between)
    keeping.claim(context, caller, search, done)


def _forget(context: Context, caller: Caller, search: SavedSearch) -> None:
    keeping.remove(context, caller, search.id)


def _pages(context: Context, caller: Caller, search: SavedSearch) -> Iterator[list[str]]:
    """All new hits, page by page."""
    cursor = ""
    while True:
        hits = news(context, caller.viewer, search, limit=PAGE, cursor=cursor)
        yield [hit.document for hit in hits.items]
        cursor = hits.next
        if not cursor:
            return


def _publish(context: Context, caller: Caller, search: SavedSearch, documents: list[str]) -> None:
    tenant, name, now = context.settings.tenant, caller.source, context.ports.clock.now()
    events = [
        topics.emit(
            SearchMatched(document=document, procedure=name, search=search.id),
            cause=Cause(tenant, delivery_id(tenant, name, document, filing=search.id)),
            service="search",
            now=now,
        )
        for document in documents
    ]
    if events:
        context.ports.log.publish(*events)
