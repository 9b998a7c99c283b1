"""Who has a letter open, told beside it for as long as somebody looks at it; nobody is told afterwards.

An empty file in the store for each person, letter and span of time: every process sees it, no memory grows with it,
and what is past goes by itself. It is a courtesy between clerks: a decision never asks for it.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model.accounts import Caller
from services.core.ports.blob_store import BlobStore
from services.runtime.context.service import Context

FRESH_SECONDS = 3.0
"""How long a process goes by what it listed: with thousands of open pages somebody asks at every moment."""


@dataclass(slots=True)
class _Span:
    """What this process knows of one span of time."""

    accounts: dict[str, set[str]] = field(default_factory=dict)
    """By document who has it open."""
    listed_at: float = float("-inf")


_KNOWN: "WeakKeyDictionary[BlobStore, dict[str, _Span]]" = WeakKeyDictionary()
_LOCK = threading.Lock()


class Present:
    """Who has a letter open, without the one who asks."""

    def __init__(self, spans: Sequence[_Span], asking: str) -> None:
        self._spans, self._asking = spans, asking

    def beside(self, document: str) -> Sequence[str]:
        """The accounts of the others, in an order that stays."""
        with _LOCK:
            accounts = set().union(*(span.accounts.get(document, ()) for span in self._spans))
        return sorted(accounts - {self._asking})


def look_in(context: Context, caller: Caller, document: str) -> None:
    """Note that this person has this letter open now; a store that takes nothing keeps nobody from reading."""
    if _lasts(context):
        folder = keys.presence(context.settings.tenant, _span(context))
        with suppress(TryLater):
            context.ports.blobs.create(Bucket.RECORDS, f"{folder}{document}.{caller.id}", b"")
            with _LOCK:
                _of(context, folder).accounts.setdefault(document, set()).add(caller.id)


def present(context: Context, caller: Caller) -> Present:
    """Who has what open, by this span of time and the one before; of other processes as of `FRESH_SECONDS` ago."""
    spans = (_span(context), _span(context) - 1) if _lasts(context) else ()
    folders = [keys.presence(context.settings.tenant, span) for span in spans]
    return Present([_listed(context, folder) for folder in folders], caller.id)


def _listed(context: Context, folder: str) -> _Span:
    """What is known of a span, listed anew where that is too long ago; by one thread at a time."""
    now = time.monotonic()
    with _LOCK:
        known = _of(context, folder)
        if now - known.listed_at < FRESH_SECONDS:
            return known
        known.listed_at, before = now, known.listed_at
    try:
        found = [key.removeprefix(folder).partition(".") for key in context.ports.blobs.keys(Bucket.RECORDS, folder)]
    except TryLater:
        known.listed_at = before
        raise
    with _LOCK:
        for document, _, account in found:
            known.accounts.setdefault(document, set()).add(account)
    return known


def _of(context: Context, folder: str) -> _Span:
    """The span of this folder; those before the last one are forgotten."""
    spans = _KNOWN.setdefault(context.ports.blobs, {})
    if folder not in spans:
        for past in sorted(spans)[:-1]:
            del spans[past]
    return spans.setdefault(folder, _Span())


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
