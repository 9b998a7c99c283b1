"""Test messages: whether a procedure takes what it is told and answers it, without a document."""

import uuid
from contextlib import suppress

from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.procedures import Answered, InboxLine, Tested
from services.core.model import record_files
from services.procedures import inbox
from services.runtime.context.service import Context


def sent(name: str, context: Context) -> Tested:
    """A new one, stored and told; Rejected `not_found`, `procedure_paused`.

    Where the log is away it stays in the inbox all the same.
    """
    known = context.procedures.named(name)
    if known is None:
        raise Rejected("not_found")
    if known.paused_since:
        raise Rejected("procedure_paused")
    made = Tested(
        delivery=str(uuid.uuid4()),
        made_at=context.ports.clock.now(),
        line=inbox.last_line(context, name) + 1,
    )
    key = inbox.key_of(context, name, "tests", made.delivery)
    context.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(made))
    inbox.enter(context, name, InboxLine(kind="tested", id=made.delivery), made.line)
    context.ports.log.publish(inbox.tested_event(context, name, made))
    return made


def found(name: str, delivery: str, context: Context) -> Tested:
    """One that was sent; Rejected `not_found`."""
    try:
        content = context.ports.blobs.read(Bucket.RECORDS, inbox.key_of(context, name, "tests", delivery))
    except BlobMissing as error:
        raise Rejected("not_found") from error
    return procedures.decode(Tested, content)


def answer_to(made: Tested, name: str, context: Context) -> Answered | None:
    """What the procedure said; None: nothing yet."""
    with suppress(BlobMissing):
        content = context.ports.blobs.read(Bucket.RECORDS, inbox.key_of(context, name, "test-answers", made.delivery))
        return procedures.decode(Answered, content)
    return None
