"""From events to lines in the book; standings that people decide about are looked up in the record itself."""

from collections.abc import Sequence

from services.core import keys
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.messages.events import (
    DocumentClassified,
    DocumentErased,
    DocumentExtracted,
    DocumentFiled,
    DocumentHandled,
    DocumentHeld,
    DocumentIndexed,
    DocumentReceived,
    DocumentReferenced,
    DocumentTitled,
    FilingDecided,
    OriginalChecked,
    OriginalUnsealed,
)
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.ports.ledger_store import Line, Step
from services.core.ports.reports.course_book import Course
from services.core.protocol.pointers.threads import message_id_in, message_key
from services.core.vocabulary import MAIN_OFFICE, State
from services.ledger.quality.judged import judged_of
from services.ledger.reports.course import course_of
from services.runtime.context.service import Context

_LOOK_AGAIN = (
    DocumentFiled,
    DocumentHandled,
    DocumentHeld,
    DocumentReferenced,
    DocumentTitled,
    FilingDecided,
    OriginalChecked,
    OriginalUnsealed,
    DocumentErased,
)
"""Events after which the record tells how the document stands."""
_OF_SHEETS = frozenset({"separated", "sheets_differ"})
"""Judgements with which a scan may stand where it stays: a clerk said before which documents its pages are."""


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Write what the event means for its receipts; brings nothing about."""
    facts, book = event.facts, context.ports.ledger
    if isinstance(facts, DocumentReceived):
        _note_receipt(event, facts, context)
    elif isinstance(facts, DocumentExtracted):
        state: State = "classifying" if facts.complete else "reading"
        problem = facts.problem_code or ""
        book.advance(Step(tenant=event.tenant, document=facts.document, state=state, since=event.time, problem=problem))
    elif isinstance(facts, DocumentClassified) and facts.reason_code not in _OF_SHEETS:
        book.advance(Step(tenant=event.tenant, document=facts.document, state="filing", since=event.time))
    elif isinstance(facts, (*_LOOK_AGAIN, DocumentClassified)):
        found = record.load(context.ports.blobs, event.tenant, event.document)
        book.advance(step_of(found))
        note_outcome(found, context)
    elif isinstance(facts, DocumentIndexed):
        book.indexed(event.tenant, facts.document, facts.version)
    return ()


def commit(context: Context) -> None:
    """Make what was written durable."""
    context.ports.ledger.commit()


def note_outcome(found: Record, context: Context) -> None:
    """How its judgement turned out and how far it is; of the judgement of an erased one nothing is kept."""
    book = context.ports.ledger
    judged, course = judged_of(found, context.plan.office_of), course_of(found, context.plan.office_of)
    if judged:
        book.note_judged(judged)
    if course:
        book.note_course(course)
    if found.erased:
        book.forget_judged(found.tenant, found.document)
        book.end_course(found.tenant, found.document, found.erased.erased_at)


def step_of(found: Record) -> Step:
    """The standing of a record and since when it holds."""
    standing = record.standing(found)
    return Step(
        tenant=found.tenant,
        document=found.document,
        state=standing.state,
        since=record.since(found),
        version=found.version,
        reason=standing.reason,
        problem=standing.problems[0] if standing.problems else "",
    )


def line_of(receipt: Receipt) -> Line:
    """A receipt as a line, for the sweeper and a rebuild."""
    return Line(
        receipt=receipt.receipt,
        tenant=receipt.tenant,
        document=receipt.document,
        channel=receipt.channel,
        source=receipt.source,
        received_at=receipt.received_at,
        office=receipt.office,
        sha256=receipt.sha256,
        message=_message(receipt),
    )


def begun(line: Line) -> Course:
    """The course of a document of which nothing is known but that it came."""
    return Course(
        tenant=line.tenant,
        document=line.document,
        received_at=line.received_at,
        channel=line.channel,
        office=line.office or MAIN_OFFICE,
    )


def _message(receipt: Receipt) -> str:
    """The hash of its Message-ID; what has no header block is no mail."""
    found = message_id_in(receipt.envelope.header_block) if receipt.envelope else ""
    return message_key(found) if found else ""


def _note_receipt(event: Event, facts: DocumentReceived, context: Context) -> None:
    book = context.ports.ledger
    known = book.find(event.tenant, facts.receipt)
    blobs = context.ports.blobs
    if known and known.document != event.document and record.is_erased(blobs, event.tenant, event.document):
        return  # told late: an erasure moved the receipt on, and beside what was erased nobody would find it
    line = _stored_line(event, facts, context) or _told_line(event, facts)
    book.add(line)
    book.note_course(begun(line))
    book.advance(Step(tenant=event.tenant, document=facts.document, state="received", since=event.time))


def _stored_line(event: Event, facts: DocumentReceived, context: Context) -> Line | None:
    """With what only the stored receipt tells; None where it was erased since, or cannot be read."""
    key = keys.receipt(event.tenant, facts.document, facts.receipt)
    try:
        return line_of(record_files.decode(Receipt, context.ports.blobs.read(Bucket.RECORDS, key)))
    except (BlobMissing, Rejected):
        return None


def _told_line(event: Event, facts: DocumentReceived) -> Line:
    return Line(
        receipt=facts.receipt,
        tenant=event.tenant,
        document=facts.document,
        channel=facts.channel,
        source=facts.source,
        received_at=facts.received_at,
        sha256=facts.sha256,
    )
