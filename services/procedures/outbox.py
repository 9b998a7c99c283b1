"""What a procedure says, checked and stored before it counts as said: answers to deliveries, claims of submissions."""

from typing import TypeVar

from msgspec import Struct

from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.events import Facts, ProcedureAcknowledged, ProcedureRejected, ProcedureSubmitted
from services.core.messages.procedures import Answered, Submitted
from services.core.model import record_files
from services.procedures import inbox
from services.runtime.context.service import Context

_Shape = TypeVar("_Shape", bound=Struct)


def accept(facts: Facts, name: str, context: Context) -> None:
    """Store it, once. Rejected: `unknown_delivery`, `already_answered`, `submission_reused`, or `bad_data`."""
    if isinstance(facts, ProcedureSubmitted):
        _claim(facts, name, context)
    elif isinstance(facts, ProcedureAcknowledged):
        _answer(Answered(delivery=facts.delivery, reference_key=facts.reference_key), name, context)
    elif isinstance(facts, ProcedureRejected):
        _answer(Answered(delivery=facts.delivery, reason_code=facts.reason_code), name, context)
    else:
        raise Rejected("bad_type", field="type")


def _answer(answer: Answered, name: str, context: Context) -> None:
    delivered = inbox.key_of(context, name, "delivered", answer.delivery)
    if context.ports.blobs.size(Bucket.RECORDS, delivered) is None:
        raise Rejected("unknown_delivery", field="delivery")
    if _first(context, inbox.key_of(context, name, "answered", answer.delivery), answer) != answer:
        raise Rejected("already_answered")


def _claim(facts: ProcedureSubmitted, name: str, context: Context) -> None:
    if facts.metadata_key not in (None, inbox.key_of(context, name, "uploads", facts.upload)):
        raise Rejected("bad_data", field="metadata_key")
    claim = Submitted(
        submission=facts.submission,
        upload=facts.upload,
        sha256=facts.sha256,
        file=facts.file,
        position=facts.position,
        reference_key=facts.reference_key,
    )
    # The same content, uploaded again by a procedure that died in between, is the same submission.
    if _first(context, inbox.key_of(context, name, "submitted", facts.submission), claim).sha256 != facts.sha256:
        raise Rejected("submission_reused")


def _first(context: Context, key: str, made: _Shape) -> _Shape:
    """What stands there now: ours, or what was first."""
    if context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        return made
    return procedures.decode(type(made), context.ports.blobs.read(Bucket.RECORDS, key))
