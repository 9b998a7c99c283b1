"""The inbox of a procedure: gapless lines in the store, each made once, so that a cursor is a number."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from services.core import catalogue, keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import procedures, topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import (
    InvoiceReceived,
    ProcedureDelivered,
    ProcedureReminded,
    ProcedureTested,
    SearchMatched,
    SubmissionAccepted,
    SubmissionRefused,
)
from services.core.messages.procedures import (
    Delivered,
    InboxLine,
    Outcome,
    Refused,
    Reminded,
    Tested,
)
from services.core.messages.told import InvoiceTold, MatchTold
from services.core.model import record_files
from services.core.vocabulary import InboxKind
from services.runtime.context.service import Context

_Shape = TypeVar("_Shape", bound=Struct)
_Teller = Callable[[Context, str, bytes], Event]
"""Makes the event of a stored record."""


def key_of(context: Context, name: str, kind: str, item: str | int) -> str:
    """Where it lies."""
    return keys.procedure(context.settings.tenant, name, kind, str(item))


def ids(context: Context, name: str, kind: str) -> set[str]:
    """What of this kind is stored of the exchange."""
    prefix = f"{context.settings.tenant}/procedures/{name}/{kind}/"
    return {key[len(prefix) :].removesuffix(".json") for key in context.ports.blobs.keys(Bucket.RECORDS, prefix)}


def there(context: Context, name: str, line: int) -> bool:
    """Whether the inbox has this line."""
    return context.ports.blobs.size(Bucket.RECORDS, key_of(context, name, "inbox", line)) is not None


def last_line(context: Context, name: str) -> int:
    """The newest line, 0 where there is none."""
    row = f"{context.settings.tenant}/procedures/{name}/inbox"
    return context.rows.last(row, lambda line: there(context, name, line))


def enter(context: Context, name: str, line: InboxLine, first: int) -> None:
    """Write the line at `first` or above, once: a repeat finds its own on the way up."""
    content = record_files.encode(line)
    while not context.ports.blobs.create(Bucket.RECORDS, key_of(context, name, "inbox", first), content):
        if context.ports.blobs.read(Bucket.RECORDS, key_of(context, name, "inbox", first)) == content:
            return
        first += 1


def page(context: Context, name: str, cursor: int, limit: int) -> list[Event]:
    """The events behind the cursor, oldest first; Rejected `beyond_window` for a place that the inbox has not."""
    if cursor and not there(context, name, cursor):
        raise Rejected("beyond_window")
    found: list[Event] = []
    while len(found) < limit and there(context, name, cursor + 1):
        cursor += 1
        found.append(line_event(context, name, cursor))
    return found


def line_event(context: Context, name: str, line: int) -> Event:
    """The event of a line that is there."""
    content = context.ports.blobs.read(Bucket.RECORDS, key_of(context, name, "inbox", line))
    return _event(context, name, procedures.decode(InboxLine, content))


def delivered_event(context: Context, name: str, made: Delivered) -> Event:
    """The event of a stored delivery: the same whoever tells it."""
    facts = ProcedureDelivered(
        delivery=made.delivery,
        document=made.document,
        filing=made.filing,
        file=made.file,
        position=made.position,
        content_path=f"/api/v1/documents/{made.document}/original",
        entry=made.entry,
        case=made.case,
        invoices=made.invoices,
    )
    cause = Cause(context.settings.tenant, made.delivery)
    return topics.emit_to(name, facts, cause=cause, now=made.made_at, key=made.file)


def outcome_event(context: Context, name: str, made: Outcome) -> Event:
    """The event of a stored outcome."""
    facts: SubmissionAccepted | SubmissionRefused
    if made.receipt:
        facts = SubmissionAccepted(submission=made.submission, receipt=made.receipt)
    else:
        sentence = catalogue.refusal(made.reason_codes[0])
        facts = SubmissionRefused(submission=made.submission, reason_codes=made.reason_codes, sentence=sentence)
    # The submission's id is the procedure's own word: another may use the same.
    cause = Cause(context.settings.tenant, outcome_id(context, name, made.submission))
    return topics.emit_to(name, facts, cause=cause, now=made.made_at)


def refused_event(context: Context, name: str, made: Refused) -> Event:
    """The event of a stored refusal: the same whoever tells it."""
    facts = SubmissionRefused(
        submission=made.submission,
        reason_codes=made.reason_codes,
        delivery=made.delivery,
        field=made.field,
        sentence=catalogue.refusal(made.reason_codes[0]),
    )
    cause = Cause(context.settings.tenant, procedures.delivery_id(context.settings.tenant, name, made.id, filing="no"))
    return topics.emit_to(name, facts, cause=cause, now=made.made_at)


def invoice_event(context: Context, name: str, made: InvoiceTold) -> Event:
    """The event of an invoice as extraction told it, in this inbox."""
    return _passed_on(context, name, made, made.invoice)


def match_event(context: Context, name: str, made: MatchTold) -> Event:
    """The event of a hit as the search told it, in this inbox."""
    return _passed_on(context, name, made, made.match)


def reminded_event(context: Context, name: str, made: Reminded) -> Event:
    """The event of a stored reminder."""
    facts = ProcedureReminded(delivery=made.delivery, answer_by=made.answer_by)
    return topics.emit_to(name, facts, cause=Cause(context.settings.tenant, made.delivery), now=made.made_at)


def tested_event(context: Context, name: str, made: Tested) -> Event:
    """The event of a stored test."""
    facts = ProcedureTested(delivery=made.delivery)
    return topics.emit_to(name, facts, cause=Cause(context.settings.tenant, made.delivery), now=made.made_at)


def _passed_on(
    context: Context, name: str, made: InvoiceTold | MatchTold, facts: InvoiceReceived | SearchMatched
) -> Event:
    """What somebody else told, under the id that it was told by."""
    return Event(
        id=made.id,
        topic=topics.inbox_of(name),
        key=facts.document,
        tenant=context.settings.tenant,
        service=topics.WRITTEN_BY[facts.NAME][0],
        subject=facts.document,
        time=made.made_at,
        cause=made.cause,
        facts=facts,
    )


def outcome_id(context: Context, name: str, submission: str) -> str:
    """What stands for a submission of this procedure among all ids."""
    return procedures.delivery_id(context.settings.tenant, name, submission, filing="submission")


def _event(context: Context, name: str, line: InboxLine) -> Event:
    folder, told = _LINES[line.kind]
    return told(context, name, context.ports.blobs.read(Bucket.RECORDS, key_of(context, name, folder, line.id)))


def _told(shape: type[_Shape], event: Callable[[Context, str, _Shape], Event]) -> _Teller:
    return lambda context, name, content: event(context, name, procedures.decode(shape, content))


_LINES: dict[InboxKind, tuple[str, _Teller]] = {
    "delivered": ("delivered", _told(Delivered, delivered_event)),
    "outcome": ("outcomes", _told(Outcome, outcome_event)),
    "refused": ("refused", _told(Refused, refused_event)),
    "invoice": ("invoices", _told(InvoiceTold, invoice_event)),
    "matched": ("matches", _told(MatchTold, match_event)),
    "reminded": ("reminded", _told(Reminded, reminded_event)),
    "tested": ("tests", _told(Tested, tested_event)),
}
"""Where the record of a line lies, and the event that it makes, by its kind."""
