"""Looking through the audit log, newest first, as far as one answer goes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from services.core.model.side_files import Viewing
from services.core.protocol import viewings
from services.runtime.context.service import Context

LOOKED_AT = 2_000
"""Entries that one answer looks through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What narrows the entries; empty means all."""

    actor: str = ""
    document: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, one: Viewing) -> bool:
        """Whether the entry is wanted."""
        in_time = (self.since is None or one.at >= self.since) and (self.until is None or one.at < self.until)
        return in_time and self.actor in ("", one.actor) and self.document in ("", one.document)


def entries(context: Context, wanted: Wanted, *, before: int = 0, limit: int = 50) -> tuple[list[Viewing], int]:
    """Up to `limit` entries, and the number before which to go on; 0 at the end.

    Few fit where much is looked through, so an answer may be empty and still go on.
    """
    found: list[Viewing] = []
    number = 0
    for one in islice(viewings.newest(context.ports.blobs, context.settings.tenant, before), LOOKED_AT):
        number = one.number
        if wanted.fits(one):
            found.append(one)
        if len(found) == limit:
            break
    return found, number if number > 1 else 0
