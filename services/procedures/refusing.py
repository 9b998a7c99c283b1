"""What a procedure is told of a record on its topic that breaks the contract: why, in a code and in a sentence."""

from collections.abc import Sequence

from services.core.errors import EventBroken
from services.core.keys import Bucket
from services.core.messages import procedures, said, topics
from services.core.messages.envelope import Event, Message
from services.core.messages.procedures import InboxLine, Refused
from services.core.model import record_files
from services.procedures import inbox
from services.runtime.context.service import Context

ANSWERED = frozenset(
    {
        *(f"bad_{name}" for name in (*said.ATTRIBUTES, "data", "event")),
        "unknown_version",
        "too_large",
        "unknown_delivery",
        "already_answered",
        "submission_reused",
    }
)
"""Codes of what is the writer's fault; anything else is ours to mend, and may go well yet."""


def refuse(message: Message, error: EventBroken, context: Context) -> Sequence[Event]:
    """Store the refusal once, with its line in the inbox, and tell it; a repeat tells what is stored."""
    name = topics.procedure_of(message.topic)
    if error.code not in ANSWERED or context.procedures.named(name) is None:
        return ()
    made, blobs = _made(message, error, name, context=context), context.ports.blobs
    key = inbox.key_of(context, name, "refused", made.id)
    if not blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        made = procedures.decode(Refused, blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, name, InboxLine(kind="refused", id=made.id), made.line)
    return (inbox.refused_event(context, name, made),)


def _made(message: Message, error: EventBroken, name: str, *, context: Context) -> Refused:
    about = said.about(message)
    return Refused(
        id=said.refusal_id(message),
        submission=about.submission,
        made_at=context.ports.clock.now(),
        line=inbox.last_line(context, name) + 1,
        reason_codes=(error.code,),
        delivery=about.delivery or None,
        field=error.field or about.field or None,
    )
