"""The Vorgänge of a file as people meet them: what each is called, and which take a further letter.

Everything is read off the register of the file, with the rights of whoever looks: a Vorgang adds none and takes none.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from msgspec import Struct

from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import RegisterEntry
from services.core.plan.file_numbers import case_sign
from services.core.ports.entries import Viewer
from services.core.protocol.audience import is_visible
from services.core.protocol.registers import entry_at, last_entry
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context

OFFERED = 8
"""Vorgänge that are offered at once: as many as are read at a glance. Any other is named by its sign."""
LOOKED_AT = 100
"""Entries, from the newest back, in which those are looked for."""
FOLLOWED = 20
"""Entries from the first of a Vorgang on in which a title is looked for that the viewer may read."""


class ExistingCase(Struct, frozen=True, kw_only=True):
    """A Vorgang; its title is that of its first letter that the viewer may see, or empty."""

    number: int
    sign: str
    title: str


class Cases:
    """The Vorgänge of one file for one viewer; each entry and each record is read once."""

    def __init__(self, file: str, viewer: Viewer, context: Context) -> None:
        self._file, self._viewer, self._context = file, viewer, context
        blobs, tenant = context.ports.blobs, context.settings.tenant
        self._last = last_entry(blobs, tenant, file, context.rows)
        self._entry = cache(lambda number: entry_at(blobs, tenant, file, number))
        self._record = cache(self._read_record)

    def open(self) -> Sequence[ExistingCase]:
        """The newest first: those in which a document stands that the viewer may see.

        What was moved away, and what nobody may know of, leaves a Vorgang that is not offered.
        """
        found: set[int] = set()
        for number in range(self._last, max(self._last - LOOKED_AT, 0), -1):
            entry = self._entry(number)
            if entry.case and entry.case not in found and self._stands(entry):
                found.add(entry.case)
            if len(found) == OFFERED:
                break
        return [self._told(number) for number in sorted(found, reverse=True)]

    def title(self, case: int) -> str:
        """Of its first letter that the viewer may see; empty where there is none near its beginning."""
        first = 1 + bisect_left(range(1, self._last + 1), case, key=lambda number: self._entry(number).cases)
        for number in range(first, min(first + FOLLOWED, self._last + 1)):
            entry = self._entry(number)
            if entry.case == case and is_visible(
                found := self._record(entry.document), self._viewer, self._context.plan
            ):
                return title_for(found, self._viewer)
        return ""

    def _told(self, case: int) -> ExistingCase:
        return ExistingCase(number=case, sign=case_sign(self._file, case), title=self.title(case))

    def _stands(self, entry: RegisterEntry) -> bool:
        found = self._record(entry.document)
        standing = ((filing.file, filing.case) for filing in record.standing(found).filings)
        return (entry.file, entry.case) in standing and is_visible(found, self._viewer, self._context.plan)

    @property
    def exists(self) -> bool:
        """Whether there is such a file: it has an entry."""
        return self._last > 0

    def _read_record(self, document: str) -> Record:
        return record.load(self._context.ports.blobs, self._context.settings.tenant, document)
