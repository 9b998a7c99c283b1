"""Giving a document another title: stored as the next revision, told, and told again where that failed."""

from typing import cast

from msgspec import Struct

from services.core import keys
from services.core.errors import Rejected
from services.core.messages.events import DocumentTitled
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.side_files import Titled
from services.core.protocol.audience import acting_for
from services.filing.handling import telling
from services.filing.handling.telling import Written
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.worker.publishing import Announcer

LONGEST = 300
"""Characters of a title."""
TITLES = Written(
    stage="title",
    cause="titled",
    pointers=keys.titled,
    revisions=lambda found: found.titles,
    facts=lambda document, revision, made: _facts(document, revision, cast("Titled", made)),
)


class TitleWish(Struct, frozen=True, kw_only=True):
    """What a document shall be called, and the version of its record that the person saw."""

    document: str
    title: str
    base_version: int


def entitle(wish: TitleWish, caller: Caller, *, context: Context, announcer: Announcer) -> int:
    """Call the document so from now on; the version of the record with it. Empty: as it says itself.

    What it is called already is no revision. Rejected `stale` where the caller saw another version, `bad_title`.
    """
    document = wish.document
    found = visible(context, caller.viewer, document)
    # What cannot be seen, such as marks that turn the direction of writing, would make a title say something else.
    title = " ".join("".join(letter if letter.isprintable() else " " for letter in wish.title).split())
    if len(title) > LONGEST:
        raise Rejected("bad_title")
    if title == (found.extraction.title if found.extraction else ""):
        title = ""
    if found.version != wish.base_version:
        return _given_before(title, found, caller, base_version=wish.base_version)
    if title == (found.titles[-1].title if found.titles else ""):
        return found.version
    made = Titled(
        title=title,
        given_at=context.ports.clock.now(),
        base_revision=wish.base_version,
        actor=caller.id,
        in_place_of=acting_for(found, caller.viewer, context.plan),
    )
    if not telling.write(TITLES, found, made, context=context, announcer=announcer):
        raise Rejected("stale")
    return found.version + 1


def _given_before(title: str, found: Record, caller: Caller, *, base_version: int) -> int:
    """The answer to a wish whose first answer was lost: its title stands as the newest. Else the wish is stale."""
    newest = found.titles[-1] if found.titles else None
    if newest and (newest.actor, newest.base_revision, newest.title) == (caller.id, base_version, title):
        return found.version
    raise Rejected("stale")


def tell_again(context: Context) -> None:
    """Tell of the titles of which nobody may have heard."""
    telling.tell_again(TITLES, context)


def _facts(document: str, revision: int, given: Titled) -> DocumentTitled:
    return DocumentTitled(document=document, revision=revision, actor=given.actor)
