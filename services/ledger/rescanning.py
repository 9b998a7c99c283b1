"""Sealed documents are looked at again by themselves when the scanner has other signatures (decision 0098).

The ledger does it, because its process is the one that every installation has exactly once, and it knows whether new
post waits to be read. What was looked at stands in the records; where the walk through the list is, in memory: after
a restart it begins anew and passes over what has been looked at.
"""

import contextlib
import time
from datetime import timedelta

from services.core.errors import OriginalDamaged, Rejected, TryLater
from services.core.model import record
from services.core.model.record import Record
from services.core.ports.entries import Filters, Query, Viewer
from services.core.ports.ledger_store import LineFilter
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.access.originals import is_sealed
from services.runtime.access.unsealing import BY_ITSELF, note_unanswered, tell_unsealed, unseal
from services.runtime.context.service import Context
from services.settings import Settings

ANEW = timedelta(days=1)
"""Then a look is repeated with the same signatures: of those a town adds by itself the scanner tells no number."""
LONGEST_ROUND = timedelta(minutes=1)
"""Then the round ends behind the scan under way: a process that is to stop cannot wait."""
ON_PAGE = 50
NEVER = timedelta(hours=1)


def every(settings: Settings) -> timedelta:
    """The time between two rounds; where none is wanted, a round does nothing."""
    return settings.malware.rescan_every or NEVER


class Rescanning:
    """The round, and where in the list the one before ended."""

    def __init__(self) -> None:
        self._cursor = ""
        self._silent_over = ""
        """The document over which the scanner fell silent last time."""

    def __call__(self, context: Context) -> None:
        """Look at what is due, as far as one round goes. TryLater while scanner, store, log or index is away."""
        malware = context.settings.malware
        if not (malware.clamd and malware.rescan_every):
            return
        walk, cursor = _Walk(context), self._cursor
        while True:
            try:
                documents, following = _page(context, cursor)
            except Rejected:  # the index was written anew, and no place of the old one counts
                self._cursor = ""
                return
            if not all(self._passed(walk, document) for document in documents):
                self._cursor = cursor
                return
            self._cursor = cursor = following
            if not cursor:
                return

    def _passed(self, walk: "_Walk", document: str) -> bool:
        """Whether the round may go on behind this document."""
        try:
            return walk.passes(document)
        except TryLater as error:
            if error.code != "scanner_away":
                raise
            if self._silent_over != document:
                self._silent_over = document
                raise
        # It answers, and dies or hangs over this one: those behind it have their turn, too.
        walk.leave(document)
        return True


class _Walk:
    """One round through the list."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._signatures = context.ports.scanner.signatures().name
        self._until = time.monotonic() + LONGEST_ROUND.total_seconds()
        self._scans = 0

    def passes(self, document: str) -> bool:
        """Look at the document where that is due; False where the round is over before it."""
        found = self._loaded(document)
        if found.erased or not is_sealed(found):
            return True
        if self._is_told(found):
            return True
        if not self._is_due(found):
            return True
        if self._is_over():
            return False
        self._scans += 1
        with contextlib.suppress(Rejected, OriginalDamaged):
            unseal(self._context, document, BY_ITSELF)
        return True

    def leave(self, document: str) -> None:
        """Leave it alone until there are other signatures."""
        note_unanswered(self._context, self._loaded(document), BY_ITSELF)

    def _loaded(self, document: str) -> Record:
        return record.load(self._context.ports.blobs, self._context.settings.tenant, document)

    def _is_told(self, found: Record) -> bool:
        """Whether it is unsealed already and only has to be read: who said so may have died before it was told."""
        made, look = found.unsealed, found.rescan
        if made is None or (look and look.rescanned_at >= made.unsealed_at):
            return False
        age = self._context.ports.clock.now() - made.unsealed_at
        holds = age < ANEW and (made.ground == "reason" or made.signatures == self._signatures)
        if holds and age >= self._context.settings.ledger.grace:
            tell_unsealed(self._context, found, made)
        return holds

    def _is_due(self, found: Record) -> bool:
        look = found.rescan
        if look is None or look.signatures != self._signatures:
            return True
        return self._context.ports.clock.now() - look.rescanned_at >= ANEW

    def _is_over(self) -> bool:
        """After so many scans, after its time, or after one scan while new post waits to be read."""
        context = self._context
        if self._scans >= context.settings.malware.rescan_documents or time.monotonic() > self._until:
            return True
        if self._scans == 0:
            return False
        waiting, _ = context.ports.ledger.lines(
            context.settings.tenant, LineFilter(state="received"), cursor="", limit=1
        )
        return bool(waiting)


def _page(context: Context, cursor: str) -> tuple[list[str], str]:
    """Some of what is sealed, and where the list goes on."""
    viewer = Viewer(account=BY_ITSELF, tenant=context.settings.tenant, all_offices=True, protection=HIGHEST_PROTECTION)
    asked = Query(filters=Filters(problems=("infected",)), sort="oldest", cursor=cursor, limit=ON_PAGE)
    hits = context.ports.index.search(asked, viewer)
    return [hit.document for hit in hits.items], hits.next or ""
