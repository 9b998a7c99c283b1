"""Who sees protected documents: accounts and keys of which nobody has said it yet, and places that nobody sees."""

from collections.abc import Iterator
from typing import cast

from services.core.model import accounts
from services.core.model.accounts import Account, Accounts, Key, caller_of
from services.core.ports.entries import Viewer
from services.core.vocabulary import HIGHEST_PROTECTION, MAIN_OFFICE
from services.runtime.context.service import Context, Finding

NAMED = 10
"""Slips that one check names; of more it tells the number."""


def protection(context: Context) -> Finding:
    """Good where each reader's level is stated, and every protected position has somebody who sees it."""
    everybody = cast("Accounts", context.configuration.parsed("accounts", accounts.decode) or Accounts())
    unstated = [*_unstated(everybody, context)]
    unseen = [*_unseen(everybody, context)]
    faults = [f"{_some(unstated)} see every level, as before there were levels"] if unstated else []
    faults += [f"no account sees level {HIGHEST_PROTECTION} of {_some(unseen)}"] if unseen else []
    todo = "State the level: `poststelle account change NAME --protection 2` (or 3), `poststelle key change KEY_ID …`."
    return not faults, "; ".join(faults) or "levels are stated, and every protected position has its readers", todo


def _unstated(everybody: Accounts, context: Context) -> Iterator[str]:
    """Readers from before there were levels, as far as one of their offices owns protected positions."""
    protected = _protected(context)
    readers: list[tuple[str, str, Account | Key]] = [
        *(("account", account.name, account) for account in everybody.accounts if not account.disabled),
        *(("key", f"{key.id} ({key.source})", key) for key in everybody.keys if not key.revoked),
    ]
    for kind, name, one in readers:
        if one.protection is None and _reads(one) and (one.all_offices or not protected.isdisjoint(one.offices)):
            yield f"{kind} {name}"


def _unseen(everybody: Accounts, context: Context) -> list[str]:
    """Offices of protected positions of which no account may read what is filed there."""
    seeing = [_viewer(one, context) for one in everybody.accounts if not one.disabled and _reads(one)]
    seen_by = {
        office: any(one.may_see((office,), HIGHEST_PROTECTION) for one in seeing) for office in _protected(context)
    }
    return sorted(office for office, seen in seen_by.items() if not seen) if seeing else []


def _protected(context: Context) -> frozenset[str]:
    plan = context.plan
    return frozenset(
        plan.office_of.get(code, MAIN_OFFICE)
        for code, level in plan.protection_of.items()
        if level == HIGHEST_PROTECTION
    )


def _reads(one: Account | Key) -> bool:
    return "search" in one.rights or "decide" in one.rights


def _viewer(one: Account, context: Context) -> Viewer:
    return caller_of(one, context.settings.tenant).viewer


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
