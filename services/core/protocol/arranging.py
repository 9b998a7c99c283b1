"""How a clerk arranged the pages of a scan: checked, found again in the record, and what was read before it."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from msgspec import Struct

from services.core import keys, vocabulary
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import documents, record_files
from services.core.model.batches.covers import Cover
from services.core.model.batches.sheets import SeparatedPart, Turns
from services.core.model.record import Record
from services.core.model.record_files import Decision, Extraction
from services.core.ports.blob_store import BlobStore

MEDIA_TYPES = frozenset({"application/pdf", "image/tiff"})
"""Of these pages can be taken out and turned."""
UNREADABLE = frozenset({"broken", "encrypted", "bomb", "infected", "damaged", "empty"})


class Pages(Struct, frozen=True, kw_only=True):
    """One document as a clerk wants it: pages of the scan in the order in which they shall lie."""

    pages: tuple[int, ...]
    turns: tuple[int, ...] = ()
    """Degrees clockwise, one for each page; empty where all lie as they came."""


def page_count_of(found: Record) -> int:
    """How many pages of it can be arranged; 0 where it is no scan whose pages can be taken out."""
    extraction = found.extraction
    if not extraction or not extraction.parts or not found.receipts or found.receipts[0].channel != "scan":
        return 0
    own = extraction.parts[0]
    if own.media_type not in MEDIA_TYPES or own.problem in UNREADABLE:
        return 0
    return own.page_count


def arranged(found: Record, wanted: Sequence[Pages]) -> tuple[SeparatedPart, ...]:
    """The documents as they will be called. Rejected `bad_pages` where a page is missing, doubled or turned askew.

    A document that keeps its pages keeps its name, and so everything that became of it.
    """
    count = page_count_of(found)
    laid = [page for one in wanted for page in one.pages]
    turned = [turn for one in wanted for turn in one.turns]
    whole = all(one.pages and len(one.turns) in (0, len(one.pages)) for one in wanted)
    if not wanted or not whole or len(set(laid)) != len(laid) or not set(laid) <= set(range(1, count + 1)):
        raise Rejected("bad_pages")
    if not set(turned) <= {0, 90, 180, 270}:
        raise Rejected("bad_pages")
    before = found.extraction.sheets.parts if found.extraction and found.extraction.sheets else ()
    covers = {part.pages[0]: part.cover for part in before}
    return tuple(_part(found, one, covers) for one in wanted)


def _part(found: Record, one: Pages, covers: Mapping[int, Cover | None]) -> SeparatedPart:
    turns = cast("Turns", one.turns) if any(one.turns) else ()
    digest = documents.part_digest(found.document, one.pages, turns)
    document = documents.document_id(found.tenant, "part", digest, incarnation=0)
    return SeparatedPart(document=document, pages=one.pages, turns=turns, cover=covers.get(one.pages[0]))


def superseded_by(parts: Iterable[SeparatedPart], found: Record) -> tuple[vocabulary.DocumentId, ...]:
    """The documents that the pages of the scan are now, and will not be any more."""
    kept = {part.document for part in parts}
    return tuple(part.document for part in _parts_now(found) if part.document not in kept)


def is_taken_out(found: Record) -> bool:
    """Whether the documents of its newest arrangement came into being; not where its pages could not be taken out."""
    sheets = found.extraction.sheets if found.extraction else None
    return sheets is None or sheets.decision is None or bool(sheets.parts)


def _parts_now(found: Record) -> tuple[SeparatedPart, ...]:
    """The documents of the scan. Where an arrangement was in vain, those that it would have kept are still there."""
    sheets = found.extraction.sheets if found.extraction else None
    if sheets is None or is_taken_out(found):
        return sheets.parts if sheets else ()
    return next(one.arrangement for one in found.decisions if one.decision == sheets.decision)


def is_unchanged(parts: Sequence[SeparatedPart], found: Record) -> bool:
    """Whether the pages lie so already: as these documents, or untouched as the one letter that it is."""
    sheets = found.extraction.sheets if found.extraction else None
    if sheets and sheets.is_batch:
        return [part.document for part in parts] == [part.document for part in sheets.parts]
    one = parts[0]
    return len(parts) == 1 and not one.turns and one.pages == tuple(range(1, page_count_of(found) + 1))


def newest_arranging(found: Record) -> Decision | None:
    """The last decision that arranged the pages or took that back; None where nobody ever arranged them."""
    if not any(decision.action == "arrange" for decision in found.decisions):
        return None
    return next(one for one in reversed(found.decisions) if one.action in ("arrange", "reopen"))


def is_carried_out(found: Record) -> bool:
    """Whether the pages lie as the newest decision about them says, or nobody could take them out."""
    newest = newest_arranging(found)
    now = found.extraction.sheets.decision if found.extraction and found.extraction.sheets else None
    if newest is None or newest.action == "reopen":
        return now is None
    return now == newest.decision


def read_before(found: Record, blobs: BlobStore) -> Extraction | None:
    """The newest reading that is nobody's arrangement; None where there is none, or it was erased a moment ago."""
    for number in range(found.revisions.get("extraction", 0), 0, -1):
        with contextlib.suppress(BlobMissing):
            content = blobs.read(Bucket.RECORDS, keys.stage(found.tenant, found.document, "extraction", number))
            read = record_files.decode(Extraction, content)
            if not (read.sheets and read.sheets.decision):
                return read
    return None
