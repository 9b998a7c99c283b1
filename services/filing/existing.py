"""Which files there are at a position of the plan: asked of their registers, for people who look for one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from msgspec import Struct

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record_files import RegisterEntry
from services.core.plan.file_numbers import Template, last_of_gapless
from services.core.ports.entries import Viewer
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context

YEARS = 30
"""How far back files are looked for."""


class ExistingFile(Struct, frozen=True, kw_only=True):
    """A file by its number; its title is that of the letter that opened it."""

    file: str
    title: str
    opened_at: datetime
    entries: int


def files_at(context: Context, viewer: Viewer, position: str, *, limit: int) -> Sequence[ExistingFile]:
    """The newest first; none for whom the position's office is not theirs."""
    if not viewer.may_see(frozenset({context.plan.office_of.get(position, context.settings.filing.office)})):
        return ()
    return [_told(context, file, viewer) for file in islice(_numbers(context, position), limit)]


def _numbers(context: Context, position: str) -> Iterator[str]:
    """Numbers are gapless within a year, so the last one tells them all."""
    template = Template(context.settings.filing.file_number)
    this_year = context.ports.clock.now().year
    for year in range(this_year + 1, this_year - YEARS, -1):  # the town's new year comes before UTC's
        last = last_of_gapless(lambda number, year=year: _exists(context, template.render(position, number, year), 1))  # type: ignore[misc]  # bound early
        yield from (template.render(position, number, year) for number in range(last, 0, -1))


def _told(context: Context, file: str, viewer: Viewer) -> ExistingFile:
    tenant = context.settings.tenant
    first = record_files.decode(
        RegisterEntry, context.ports.blobs.read(Bucket.RECORDS, keys.register_entry(tenant, file, 1))
    )
    founder = record.load(context.ports.blobs, tenant, first.document)
    theirs = viewer.may_see(record.offices_of(founder, context.plan.office_of))
    return ExistingFile(
        file=file,
        title=title_for(founder, viewer) if theirs else "",
        opened_at=first.entered_at,
        entries=last_of_gapless(lambda entry: _exists(context, file, entry)),
    )


def _exists(context: Context, file: str, entry: int) -> bool:
    return (
        context.ports.blobs.size(Bucket.RECORDS, keys.register_entry(context.settings.tenant, file, entry)) is not None
    )
