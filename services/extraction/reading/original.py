"""From an original in the store to a reading of it."""

import contextlib
import io
import mmap
from typing import BinaryIO

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing, OriginalDamaged
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import DocumentReceived
from services.core.model import record_files
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Part, Receipt
from services.core.model.side_files import BROKEN_REPORT, JOURNAL
from services.extraction.invoices.checking.hybrids import compared
from services.extraction.invoices.checking.judging import judged
from services.extraction.kinds.signatures import text_kind_of
from services.extraction.mail.entities import Buffer, display_name
from services.extraction.mail.tree import is_mail, limits_of
from services.extraction.mail.written import Written, written
from services.extraction.malware import NotOpened, look
from services.extraction.reading.attachment import Attached, Seeking, checked
from services.extraction.reading.document import Reading
from services.extraction.reading.file import File
from services.extraction.reading.letter import sender_of, title_of
from services.runtime.access.originals import original
from services.runtime.context.service import Context
from services.runtime.streams.seekable import IN_MEMORY


def read_first(context: Context, event: Event, facts: DocumentReceived) -> Extraction:
    """Read the document as it was received. BlobMissing when it was erased; a damaged original is told as a problem."""
    receipt = receipt_of(context, event, facts)
    name = display_name(receipt.name) if receipt else ""
    known = Record(tenant=event.tenant, document=event.document, receipts=(receipt,) if receipt else ())
    try:
        reading = _read(context, known, media_type=facts.media_type, name=name)
    except (OriginalDamaged, NotOpened) as error:
        reading = Reading(context=context, tenant=event.tenant, document=event.document)
        problem = error.problem if isinstance(error, NotOpened) else "damaged"
        reading.parts.append(Part(part="0", name=name, media_type=facts.media_type, role="body", problem=problem))
    if receipt and receipt.properties.get(JOURNAL) == BROKEN_REPORT:
        _mark_broken_report(reading)
    return concluded(
        Extraction(
            cause=event.id,
            made_at=context.ports.clock.now(),
            complete=False,
            extractor_version=context.ports.extractor.version,
            mail=reading.mail,
            parts=judged(reading.parts, reading.invoices, context=context, of=(event.tenant, event.document)),
            awaiting=tuple(reading.awaiting),
        ),
        name,
    )


def _mark_broken_report(reading: Reading) -> None:
    """It names who got a mail, Bcc too: nothing files it by itself, and the mail room sees what it is."""
    reading.parts[0] = replace(reading.parts[0], problem=reading.parts[0].problem or "broken")
    reading.mail = replace(reading.mail, automatic=True) if reading.mail else None


def attachment(context: Context, found: Record, part: Part) -> Attached:
    """The bytes of a part. OriginalDamaged where they may be others, Rejected `not_found` where there is none."""
    media_type = found.extraction.parts[0].media_type if found.extraction else part.media_type
    seeking = Seeking(context=context, tenant=found.tenant, document=found.document, wanted=part.part)
    _read_into(seeking, found, media_type=media_type, name=display_name(found.receipts[0].name))
    return checked(seeking, part)


def as_written(context: Context, found: Record, part: Part) -> Written:
    """A mail, or one that is attached, as its author wrote it. Raises what `attachment` raises."""
    limits = limits_of(context)
    if part.part != "0":
        return written(attachment(context, found, part).content, part.text, limits=limits)
    with original(context, found.tenant, found.document, found) as content:
        return written(_buffer(content, content.seek(0, io.SEEK_END)), part.text, limits=limits)


def lay_out_again(context: Context, found: Record) -> None:
    """Read it once more, so that what OCR is given lies in the derived bucket again."""
    media_type = found.extraction.parts[0].media_type if found.extraction else ""
    _read(context, found, media_type=media_type, name=display_name(found.receipts[0].name if found.receipts else ""))


def concluded(extraction: Extraction, name: str = "") -> Extraction:
    """The same with its conclusions: whether all is there, and the problem of a document that nobody can read.

    Pages that wait for a missing text recognition stay awaited, so that they can be read some day; the document goes
    on without them, findable and on the clerk's list.
    """
    extraction = replace(extraction, parts=compared(extraction.parts))
    stuck = {part.part for part in extraction.parts if part.problem == "ocr_unavailable"}
    complete = all(pages.part in stuck for pages in extraction.awaiting)
    subject = extraction.mail.subject if extraction.mail else ""
    problem = None
    if complete and not subject and not any(part.text.strip() for part in extraction.parts):
        problem = next((part.problem for part in extraction.parts if part.problem), None) or "no_text"
    return replace(_named(extraction, name), complete=complete, problem=problem)


def _named(extraction: Extraction, name: str) -> Extraction:
    """With title and sender: those of a mail, else as the page tells them."""
    first = extraction.parts[0]
    if extraction.mail:
        return replace(extraction, title=extraction.mail.subject or title_of(first.text, given=""))
    title = title_of(first.text, given=first.properties.get("title", ""), name=name)
    sender = sender_of(first.text)
    if invoice := next((part.invoice for part in extraction.parts if part.invoice and part.invoice.is_readable), None):
        title, sender = invoice.title, invoice.seller.name or sender
    return replace(extraction, title=title, sender_on_page=sender)


def _read(context: Context, found: Record, *, media_type: str, name: str) -> Reading:
    reading = Reading(context=context, tenant=found.tenant, document=found.document)
    _read_into(reading, found, media_type=media_type, name=name, scanned=False)
    return reading


def _read_into(reading: Reading, found: Record, *, media_type: str, name: str, scanned: bool = True) -> None:
    with original(reading.context, reading.tenant, reading.document, found) as content:
        if not scanned:
            look(reading.context, reading.document, content)
        file = File(place=(), content=content, media_type=media_type, name=name, role="body")
        if (is_mail(media_type, name) or file.is_mail) and not (file.kind or text_kind_of(file.head)):
            reading.read_mail(_buffer(content, file.size), file.sha256)
        else:
            reading.read_scan(file)


def _buffer(content: BinaryIO, size: int) -> Buffer:
    content.seek(0)
    if size <= IN_MEMORY:
        return content.read()
    # Large mails are mapped, not loaded: only what is asked for comes into memory.
    try:
        return mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ)
    except io.UnsupportedOperation:  # no file: a store in memory has it there already
        return content.read()


def receipt_of(context: Context, event: Event, facts: DocumentReceived) -> Receipt | None:
    """The receipt that the event tells of; None where it was erased since."""
    key = keys.receipt(event.tenant, event.document, facts.receipt)
    with contextlib.suppress(BlobMissing):
        return record_files.decode(Receipt, context.ports.blobs.read(Bucket.RECORDS, key))
    return None
