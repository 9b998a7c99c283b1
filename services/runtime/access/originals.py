"""The one way to the bytes of an original: compared with what was stored before anybody is given any of them."""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

from prometheus_client import Counter

from services.core import keys
from services.core.errors import BlobMissing, OriginalDamaged, Rejected, TryLater
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.protocol import custody, revise
from services.core.vocabulary import Custody
from services.runtime.context.service import Context

UNSEALING, RESCAN = "unsealing", "rescan"
"""The stages of a record that say that it was a false alarm, or when the scanner found something last."""

_damaged = Counter(
    "poststelle_originals_damaged", "Reads that found an original missing or changed.", ["service", "outcome"]
)


def is_sealed(found: Record) -> bool:
    """Whether malware was found in it: then nobody is given anything of it, and nothing opens it."""
    return found.extraction is not None and is_infected(found.extraction)


def is_infected(read: Extraction) -> bool:
    """Whether the scanner found malware when it was to be read."""
    return any(part.problem == "infected" for part in read.parts)


def check_may_be_given(context: Context, found: Record) -> None:
    """Rejected `sealed` where it is infected, `not_yet` where a scanner is set up and has not seen it."""
    if is_sealed(found):
        raise Rejected("sealed")
    if context.settings.malware.clamd and not found.extraction:
        raise Rejected("not_yet")


@contextlib.contextmanager
def original(
    context: Context, tenant: str, document: str, found: Record | None = None, *, spooled: bool = True
) -> Iterator[BinaryIO]:
    """The original, to be read from any place while the block runs.

    What `found` knows of its record saves a look at it. Without `spooled` a file is read where it lies, which is for
    whoever gives it out and takes nothing apart. OriginalDamaged where it is missing or not what was stored: that is
    told in the record, in the log and in the figures. BlobMissing where the document was erased, or never was. Rejected
    `sealed` where it is infected.
    """
    if found and is_sealed(found):
        raise Rejected("sealed")
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(context.ports.blobs.open(Bucket.ORIGINALS, keys.original(tenant, document)))
        except BlobMissing:
            _missing(context, tenant, document)
            raise
        if spooled or not stream.seekable():
            stream = stack.enter_context(context.seekable(stream))
        sha256 = custody.sum_of(stream)
        if not found or sha256 not in custody.sums(found):
            _compare(context, record.load(context.ports.blobs, tenant, document), sha256)
        stream.seek(0)
        yield stream


def told(context: Context, found: Record, outcome: Custody, *, again: bool = False) -> None:
    """Raise the alarm about an original, or end it; with `again` what is known already is told once more.

    The read is refused also where the store or the log does not take the news; the next read, or the scrub, tells it.
    """
    if outcome != "whole":
        context.log.error("original_damaged", document=found.document, outcome=outcome)
        _damaged.labels(context.service, outcome).inc()
    try:
        news = _note(context, found, outcome, again=again)
        # It may have been mended while that was written down: who writes last, looks last.
        if news and outcome != "whole" and _is_mended(found, context):
            outcome = "whole"
            news = _note(context, found, outcome, again=again)
    except TryLater as error:
        if again:
            raise
        context.log.warning("original_untold", document=found.document, code=error.code)
    else:
        if news and outcome == "whole":
            context.log.info("original_mended", document=found.document)


def _note(context: Context, found: Record, outcome: Custody, *, again: bool) -> bool:
    ports = context.ports
    event, news = custody.note(ports.blobs, found, outcome, service=context.service, now=ports.clock.now())
    if event and (news or again):
        ports.log.publish(event)
    return news


def inspect(document: str, context: Context, passed: custody.Pass = lambda _: None) -> bool:
    """Read one original, tell what was found and that it is whole again; whether it is whole.

    An erased document has none, and nothing stays that died beside its tombstone: no check, and no reason that an
    administrator gave for unsealing it. Unreadable where the store fails over it.
    """
    ports, tenant = context.ports, context.settings.tenant
    found = record.load(ports.blobs, tenant, document)
    for stage in (UNSEALING, RESCAN) if found.erased else ():
        revise.withdraw(ports.blobs, tenant, document, stage)
    outcome = _looked_at(found, context, passed)
    if outcome != "whole" or found.check or custody.is_unread(found):
        found = record.load(ports.blobs, tenant, document)  # a receipt that came meanwhile may know these bytes
        outcome = _looked_at(found, context, passed)
        if found.receipts:
            told(context, found, outcome, again=True)
    return outcome == "whole"


class Unreadable(TryLater):
    """An original could not be read: the store is away, or the disk fails at this place."""


def _looked_at(found: Record, context: Context, passed: custody.Pass = lambda _: None) -> Custody:
    if found.erased:
        custody.clear(context.ports.blobs, found.tenant, found.document)
    if found.erased or not found.receipts:  # a lost receipt may come back, and what was noted of its original counts
        return "whole"
    try:
        return custody.look(context.ports.blobs, found, passed)
    except TryLater as error:
        raise Unreadable(error.code) from error


def _is_mended(found: Record, context: Context) -> bool:
    """Whether it is whole now; what cannot be read is not, and the next look tells if it comes back."""
    try:
        return _looked_at(found, context) == "whole"
    except Unreadable:
        return False


def _compare(context: Context, found: Record, sha256: str) -> None:
    if sha256 not in custody.sums(found):
        told(context, found, "changed")
        raise OriginalDamaged(found.document)


def _missing(context: Context, tenant: str, document: str) -> None:
    stored = record.load(context.ports.blobs, tenant, document)
    if stored.receipts and not stored.erased:
        told(context, stored, "missing")
        raise OriginalDamaged(document)
