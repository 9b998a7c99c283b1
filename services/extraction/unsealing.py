"""A sealed document that is none to be feared: a scanner that finds nothing any more, or an administrator, says so."""

import io
import uuid

from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.messages import topics
from services.core.messages.envelope import Cause
from services.core.messages.events import OriginalUnsealed
from services.core.model import record
from services.core.model.record import Record
from services.core.model.side_files import Unsealed
from services.core.protocol import revise
from services.core.vocabulary import UnsealingGround
from services.extraction.malware import UNSEALING
from services.runtime.access.originals import is_sealed, original
from services.runtime.context.service import Context

REASON_CHARACTERS = 500


def unseal(context: Context, document: str, actor: str, *, reason: str = "") -> Unsealed:
    """Unseal for a reason, or where the scanner finds nothing any more; told again where it was said before.

    Rejected `not_sealed`; `still_infected` where the scanner still finds something, `no_scanner` where none is set up,
    `too_large` where it does not take it. TryLater while scanner, store or log is away.
    """
    for _ in range(revise.ROUNDS):
        found = _found(context, document)
        before = found.unsealed
        if before and (not is_sealed(found) or (reason and before.ground == "reason")):
            _tell(context, found, before, found.revisions[UNSEALING])
            return before
        if not is_sealed(found):
            raise Rejected("not_sealed")
        if not reason:
            _scan(context, document)
        now = context.ports.clock.now()
        ground: UnsealingGround = "reason" if reason else "rescan"
        made = Unsealed(id=str(uuid.uuid4()), unsealed_at=now, actor=actor, ground=ground, reason=reason)
        revision = revise.append(context.ports.blobs, found, UNSEALING, made)
        if revision == 0:
            raise Rejected("erased")
        if revision:
            context.log.warning("document_unsealed", document=document, actor=actor, ground=ground)
            _tell(context, found, made, revision)
            return made
    raise TryLater("busy")


def _found(context: Context, document: str) -> Record:
    found = record.load(context.ports.blobs, context.settings.tenant, document)
    if found.erased:
        raise Rejected("erased")
    if not found.receipts:
        raise Rejected("not_found")
    return found


def _scan(context: Context, document: str) -> None:
    """Have the original looked at with the signatures of today."""
    if not context.settings.malware.clamd:
        raise Rejected("no_scanner")
    try:
        with original(context, context.settings.tenant, document) as content:
            verdict = context.ports.scanner.scan(content, content.seek(0, io.SEEK_END))
    except BlobMissing as error:
        raise Rejected("erased") from error
    if verdict.outcome == "infected":
        context.log.warning("malware_found_again", document=document, signature=verdict.signature)
        raise Rejected("still_infected")
    if verdict.outcome == "too_large":
        raise Rejected("too_large")


def _tell(context: Context, found: Record, made: Unsealed, revision: int) -> None:
    facts = OriginalUnsealed(document=found.document, revision=revision, ground=made.ground, actor=made.actor)
    cause = Cause(found.tenant, made.id)
    context.ports.log.publish(topics.emit(facts, cause=cause, service=context.service, now=made.unsealed_at))
