"""Who has a letter open, told beside it for as long as somebody looks at it; nobody is told afterwards.

An empty file in the store for each person, letter and span of time: every process sees it, no memory grows with it,
and what is past goes by itself. It is a courtesy between clerks: a decision never asks for it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model.accounts import Caller
from services.runtime.context.service import Context

Present = Mapping[str, Sequence[str]]
"""By document the accounts that have it open, without the one who asks."""


def look_in(context: Context, caller: Caller, document: str) -> None:
    """Note that this person has this letter open now; a store that takes nothing keeps nobody from reading."""
    if _lasts(context):
        key = f"{keys.presence(context.settings.tenant, _span(context))}{document}.{caller.id}"
        with suppress(TryLater):
            context.ports.blobs.create(Bucket.RECORDS, key, b"")


def present(context: Context, caller: Caller) -> Present:
    """Who has what open, by this span of time and the one before."""
    found: dict[str, set[str]] = {}
    for span in (_span(context), _span(context) - 1) if _lasts(context) else ():
        folder = keys.presence(context.settings.tenant, span)
        for key in list(context.ports.blobs.keys(Bucket.RECORDS, folder)):
            document, _, account = key.removeprefix(folder).partition(".")
            if account != caller.id:
                found.setdefault(document, set()).add(account)
    return {document: sorted(accounts) for document, accounts in found.items()}


def sweep_presence(context: Context) -> None:
    """Remove what is past."""
    folder, now = keys.presences(context.settings.tenant), _span(context)
    for key in list(context.ports.blobs.keys(Bucket.RECORDS, folder)):
        span = key.removeprefix(folder).partition("/")[0]
        # Beside the clock of another process, which may go ahead a little.
        if not span.isdigit() or int(span) < now - 1:
            context.ports.blobs.delete(Bucket.RECORDS, key)


def _lasts(context: Context) -> float:
    return context.settings.filing.present_for.total_seconds()


def _span(context: Context) -> int:
    return int(context.ports.clock.now().timestamp() // (_lasts(context) or 1))
