"""Whether the pages of a scan may be arranged so, and what that means for the documents that they are now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from services.core import vocabulary
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.batches.sheets import SeparatedPart
from services.core.model.record import Record
from services.core.protocol.arranging import (
    Pages,
    arranged,
    is_carried_out,
    is_taken_out,
    is_unchanged,
    newest_arranging,
    page_count_of,
    read_before,
    superseded_by,
)
from services.runtime.context.service import Context


class Arrangement(Struct, frozen=True, kw_only=True):
    """The documents that the pages will be, and those that will have none of them any more."""

    parts: tuple[SeparatedPart, ...] = ()
    superseded: tuple[vocabulary.DocumentId, ...] = ()


def arrange(wanted: Sequence[Pages], found: Record, context: Context) -> Arrangement:
    """What a clerk wants, checked. Rejected says why not: `already_decided` names who did what, and when.

    A document that keeps its pages is not touched, whatever became of it; one that loses them must not have been
    decided about, or somebody would look for it in its file in vain.
    """
    if not page_count_of(found):
        raise Rejected("not_arrangeable")
    refuse_decided(found)
    parts = arranged(found, wanted)
    if is_unchanged(parts, found):
        raise Rejected("pages_unchanged")
    return Arrangement(parts=parts, superseded=tuple(_losing(superseded_by(parts, found), found, context)))


def taken_back(found: Record, context: Context) -> Arrangement:
    """What goes with a scan that comes back to the Posteingang: nothing, unless a clerk arranged its pages."""
    newest = newest_arranging(found)
    if newest is None or newest.action != "arrange":
        return Arrangement()
    if not is_carried_out(found):
        raise Rejected("not_yet")
    before = read_before(found, context.ports.blobs)
    parts = before.sheets.parts if before and before.sheets else ()
    return Arrangement(parts=parts, superseded=tuple(_losing(superseded_by(parts, found), found, context)))


def refuse_decided(found: Record) -> None:
    """Rejected where the scan itself is not free: it is being read, or somebody decided about it."""
    now, read = record.standing(found), found.extraction
    if read is None or not read.complete or not is_carried_out(found):
        raise Rejected("not_yet")
    if now.state in ("received", "reading", "classifying"):
        raise Rejected("not_yet")
    if (now.state, now.reason) != ("no_record", "separated") and (now.state != "held" or now.filings):
        raise _decided_already(found)


def _losing(documents: Iterable[str], found: Record, context: Context) -> Iterator[str]:
    """Those that are there and will have no pages any more; Rejected where one of them is not free for that."""
    for document in documents:
        part = record.load(context.ports.blobs, context.settings.tenant, document)
        if not part.receipts and not part.erased:
            if is_taken_out(found):
                raise Rejected("not_yet")  # it is being taken out of the scan
            continue  # it never came into being
        state, newest = record.standing(part).state, part.decisions[-1].action if part.decisions else ""
        if not part.erased and (state in ("filing", "filed", "no_record") or newest == "arrange"):
            raise _decided_already(part)
        yield document


def _decided_already(found: Record) -> Rejected:
    return Rejected("already_decided", document=found.document, **_who_and_when(found))


def overtaken(found: Record) -> Rejected:
    """`stale`, with where the document stands now, by whom and since when."""
    return Rejected("stale", **_who_and_when(found))


def _who_and_when(found: Record) -> dict[str, str]:
    """Who decided about it, and when; the automation where nobody did."""
    by, at = decided_by(found)
    return {"state": record.standing(found).state, "by": by, "at": at.isoformat()}


def decided_by(found: Record) -> tuple[str, datetime]:
    """Who spoke last about it, and when."""
    if found.decisions:
        return found.decisions[-1].actor, found.decisions[-1].decided_at
    return "automation", record.since(found)
