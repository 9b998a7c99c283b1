"""What of a record somebody may see, decided in one place for the API and all pages."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel

from services.core import keys, vocabulary
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages.procedures import delivery_id
from services.core.model import record
from services.core.model.history import Stop, journey
from services.core.model.record import Record
from services.core.model.record_files import Part, Receipt
from services.core.ports.entries import Viewer
from services.core.protocol.audience import Audience, audience_of
from services.runtime.access.audit import note_look
from services.runtime.context.service import Context

ARRIVALS_ON_PAGE = 20
"""Of a document that came thousands of times; all are on a page of their own."""
_DOCUMENT = re.compile(vocabulary.DocumentId.__metadata__[0].pattern)  # type: ignore[attr-defined]  # the word's own pattern

_PAPER = re.compile(r"application/pdf|image/(?:png|jpeg|tiff|gif|bmp|webp|x-ms-bmp|jp2)")
_NOT_SHOWN = frozenset({"empty", "broken", "encrypted", "bomb", "too_large", "infected"})


class StopOut(BaseModel):
    """One stop of the journey."""

    at: datetime
    stage: str
    code: str
    receipt: str
    file: str
    entry: int
    case: int = 0
    """The Vorgang of the file; 0 for none."""
    position: str
    office: str
    actor: str
    in_place_of: str = ""
    """Whose rights the actor used as a deputy; empty where their own were enough."""
    reference: str
    pages: str = ""
    """Of a scan whose pages a clerk arranged: which of them are which document."""
    due: date | None = None
    """The day on which it shall be looked at again."""
    clerk: str = ""
    """The account of whoever works on it."""
    complete: bool


def visible(context: Context, viewer: Viewer, document: str) -> Record:
    """The record as it is stored now; Rejected `not_found` for what is missing or not theirs, `erased` for what was.

    Whoever comes to look at it has to take this way: of a protected one it is put down.

    Of an erased document nobody can tell any more whose it was: that it was is told to those who may see the mail
    room's own post, to everybody else it is not there.
    """
    found, audience = _known(context, viewer, document)
    note_look(context, viewer, document, audience)
    return found


def known(context: Context, viewer: Viewer, document: str) -> Record:
    """The same for who tells no more of it than that it is there and how it is called, as a list does."""
    return _known(context, viewer, document)[0]


def _known(context: Context, viewer: Viewer, document: str) -> tuple[Record, Audience]:
    if not _DOCUMENT.fullmatch(document):
        raise Rejected("not_found")
    found = record.load(context.ports.blobs, context.settings.tenant, document)
    if found.erased:
        raise Rejected("erased" if viewer.may_see((vocabulary.MAIN_OFFICE,)) else "not_found")
    audience = audience_of(found, context.plan)
    if not found.receipts or not (viewer.may_see(*audience) or _was_delivered(context, viewer, found)):
        raise Rejected("not_found")
    return found, audience


def _was_delivered(context: Context, viewer: Viewer, found: Record) -> bool:
    """Whether the viewer is a procedure that a filing of the document was delivered to, and whose level is enough.

    So may one that was told of it as a hit, for as long as it is filed at a place of the procedure's.
    """
    known = context.procedures.named(viewer.procedure) if viewer.procedure else None
    if known is None or not known.may_have(audience_of(found, context.plan).protection):
        return False
    for filing in found.filings:
        delivery = delivery_id(found.tenant, viewer.procedure, found.document, filing=filing.decision)
        key = keys.procedure(found.tenant, viewer.procedure, "delivered", delivery)
        if context.ports.blobs.size(Bucket.RECORDS, key) is not None:
            return True
    if not any(known.gets(filing.position or "", context.plan) for filing in record.current_filings(found)):
        return False
    told = keys.procedure(found.tenant, viewer.procedure, "hits", found.document)
    return context.ports.blobs.size(Bucket.RECORDS, told) is not None


def receipts_of(found: Record, viewer: Viewer) -> Sequence[Receipt]:
    """The occurrences that the viewer may know of: who else got the letter is nobody's business (Bcc)."""
    return [receipt for receipt in found.receipts if viewer.may_see((receipt.office,))]


def occurrence_of(found: Record, viewer: Viewer) -> Receipt | None:
    """The first occurrence that the viewer may know of; None for whoever sees the document for another reason."""
    return next(iter(receipts_of(found, viewer)), None)


def title_for(found: Record, viewer: Viewer) -> str:
    """What a document is called for this viewer: as a person or it itself says, else as its file came to them."""
    own = occurrence_of(found, viewer)
    return record.title_of(found) or (own.name if own else "")


def can_be_drawn(part: Part) -> bool:
    """Whether its pages can be looked at as pictures: paper, whose bytes we have and nothing forbids to open."""
    if not (_PAPER.fullmatch(part.media_type) and part.sha256):
        return False
    # A bundle with more pages than are read has pages all the same; what is too large to be opened has none.
    return part.problem not in _NOT_SHOWN or (part.problem == "too_large" and part.page_count > 0)


def stops_of(found: Record, viewer: Viewer, *, asked: str = "") -> Sequence[Stop]:
    """The journey, without the arrivals that the viewer may not know of; `asked` is a receipt that they do know."""
    known = {"", asked, *(receipt.receipt for receipt in receipts_of(found, viewer))}
    return [stop for stop in journey(found) if stop.receipt in known]


def stops_on_page(found: Record, viewer: Viewer, *, asked: str = "") -> tuple[Sequence[Stop], int]:
    """The same for a page: of very many arrivals the first and the one that is asked for; how many are left out."""
    stops = stops_of(found, viewer, asked=asked)
    arrivals = [stop.receipt for stop in stops if stop.stage == "received"]
    left_out = set(arrivals[ARRIVALS_ON_PAGE:]) - {asked}
    return [stop for stop in stops if stop.stage != "received" or stop.receipt not in left_out], len(left_out)


def stop_out(stop: Stop) -> StopOut:
    """A stop as it is told."""
    return StopOut.model_validate({name: getattr(stop, name) for name in StopOut.model_fields})
