"""New hits of the searches that a procedure keeps: looked at once more in the record, and told by its inbox."""

from collections.abc import Sequence

from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.envelope import Event
from services.core.messages.events import SearchMatched
from services.core.messages.procedures import InboxLine
from services.core.messages.told import MatchTold
from services.core.model import record, record_files
from services.core.protocol.audience import audience_of
from services.procedures import inbox
from services.runtime.context.service import Context


def tell(event: Event, facts: SearchMatched, context: Context) -> Sequence[Event]:
    """Tell the procedure by a line that is stored once; nothing of what it brought, or has not at its places by now."""
    one = context.procedures.named(facts.procedure)
    found = record.load(context.ports.blobs, event.tenant, facts.document)
    brought = {receipt.source for receipt in found.receipts if receipt.channel == "procedure"}
    if (
        one is None
        or one.name in brought
        or found.erased
        or not one.may_have(audience_of(found, context.plan).protection)
    ):
        return ()
    if not any(one.gets(filing.position or "", context.plan) for filing in record.current_filings(found)):
        return ()
    made = _told(event, facts, context)
    return () if one.paused_since else (inbox.match_event(context, one.name, made),)


def _told(event: Event, facts: SearchMatched, context: Context) -> MatchTold:
    """The line as it was first written; before it the mark by which the procedure may read the original."""
    blobs, name = context.ports.blobs, facts.procedure
    blobs.create(Bucket.RECORDS, inbox.key_of(context, name, "hits", facts.document), b"")
    made = MatchTold(
        id=event.id,
        cause=event.cause,
        made_at=event.time,
        line=inbox.last_line(context, name) + 1,
        match=facts,
    )
    key = inbox.key_of(context, name, "matches", event.id)
    if not blobs.create(Bucket.RECORDS, key, record_files.encode(made)):
        made = procedures.decode(MatchTold, blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, name, InboxLine(kind="matched", id=made.id), made.line)
    return made
