"""Receiving what a procedure submits, by the act that all intakes share; what became of it is stored once and told."""

from collections.abc import Sequence

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.envelope import Event
from services.core.messages.events import ProcedureSubmitted
from services.core.messages.procedures import InboxLine, Outcome, Procedure, Submitted, Upload
from services.core.model import record_files
from services.core.model.documents import BytesIdentity
from services.core.model.record_files import Receipt
from services.core.protocol.receiving import Accepted, Arrival, receive, received_event
from services.procedures import inbox
from services.procedures.referencing import of_submission
from services.runtime.context.service import Context

PIECE_BYTES = 256 * 1024


def receive_submission(event: Event, facts: ProcedureSubmitted, name: str, context: Context) -> Sequence[Event]:
    """Receive what was claimed under this id, and tell; a repeat tells what is stored.

    1. Receive, with the submission as idempotency key: whoever repeats it gets the same receipt.
    2. Store the outcome, once, and its line in the inbox.
    3. Let the record have the procedure's own number of it.
    4. Delete the upload where its content is a document now. Refused it stays, to be submitted under another id.
    """
    blobs, tenant = context.ports.blobs, context.settings.tenant
    key = inbox.key_of(context, name, "outcomes", facts.submission)
    claim_key = inbox.key_of(context, name, "submitted", facts.submission)
    claim = procedures.decode(Submitted, blobs.read(Bucket.RECORDS, claim_key))
    if blobs.size(Bucket.RECORDS, key) is None:
        blobs.create(Bucket.RECORDS, key, record_files.encode(_outcome(claim, name, context)))
    made = procedures.decode(Outcome, blobs.read(Bucket.RECORDS, key))
    inbox.enter(context, name, InboxLine(kind="outcome", id=made.submission), made.line)
    own = claim.reference_key
    told = of_submission(event, made.document, own, name, context=context) if made.document and own else ()
    for upload in {claim.upload, facts.upload} if made.receipt else ():
        blobs.delete(Bucket.RECORDS, keys.uploaded(tenant, name, upload))
        blobs.delete(Bucket.RECORDS, inbox.key_of(context, name, "uploads", upload))
    return (*_received(made, context), *told, inbox.outcome_event(context, name, made))


def _outcome(claim: Submitted, name: str, context: Context) -> Outcome:
    now, line = context.ports.clock.now(), inbox.last_line(context, name) + 1
    try:
        key = inbox.key_of(context, name, "uploads", claim.upload)
        upload = procedures.decode(Upload, context.ports.blobs.read(Bucket.RECORDS, key))
        if upload.sha256 == claim.sha256:
            got = _receive(claim, upload, name, context=context)
            return Outcome(
                submission=claim.submission, made_at=now, line=line, receipt=got.receipt, document=got.document
            )
        reason = "digest_mismatch"
    except BlobMissing:
        reason = "unknown_upload"
    return Outcome(submission=claim.submission, made_at=now, line=line, reason_codes=(reason,))


def _receive(claim: Submitted, upload: Upload, name: str, *, context: Context) -> Accepted:
    procedure = context.procedures.named(name) or Procedure(name=name)
    blobs, identity = context.ports.blobs, BytesIdentity()
    stored = blobs.open(Bucket.RECORDS, keys.uploaded(context.settings.tenant, name, upload.upload))
    with stored as stream, context.seekable(stream) as content:
        content.seek(0)
        while piece := content.read(PIECE_BYTES):
            identity.update(piece)
        arrival = Arrival(
            tenant=context.settings.tenant,
            channel="procedure",
            source=name,
            media_type=upload.media_type,
            content=content,
            identity=identity,
            name=upload.name,
            office=procedure.office,
            idempotency_key=f"procedure/{claim.submission}",
            properties=_told_of(claim),
        )
        return receive(arrival, blobs=blobs, clock=context.ports.clock)


def _told_of(claim: Submitted) -> dict[str, str]:
    """What the procedure says of it beside the content: classification reads where it belongs."""
    case = str(claim.case) if claim.case else ""
    said = {"file": claim.file, "case": case, "position": claim.position, "reference": claim.reference_key}
    return {name: value for name, value in said.items() if value}


def _received(made: Outcome, context: Context) -> Sequence[Event]:
    """The arrival's own event, from its receipt; none where that was erased since."""
    if not made.receipt or not made.document:
        return ()
    tenant = context.settings.tenant
    try:
        content = context.ports.blobs.read(Bucket.RECORDS, keys.receipt(tenant, made.document, made.receipt))
    except BlobMissing:
        return ()
    receipt = record_files.decode(Receipt, content)
    return (received_event(receipt, service=context.service, now=context.ports.clock.now()),)
