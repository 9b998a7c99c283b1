"""Which files there are at a position of the plan: asked of their registers, for people who look for one."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from weakref import WeakKeyDictionary

from msgspec import Struct

from services.core import keys
from services.core.errors import BlobMissing
from services.core.gapless import last_of_gapless
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record_files import RegisterEntry
from services.core.plan.file_numbers import Template, year_at
from services.core.plan.file_plan import level_of
from services.core.ports.blob_store import BlobStore
from services.core.ports.entries import Viewer
from services.core.protocol.audience import is_visible
from services.core.protocol.registers import has_files
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context

YEARS = 30
"""How far back files are looked for."""


_FINAL: "WeakKeyDictionary[BlobStore, dict[tuple[str, str, int], tuple[int, bool]]]" = WeakKeyDictionary()


class ExistingFile(Struct, frozen=True, kw_only=True):
    """A file by its number; its title is that of the letter that opened it."""

    file: str
    title: str
    opened_at: datetime
    entries: int


def files_at(context: Context, viewer: Viewer, position: str, *, limit: int, begun: str = "") -> Sequence[ExistingFile]:
    """The newest first; none for whom the position's office is not theirs, or its level too high.

    With `begun` only those whose number begins so: the others are not read.
    """
    office = context.plan.office_of.get(position, context.settings.filing.office)
    if not viewer.may_see(frozenset({office}), level_of(position, context.plan)):
        return ()
    wanted = (file for file in _numbers(context, position) if file.upper().startswith(begun.upper()))
    return [_existing_file(context, file, viewer) for file in islice(wanted, limit)]


def _numbers(context: Context, position: str) -> Iterator[str]:
    """Numbers are gapless within a year, so the last one tells them all."""
    if not has_files(context.ports.blobs, context.settings.tenant, position):
        return
    template = Template(context.settings.filing.file_number)
    this_year = year_at(context.ports.clock.now(), context.settings.filing.time_zone)
    for year in range(this_year, this_year - YEARS, -1):
        last, collective = _opened(context, template, position, year=year, this_year=this_year)
        yield from (template.render(position, number, year) for number in range(last, 0, -1))
        if collective:
            yield template.collective(position, year)


def _opened(context: Context, template: Template, position: str, *, year: int, this_year: int) -> tuple[int, bool]:
    """The last number of a year and whether it has a collective file, remembered once none can follow.

    At most positions times `YEARS` of them. What was claimed in the last minute of a year may get its first entry in
    the next one.
    """
    known = _FINAL.setdefault(context.ports.blobs, {})
    key = (context.settings.tenant, position, year)
    if key in known:
        return known[key]
    last = last_of_gapless(lambda number: _exists(context, template.render(position, number, year), 1))
    opened = last, _exists(context, template.collective(position, year), 1)
    if year < this_year - 1:
        known[key] = opened
    return opened


def _existing_file(context: Context, file: str, viewer: Viewer) -> ExistingFile:
    first, title = _opening(context, file, viewer)
    return ExistingFile(
        file=file,
        title=title,
        opened_at=first.entered_at,
        entries=context.rows.last(
            f"{context.settings.tenant}/entries/{file}", lambda entry: _exists(context, file, entry)
        ),
    )


def subject_of(context: Context, file: str, viewer: Viewer) -> str:
    """The title of the letter that opened a file; empty where the viewer may not see that letter."""
    with suppress(BlobMissing):  # the index is ahead of a store that was given back from a backup
        return _opening(context, file, viewer)[1]
    return ""


def _opening(context: Context, file: str, viewer: Viewer) -> tuple[RegisterEntry, str]:
    """The first entry, and the title of its letter for this viewer."""
    tenant = context.settings.tenant
    first = record_files.decode(
        RegisterEntry, context.ports.blobs.read(Bucket.RECORDS, keys.register_entry(tenant, file, 1))
    )
    founder = record.load(context.ports.blobs, tenant, first.document)
    theirs = is_visible(founder, viewer, context.plan)
    return first, title_for(founder, viewer) if theirs else ""


def _exists(context: Context, file: str, entry: int) -> bool:
    return (
        context.ports.blobs.size(Bucket.RECORDS, keys.register_entry(context.settings.tenant, file, entry)) is not None
    )
