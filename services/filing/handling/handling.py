"""Notes on a document, a day on which it shall be looked at again, and who works on it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from msgspec import Struct

from services.core import keys, vocabulary
from services.core.errors import Rejected, TryLater
from services.core.messages.events import DocumentHandled
from services.core.model.accounts import Account, Caller, caller_of
from services.core.model.record import Record
from services.core.model.side_files import Handling
from services.core.protocol.audience import acting_for, audience_of
from services.core.protocol.working.handling import clerk_of, due_of
from services.filing.handling import telling
from services.filing.handling.telling import Written
from services.runtime.access.credentials import Access
from services.runtime.access.visibility import visible
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.worker.publishing import Announcer

LONGEST = 2_000
"""Characters of a note."""
MOST = 500
"""Handlings of one document: a record is read whole, by everybody who looks at it."""
FARTHEST = timedelta(days=3_660)
"""How far off a day may lie."""
_ROUNDS = 20

HANDLINGS = Written(
    stage="handling",
    cause="handled",
    pointers=keys.handled,
    revisions=lambda found: found.handlings,
    facts=lambda document, revision, made: _facts(document, revision, cast("Handling", made)),
)


class HandlingWish(Struct, frozen=True, kw_only=True):
    """What shall be added to a document, and the version of its record that the person saw."""

    document: str
    kind: vocabulary.HandlingKind
    base_version: int
    text: str = ""
    due: date | None = None
    clerk: str = ""
    """The account of whoever shall work on it; empty: nobody."""


def add(wish: HandlingWish, caller: Caller, *, context: Context, access: Access, announcer: Announcer) -> int:
    """Store it and tell of it; the version of the record with it.

    What stands so already is no revision, and who asks again is told the same. Rejected `bad_note`, `bad_day`,
    `unknown_clerk`, `too_many_handlings`, or `stale` where somebody else set another day or person since.
    """
    text = _plain(wish.text) if wish.kind == "note" else ""
    for _ in range(_ROUNDS):
        found = visible(context, caller.viewer, wish.document)
        made = Handling(
            kind=wish.kind,
            text=text,
            due=wish.due if wish.kind == "due" else None,
            clerk=(wish.clerk or None) if wish.kind == "clerk" else None,
            made_at=context.ports.clock.now(),
            base_revision=wish.base_version,
            actor=caller.id,
            in_place_of=acting_for(found, caller.viewer, context.plan),
        )
        if _stands(made, found):
            return found.version
        _check(made, found, context=context, access=access)
        if telling.write(HANDLINGS, found, made, context=context, announcer=announcer):
            return found.version + 1
    raise TryLater("busy")


def tell_again(context: Context) -> None:
    """Tell of the handlings of which nobody may have heard."""
    telling.tell_again(HANDLINGS, context)


def clerks_for(found: Record, context: Context, access: Access) -> Sequence[Account]:
    """Who may be asked to work on it: people who may decide, of an office and a level that see it; by name."""
    audience = audience_of(found, context.plan)
    able = (one for one in access.everybody.accounts if "decide" in one.rights and not one.disabled)
    own = (one for one in able if caller_of(one, found.tenant).viewer.may_see(*audience))
    return sorted(own, key=lambda one: one.name.casefold())


def _plain(text: str) -> str:
    """The note as it is kept: without what cannot be seen, such as marks that turn the direction of writing."""
    lines = ("".join(letter if letter.isprintable() else " " for letter in line) for line in text.splitlines())
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _stands(made: Handling, found: Record) -> bool:
    if made.kind == "due":
        return made.due == due_of(found)
    if made.kind == "clerk":
        return (made.clerk or "") == clerk_of(found)
    told = (one for one in found.handlings if one.kind == "note")
    return any((one.actor, one.base_revision, one.text) == (made.actor, made.base_revision, made.text) for one in told)


def _check(made: Handling, found: Record, *, context: Context, access: Access) -> None:
    """Rejected where the record or the wish does not allow it."""
    if len(found.handlings) >= MOST:
        raise Rejected("too_many_handlings")
    if made.kind == "note":
        if not 0 < len(made.text) <= LONGEST:
            raise Rejected("bad_note")
        return
    others = (one for one in found.handlings if one.kind == made.kind and one.actor != made.actor)
    if made.base_revision > found.version or any(one.base_revision >= made.base_revision for one in others):
        raise Rejected("stale")
    now = today(context.ports.clock)
    if made.due and not now <= made.due <= now + FARTHEST:
        raise Rejected("bad_day")
    if made.clerk and made.clerk not in {one.id for one in clerks_for(found, context, access)}:
        raise Rejected("unknown_clerk")


def _facts(document: str, revision: int, made: Handling) -> DocumentHandled:
    return DocumentHandled(document=document, revision=revision, kind=made.kind, actor=made.actor)
