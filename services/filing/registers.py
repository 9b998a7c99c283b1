"""The register of a file as people read it: entries in order, and where a document went that is no longer there."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from msgspec import Struct

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import RegisterEntry
from services.core.plan import file_numbers
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import level_of
from services.core.ports.entries import Viewer
from services.core.protocol.audience import is_visible
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context


class RegisterLine(Struct, frozen=True, kw_only=True):
    """One entry. Who may not see its document learns its number and date only: the register is gapless."""

    entry: int
    label: str
    entered_at: datetime
    case: int | None = None
    """The Vorgang that it lies in."""
    document: str = ""
    title: str = ""
    sender: str = ""
    part: str = ""
    by: str = ""
    actor: str = ""
    """The account of the clerk who decided it; empty where automation did."""
    state: str = ""
    """`filed`: the document stands here; `moved`: elsewhere now, or nowhere; `erased`."""
    moved_to: tuple[str, ...] = ()


class Register(Struct, frozen=True, kw_only=True):
    """One page of a register; `next` continues, empty at the end."""

    file: str
    position: str
    title: str
    office: str
    items: tuple[RegisterLine, ...] = ()
    next: str = ""


def register_of(text: str, viewer: Viewer, context: Context, *, after: int, limit: int) -> Register:
    """Entries behind `after`; Rejected where there is no such file, or nothing of it that the viewer may see."""
    template = Template(context.settings.filing.file_number)
    parsed = template.parse(text)
    known = context.plan.by_number.get(parsed.position) if parsed else None
    if parsed is None:
        raise Rejected("not_found")
    code = known.code if known else parsed.position
    file = template.render(code, parsed.number, parsed.year)
    entries = list(_entries(context, file, after=after, limit=limit + 1))
    loaded = cache(lambda document: record.load(context.ports.blobs, context.settings.tenant, document))
    lines = tuple(_line(entry, loaded(entry.document), viewer, context=context) for entry in entries[:limit])
    office = known.office if known else context.settings.filing.office
    if not lines or not (
        viewer.may_see(frozenset({office}), level_of(code, context.plan)) or any(line.document for line in lines)
    ):
        raise Rejected("not_found")
    return Register(
        file=file,
        position=code,
        title=known.title if known else "",
        office=office,
        items=lines,
        next=str(lines[-1].entry) if len(entries) > limit else "",
    )


def _entries(context: Context, file: str, *, after: int, limit: int) -> Iterator[RegisterEntry]:
    for number in range(after + 1, after + 1 + limit):
        try:
            content = context.ports.blobs.read(
                Bucket.RECORDS, keys.register_entry(context.settings.tenant, file, number)
            )
        except BlobMissing:
            return
        yield record_files.decode(RegisterEntry, content)


def _line(entry: RegisterEntry, found: Record, viewer: Viewer, *, context: Context) -> RegisterLine:
    label = file_numbers.entry_label(entry.file, entry.entry)
    if not is_visible(found, viewer, context.plan):
        return RegisterLine(entry=entry.entry, label=label, entered_at=entry.entered_at)
    standing = record.standing(found).filings
    files = tuple(filing.file or "" for filing in standing)
    here = any((one.file, one.entry) == (entry.file, entry.entry) for one in standing)
    return RegisterLine(
        entry=entry.entry,
        label=label,
        entered_at=entry.entered_at,
        case=entry.case,
        document=entry.document,
        title=title_for(found, viewer),
        sender=_sender(found),
        part=entry.part or "",
        by=entry.by,
        actor=next((one.actor for one in found.decisions if one.decision == entry.decision), ""),
        state="erased" if found.erased else "filed" if here else "moved",
        moved_to=() if here else files,
    )


def _sender(found: Record) -> str:
    read = found.extraction
    return (read.mail.sender if read.mail else read.sender_on_page) if read else ""
