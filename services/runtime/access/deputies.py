"""Deputies: for a time an account may see and decide what another one may.

A deputyship holds from a moment to a moment, and is asked for with every request: nothing has to run for it to begin or
to end. None is ever removed: which there were, and who made and ended them, is told from the same list.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from services.core.errors import Rejected
from services.core.model import accounts
from services.core.model.accounts import Account, Accounts, Deputyship
from services.runtime.access.credentials import Access

LONGEST = timedelta(days=366)
"""From beginning to end: who is away for longer needs a successor, not a deputy."""
MOST_OPEN = 500
"""Deputyships that are to come or in force, of everybody."""
KEPT = 5_000
"""Those that are told of; the oldest that are over give way."""


class Appointment(NamedTuple):
    """Who is to act for whom, by the names of their accounts, from a moment to a moment."""

    deputy: str
    represented: str
    begins_at: datetime
    ends_at: datetime


def appoint(access: Access, wanted: Appointment, *, by: str) -> Deputyship:
    """Let somebody act for somebody else; `by` is the account or key of whoever made it so.

    Rejected `not_found` for a name that no account has, `bad_deputyship` for oneself, for a time that is over or is
    longer than `LONGEST`, and where there are too many.
    """
    now = access.now()
    begins_at, ends_at = wanted.begins_at, wanted.ends_at
    if ends_at <= max(begins_at, now) or ends_at - begins_at > LONGEST:
        raise Rejected("bad_deputyship")
    made: list[Deputyship] = []

    def change(old: Accounts) -> Accounts:
        one, other = _named(old, wanted.deputy), _named(old, wanted.represented)
        still = sum(each.ends_at > now for each in old.deputyships)
        if one.id == other.id or still >= MOST_OPEN:
            raise Rejected("bad_deputyship")
        new = Deputyship(
            id=str(uuid.uuid4()),
            deputy=one.id,
            represented=other.id,
            begins_at=begins_at,
            ends_at=ends_at,
            made_at=now,
            made_by=by,
        )
        made.append(new)
        return replace(old, deputyships=(*_kept(old.deputyships, now), new))

    access.change(change)
    return made[-1]


def end(access: Access, deputyship: str, *, by: str) -> Deputyship:
    """End it at this moment; one that is over stays as it is. Rejected `not_found`."""
    now = access.now()
    ended: list[Deputyship] = []

    def change(old: Accounts) -> Accounts:
        found = next((one for one in old.deputyships if one.id == deputyship), None)
        if found is None:
            raise Rejected("not_found")
        over = found.ends_at <= now
        ended.append(found if over else replace(found, ends_at=now, ended_by=by))
        return accounts.with_deputyship(old, ended[-1])

    access.change(change)
    return ended[-1]


def of(access: Access, account_id: str) -> Sequence[Deputyship]:
    """Those in force now in which the account is one of the two."""
    now = access.now()
    everybody = access.everybody.deputyships
    return [one for one in everybody if account_id in (one.deputy, one.represented) and one.holds_at(now)]


def _kept(all_of_them: tuple[Deputyship, ...], now: datetime) -> tuple[Deputyship, ...]:
    over = [one for one in all_of_them if one.ends_at <= now]
    gone = {one.id for one in over[: max(0, len(over) - KEPT + 1)]}
    return tuple(one for one in all_of_them if one.id not in gone)


def _named(everybody: Accounts, name: str) -> Account:
    found = next((one for one in everybody.accounts if one.name == name), None)
    if found is None:
        raise Rejected("not_found")
    return found
