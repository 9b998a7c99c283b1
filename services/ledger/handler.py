"""From events to lines in the book; standings that people decide about are looked up in the record itself."""

from collections.abc import Sequence

from services.core.messages.envelope import Event
from services.core.messages.events import (
    DocumentClassified,
    DocumentErased,
    DocumentExtracted,
    DocumentFiled,
    DocumentHeld,
    DocumentIndexed,
    DocumentReceived,
    FilingDecided,
    OriginalChecked,
)
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Receipt
from services.core.ports.ledger_store import LedgerStore, Line, Step
from services.core.vocabulary import State
from services.ledger.quality.judged import judged_of
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Write what the event means for its receipts; brings nothing about."""
    facts, book = event.facts, context.ports.ledger
    if isinstance(facts, DocumentReceived):
        _note_receipt(event, facts, book)
    elif isinstance(facts, DocumentExtracted):
        state: State = "classifying" if facts.complete else "reading"
        problem = facts.problem_code or ""
        book.advance(Step(tenant=event.tenant, document=facts.document, state=state, since=event.time, problem=problem))
    elif isinstance(facts, DocumentClassified):
        book.advance(Step(tenant=event.tenant, document=facts.document, state="filing", since=event.time))
    elif isinstance(facts, DocumentFiled | DocumentHeld | FilingDecided | OriginalChecked | DocumentErased):
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
    """How the judgement of the document turned out so far; of an erased one nothing is kept."""
    judged = judged_of(found, context.plan.office_of)
    if judged:
        context.ports.ledger.note_judged(judged)
    elif found.erased:
        context.ports.ledger.forget_judged(found.tenant, found.document)


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
    )


def _note_receipt(event: Event, facts: DocumentReceived, book: LedgerStore) -> None:
    line = Line(
        receipt=facts.receipt,
        tenant=event.tenant,
        document=facts.document,
        channel=facts.channel,
        source=facts.source,
        received_at=facts.received_at,
    )
    book.add(line)
    book.advance(Step(tenant=event.tenant, document=facts.document, state="received", since=event.time))
