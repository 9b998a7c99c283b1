"""New hits of saved searches, told by mail to whoever wished it: that there are some, never what they say.

What is new is asked with the rights that the owner has at that moment. Before a mail goes out the hits that it tells of
are put down, so whoever dies on the way tells nobody twice: at the worst a mail is not sent, and the hits stay new on
the desk. Of any number of processes one tells, for the revision that claims it is created once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from msgspec.structs import replace

from services.core.model import accounts
from services.core.model.accounts import Accounts, Caller, caller_of, represented_by
from services.core.model.side_files import SavedSearch
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable
from services.search.saved import keeping
from services.search.saved.looking import PAGE, news

EVERY = timedelta(minutes=5)
REST = timedelta(hours=1)
"""Between two mails about one search: a hundred letters of a morning are one piece of news, and no mail that comes back
to us as a letter makes another at once."""
UNSURE_AFTER = timedelta(minutes=10)
"""Whoever has been at a mail for longer died over it."""
SUBJECT = "Poststelle: neue Treffer"


def tell_news(context: Context) -> None:
    """A round over all saved searches; TryLater while index or store is away."""
    if not context.settings.outgoing_mail.relay:
        return
    wished = ((caller, one) for caller in _searchers(context) for one in keeping.all_of(context, caller) if one.mail)
    for caller, search in wished:
        goes_on = True
        with passing_unreadable(context, search.id):
            goes_on = _told(context, caller, search)
        if not goes_on:
            return  # the relay is away for all of them


def _searchers(context: Context) -> Iterator[Caller]:
    """Everybody who may search now, as they would come by themselves."""
    everybody = cast("Accounts", context.configuration.parsed("accounts", accounts.decode) or Accounts())
    now, tenant = context.ports.clock.now(), context.settings.tenant
    for account in everybody.accounts:
        if not account.disabled:
            yield caller_of(account, tenant, represented_by(everybody, account.id, now)).using(("search",))
    for key in everybody.keys:
        if not key.revoked:
            yield caller_of(key, tenant)


def _told(context: Context, caller: Caller, search: SavedSearch) -> bool:
    """Whether the round may go on: False where the relay takes nothing at the moment."""
    now = context.ports.clock.now()
    if search.telling_since and now >= search.telling_since + UNSURE_AFTER:
        context.log.warning("alert_unsure", search=search.id)
        keeping.revise(context, caller, search.id, lambda found: replace(found, telling_since=None))
        return True
    fresh = _fresh(context, caller, search, now)
    if not fresh:
        return True
    claimed = replace(search, told=fresh, told_at=now, telling_since=now)
    if not keeping.claim(context, caller, search, claimed):
        return True
    outcome = _sent(context, search, len(fresh), now)
    done = replace(claimed, telling_since=None)
    if outcome == "away":
        done = replace(done, told=search.told, told_at=search.told_at)
    else:
        context.log.info("alert_told", search=search.id, outcome=outcome)
    standing = {"told": done.told, "told_at": done.told_at, "telling_since": None}
    keeping.revise(context, caller, search.id, lambda found: replace(found, **standing))
    return outcome != "away"


def _fresh(context: Context, caller: Caller, search: SavedSearch, now: datetime) -> tuple[str, ...]:
    """The new hits where one of them was not told of yet; none where there is nothing to tell, or not now."""
    resting = search.telling_since is not None or (search.told_at and now < search.told_at + REST)
    if resting or "search" not in caller.rights or not context.ports.mail.may_have(search.mail):
        return ()
    found = tuple(hit.document for hit in news(context, caller.viewer, search, limit=PAGE).items)
    return found if set(found).difference(search.told) else ()


def _sent(context: Context, search: SavedSearch, count: int, now: datetime) -> str:
    settings = context.settings
    hits = f"{count} neue Treffer" if count > 1 else "1 neuen Treffer"
    some = f"mindestens {hits}" if count >= PAGE else hits
    lines = (
        "Guten Tag,",
        "",
        f"in einer gespeicherten Suche gibt es {some}:",
        f"{settings.http.address(settings.http.port)}/suche/gespeichert/{search.id}",
        "",
        "Was gefunden wurde, steht nur in der Poststelle. Dort schalten Sie diese Nachrichten auch ab.",
    )
    stamp = f"{search.id}.{int(now.timestamp())}"
    return context.ports.mail.send(search.mail, SUBJECT, "\n".join((*lines, "")), stamp)
