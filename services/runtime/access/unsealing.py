"""A sealed document that is none to be feared: a scanner that finds nothing any more, or an administrator, says so.

Beside administrators who ask for it, the ledger has sealed documents looked at again by itself.
"""

import io
import uuid
from dataclasses import dataclass

from services.core import keys
from services.core.errors import BlobMissing, OriginalDamaged, Rejected, TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause
from services.core.messages.events import OriginalUnsealed
from services.core.model import record
from services.core.model.record import Record
from services.core.model.side_files import Rescan, Unsealed
from services.core.ports.malware_scanner import Signatures
from services.core.protocol import revise
from services.core.vocabulary import RescanOutcome, UnsealingGround
from services.runtime.access.originals import RESCAN, UNSEALING, is_sealed, original
from services.runtime.context.service import Context

BY_ITSELF = "scanner"
"""Who unsealed what nobody had asked for."""
REASON_CHARACTERS = 500
_REJECTED = {"infected": "still_infected", "too_large": "too_large"}


def unseal(context: Context, document: str, actor: str, *, reason: str = "") -> Unsealed:
    """Unseal for a reason, or where the scanner finds nothing any more; told again where it was said before.

    Rejected `not_sealed`; `still_infected` where the scanner still finds something, `no_scanner` where none is set up,
    `too_large` where it does not take it; `signatures_not_newer` where nobody asked and the database is no newer than
    one that looked before: a scanner that lost its signatures would set free whatever they had found. TryLater while
    scanner, store or log is away.
    """
    for _ in range(revise.ROUNDS):
        found = _found(context, document)
        before = found.unsealed
        if before and (not is_sealed(found) or (reason and before.ground == "reason")):
            tell_unsealed(context, found, before)
            return before
        if not is_sealed(found):
            raise Rejected("not_sealed")
        signatures = "" if reason else _scan(_Look(context, found, actor)).name
        now = context.ports.clock.now()
        ground: UnsealingGround = "reason" if reason else "rescan"
        made = Unsealed(
            id=str(uuid.uuid4()), unsealed_at=now, actor=actor, ground=ground, reason=reason, signatures=signatures
        )
        revision = revise.append(context.ports.blobs, found, UNSEALING, made)
        if revision == 0:
            raise Rejected("erased")
        if revision:
            context.log.warning("document_unsealed", document=document, actor=actor, ground=ground)
            _tell(context, found, made, revision)
            return made
    raise TryLater("busy")


def tell_unsealed(context: Context, found: Record, made: Unsealed) -> None:
    """Tell once more what stands in the record, under the same id: whoever said it may have died before."""
    _tell(context, found, made, found.revisions[UNSEALING])


def note_unanswered(context: Context, found: Record, actor: str) -> None:
    """Note that the scanner fell silent over it, so that it is left alone until there are other signatures."""
    look = _Look(context, found, actor)
    _note(look, "unanswered", context.ports.scanner.signatures())


@dataclass(frozen=True, slots=True)
class _Look:
    """A look of the scanner at a sealed document, and who asked for it."""

    context: Context
    found: Record
    actor: str


def _found(context: Context, document: str) -> Record:
    found = record.load(context.ports.blobs, context.settings.tenant, document)
    if found.erased:
        raise Rejected("erased")
    if not found.receipts:
        raise Rejected("not_found")
    return found


def _scan(look: _Look) -> Signatures:
    """Have the original looked at with the signatures of today; which those are.

    They are asked for before: where others are loaded meanwhile, the next round looks once more.
    """
    context, document = look.context, look.found.document
    if not context.settings.malware.clamd:
        raise Rejected("no_scanner")
    signatures = context.ports.scanner.signatures()
    try:
        with original(context, context.settings.tenant, document) as content:
            verdict = context.ports.scanner.scan(content, content.seek(0, io.SEEK_END))
    except BlobMissing as error:
        raise Rejected("erased") from error
    except OriginalDamaged:
        _note(look, "damaged", signatures)
        raise
    if verdict.outcome != "clean":
        context.log.warning("malware_found_again", document=document, signature=verdict.signature)
        _note(look, verdict.outcome, signatures, verdict.signature)
        raise Rejected(_REJECTED[verdict.outcome])
    before = look.found.rescan
    if look.actor == BY_ITSELF and not (before and signatures.number > before.newest > 0):
        _note(look, "clean", signatures)
        raise Rejected("signatures_not_newer")
    return signatures


def _note(look: _Look, outcome: RescanOutcome, signatures: Signatures, signature: str = "") -> None:
    """Write down the look; those before it go. Where somebody else looked at the same time, theirs is as good."""
    blobs, found = look.context.ports.blobs, look.found
    now = look.context.ports.clock.now()
    made = Rescan(
        rescanned_at=now,
        actor=look.actor,
        outcome=outcome,
        found=signature,
        signatures=signatures.name,
        newest=max(signatures.number, found.rescan.newest if found.rescan else 0),
    )
    revision = revise.append(blobs, found, RESCAN, made)
    if revision:
        for key in list(blobs.keys(Bucket.RECORDS, f"{keys.record(found.tenant, found.document)}{RESCAN}/")):
            if keys.number_in(key) < revision:
                blobs.delete(Bucket.RECORDS, key)


def _tell(context: Context, found: Record, made: Unsealed, revision: int) -> None:
    facts = OriginalUnsealed(document=found.document, revision=revision, ground=made.ground, actor=made.actor)
    cause = Cause(found.tenant, made.id)
    context.ports.log.publish(topics.emit(facts, cause=cause, service=context.service, now=made.unsealed_at))
