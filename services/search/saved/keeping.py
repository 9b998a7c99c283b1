"""Saved searches of an account or key: revisions in the store, of which the newest counts.

They hold the question and which hits were there at the last look, never what those say. Nobody but who saved them reads
them, and what they find is asked with the rights of whoever looks, at the time of looking.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.accounts import Caller
from services.core.model.side_files import SavedSearch
from services.runtime.context.service import Context
from services.search.asking import understood
from services.search.query import Paging
from services.search.saved.looking import KNOWN_AT_MOST, seen_now

MOST = 20
"""Of one account: each is a question to the index whenever somebody looks what is new."""
LONGEST_NAME = 80
MOST_FILTERS = 20
LONGEST_FILTER = 300
DOCUMENT = re.compile(vocabulary.DocumentId.__metadata__[0].pattern)  # type: ignore[attr-defined]  # the word's own
_ATTEMPTS = 5
"""Revisions that the same person may write elsewhere meanwhile."""


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody wants to keep: a name, the line as typed, and the filters beside it."""

    name: str
    question: str = ""
    filters: tuple[str, ...] = ()
    exact: bool = False
    mail: str = ""


def all_of(context: Context, caller: Caller) -> Sequence[SavedSearch]:
    """The caller's own, by name."""
    newest = _newest(context, keys.saved_searches(context.settings.tenant, caller.id))
    found = [one for key in newest.values() if (one := _read(context, key))]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def one_of(context: Context, caller: Caller, search: str) -> SavedSearch:
    """One of the caller's own; Rejected `not_found` where it is not, or is somebody else's."""
    return _latest(context, caller, search)[1]


def save(context: Context, caller: Caller, wish: Wish) -> SavedSearch:
    """Keep a question; all hits that it has by now are known. Rejected where it is malformed or there are too many."""
    checked = _checked(context, wish)
    if len(_newest(context, keys.saved_searches(context.settings.tenant, caller.id))) >= MOST:
        raise Rejected("too_many_saved", most=MOST)
    now = context.ports.clock.now()
    bare = SavedSearch(id=str(uuid.uuid4()), actor=caller.id, name=checked.name, saved_at=now, seen_at=now)
    made = seen_now(context, caller.viewer, _wished(bare, checked))
    _create(context, made, 1)
    return made


def change(context: Context, caller: Caller, search: str, wish: Wish) -> SavedSearch:
    """Another name or question; of another question all hits are known."""
    checked = _checked(context, wish)

    def changed(found: SavedSearch) -> SavedSearch:
        made = _wished(found, checked)
        same = (made.question, made.filters, made.exact) == (found.question, found.filters, found.exact)
        return made if same else seen_now(context, caller.viewer, made)

    return revise(context, caller, search, changed)


def look(context: Context, caller: Caller, search: str, shown: Sequence[str] = ()) -> SavedSearch:
    """Note that these hits were seen, or without any everything that it finds now.

    Rejected `bad_request` for what is no id.
    """
    if any(not DOCUMENT.fullmatch(document) for document in shown):
        raise Rejected("bad_request")

    def seen(found: SavedSearch) -> SavedSearch:
        known = tuple(dict.fromkeys((*found.known, *shown)))
        if not shown or len(known) > KNOWN_AT_MOST:
            return seen_now(context, caller.viewer, found)
        return msgspec.structs.replace(found, known=known, seen_at=context.ports.clock.now())

    return revise(context, caller, search, seen)


def remove(context: Context, caller: Caller, search: str) -> None:
    """Forget it; nothing of it stays. Rejected `not_found` as above."""
    number, found = _latest(context, caller, search)
    for revision in range(number, 0, -1):
        context.ports.blobs.delete(Bucket.RECORDS, _key(context, found, revision))


def _checked(context: Context, wish: Wish) -> Wish:
    name = " ".join(wish.name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Rejected("bad_saved_name")
    if len(wish.filters) > MOST_FILTERS or any(len(one) > LONGEST_FILTER for one in wish.filters):
        raise Rejected("bad_query")
    if not wish.question.strip() and not wish.filters:
        raise Rejected("bad_query", fault="no_words", position=1, suggestion="")
    understood(context, wish.question, narrow=wish.filters, page=Paging())
    return msgspec.structs.replace(wish, name=name, mail=checked_address(context, wish.mail))


def _wished(saved: SavedSearch, wish: Wish) -> SavedSearch:
    return msgspec.structs.replace(saved, **msgspec.structs.asdict(wish))


def notify(context: Context, caller: Caller, search: str, address: str) -> SavedSearch:
    """Tell of new hits by mail there, or nowhere; Rejected `bad_alert_address`, and `not_found` as above."""
    mail = checked_address(context, address)
    return revise(context, caller, search, lambda found: msgspec.structs.replace(found, mail=mail))


def checked_address(context: Context, address: str) -> str:
    """The address for news, or none; Rejected `bad_alert_address` where mails may not go, boxes of ours too."""
    address, ours = address.strip(), context.settings.mail_intake
    own = {*ours.offices, *ours.scanners, *ours.journal_mailboxes}
    if address and (not context.ports.mail.may_have(address) or address.lower() in own):
        raise Rejected("bad_alert_address")
    return address


def claim(context: Context, caller: Caller, found: SavedSearch, claimed: SavedSearch) -> bool:
    """Store this in place of what was found; False where another process, or its owner, was quicker."""
    number, newest = _latest(context, caller, found.id)
    if newest != found or not _create(context, claimed, number + 1):
        return False
    context.ports.blobs.delete(Bucket.RECORDS, _key(context, found, number))
    return True


def revise(context: Context, caller: Caller, search: str, changed: Callable[[SavedSearch], SavedSearch]) -> SavedSearch:
    """Store what becomes of the newest revision; TryLater where others are always quicker."""
    for _ in range(_ATTEMPTS):
        number, found = _latest(context, caller, search)
        made = changed(found)
        if _create(context, made, number + 1):
            context.ports.blobs.delete(Bucket.RECORDS, _key(context, found, number))
            return made
    raise TryLater


def _latest(context: Context, caller: Caller, search: str) -> tuple[int, SavedSearch]:
    """The newest revision and its number; looked for once more where another one took its place meanwhile."""
    folder = keys.saved_searches(context.settings.tenant, caller.id)
    for _ in range(_ATTEMPTS):
        key = _newest(context, folder).get(search)
        if key is None:
            break
        if found := _read(context, key):
            return keys.number_in(key), found
    raise Rejected("not_found")


def _newest(context: Context, folder: str) -> dict[str, str]:
    """By id the key of the newest revision."""
    found: dict[str, str] = {}
    for key in context.ports.blobs.keys(Bucket.RECORDS, folder):
        name = key.removeprefix(folder).partition("/")[0]
        if name not in found or keys.number_in(key) > keys.number_in(found[name]):
            found[name] = key
    return found


def _read(context: Context, key: str) -> SavedSearch | None:
    with suppress(BlobMissing):  # removed, or replaced by a newer one, since it was listed
        return record_files.decode(SavedSearch, context.ports.blobs.read(Bucket.RECORDS, key))
    return None


def _create(context: Context, made: SavedSearch, revision: int) -> bool:
    return context.ports.blobs.create(Bucket.RECORDS, _key(context, made, revision), record_files.encode(made))


def _key(context: Context, saved: SavedSearch, revision: int) -> str:
    return keys.saved_search(context.settings.tenant, saved.actor, saved.id, revision)
