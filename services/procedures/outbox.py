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


def accept(facts: Facts, name: str, context: Context) -> bool:
    """Store it, once; whether it is about a document, as all is but the answer to a test.

    Rejected: `unknown_delivery`, `already_answered`, `submission_reused`, or `bad_data`.
    """
    if isinstance(facts, ProcedureSubmitted):
        return _claim(facts, name, context)
    if isinstance(facts, ProcedureAcknowledged):
        return _answer(Answered(delivery=facts.delivery, reference_key=facts.reference_key), name, context)
    if isinstance(facts, ProcedureRejected):
        return _answer(Answered(delivery=facts.delivery, reason_code=facts.reason_code), name, context)
    raise Rejected("bad_type", field="type")


def _answer(answer: Answered, name: str, context: Context) -> bool:
    def asked(kind: str) -> bool:
        key = inbox.key_of(context, name, kind, answer.delivery)
        return context.ports.blobs.size(Bucket.RECORDS, key) is not None

    is_delivery = asked("delivered")
    if not is_delivery and not asked("tests"):
        raise Rejected("unknown_delivery", field="delivery")
    kept = inbox.key_of(context, name, "answered" if is_delivery else "test-answers", answer.delivery)
    if _first(context, kept, answer) != answer:
        raise Rejected("already_answered")
    return is_delivery


def _claim(facts: ProcedureSubmitted, name: str, context: Context) -> bool:
    if facts.metadata_key not in (None, inbox.key_of(context, name, "uploads", facts.upload)):
        raise Rejected("bad_data", field="metadata_key")
    claim = Submitted(
        submission=facts.submission,
        upload=facts.upload,
        sha256=facts.sha256,
        file=facts.file,
        case=facts.case,
        position=facts.position,
        reference_key=facts.reference_key,
    )
    # The same content, uploaded again by a procedure that died in between, is the same submission.
    if _first(context, inbox.key_of(context, name, "submitted", facts.submission), claim).sha256 != facts.sha256:
        raise Rejected("submission_reused")
    return True


def _first(context: Context, key: str, made: _Shape) -> _Shape:
    """What stands there now: ours, or what was first."""
    if context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        return made
    return procedures.decode(type(made), context.ports.blobs.read(Bucket.RECORDS, key))
