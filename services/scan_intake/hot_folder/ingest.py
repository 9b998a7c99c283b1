"""What becomes of a scan in our hand: read whole, compared with its sidecar, stored, or refused with a reason."""

from dataclasses import dataclass
from typing import BinaryIO

from services.core.errors import Rejected
from services.core.protocol.receiving import Accepted
from services.core.vocabulary import MAIN_OFFICE
from services.runtime.streams.labels import display_name
from services.runtime.streams.spooling import PIECE_BYTES, Spool
from services.scan_intake.hot_folder import sidecar as sidecars
from services.scan_intake.hot_folder.directory_access import Folder, NoFile, stamp_of
from services.scan_intake.hot_folder.pairing import Pair, may_be_sidecar
from services.scan_intake.hot_folder.sidecar import ScanSidecar
from services.scan_intake.intake import Intake, Submission


class StillWritten(Exception):
    """The file changed under our eyes: it is looked at again when it has been still."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A scan in hand."""

    source: str
    ticket: str
    pair: Pair
    desk: Folder


def take_in(delivery: Delivery, intake: Intake) -> tuple[Accepted, Submission]:
    """Store the scan; what this returns is accepted.

    Rejected: it is at fault, or its sidecar; TryLater: the store's or our disk's fault; OSError: the share's;
    StillWritten.
    """
    told = _sidecar_of(delivery, intake)
    settings, name = intake.settings, delivery.pair.content
    with _opened(delivery.desk, name) as stream:
        before = stamp_of(stream)
        if before[0] > settings.max_size:
            raise Rejected("too_large")
        if not before[0]:
            raise Rejected("empty")
        share = intake.context.under_way.share(before[0], budget=settings.byte_budget)
        with share, intake.spool() as spool:
            _pour(stream, spool)
            if stamp_of(stream) != before or spool.size_bytes != before[0]:
                raise StillWritten
            submission = _submission(delivery, told, spool=spool, intake=intake)
            accepted = intake.accept(spool, submission)
        if stamp_of(stream) != before:
            raise StillWritten  # what was stored is kept; what it becomes is a further delivery
    return accepted, submission


def _sidecar_of(delivery: Delivery, intake: Intake) -> ScanSidecar | None:
    if delivery.pair.sidecar:
        try:
            return sidecars.parse(delivery.desk.read(delivery.pair.sidecar, sidecars.MAX_BYTES + 1))
        except NoFile as error:
            raise Rejected("sidecar_broken") from error
    if may_be_sidecar(delivery.pair.content):
        with _opened(delivery.desk, delivery.pair.content) as stream:
            if sidecars.is_ours(stream.read(sidecars.MAX_BYTES)):
                raise Rejected("sidecar_alone")
    if delivery.source in intake.settings.sidecars:
        raise Rejected("sidecar_missing")
    return None


def _opened(desk: Folder, name: str) -> BinaryIO:
    try:
        return desk.open(name)
    except NoFile as error:
        raise Rejected("no_file") from error


def _pour(stream: BinaryIO, spool: Spool) -> None:
    while piece := stream.read(PIECE_BYTES):
        if spool.add(piece):
            spool.flush()
    spool.flush()


def _submission(delivery: Delivery, told: ScanSidecar | None, *, spool: Spool, intake: Intake) -> Submission:
    sha256 = spool.identity.sha256()
    if told:
        sidecars.check_content(told, sha256=sha256, size_bytes=spool.size_bytes)
    office = intake.settings.offices.get(delivery.source, MAIN_OFFICE)
    if told and told.office in (MAIN_OFFICE, *intake.context.plan.offices):
        office = told.office or office
    return Submission(
        source=delivery.source,
        name=display_name(delivery.pair.content),
        office=office,
        # The ticket outlives a crash; what changed meanwhile is another delivery.
        idempotency_key=f"{delivery.ticket}/{sha256}",
        size_bytes=spool.size_bytes,
        properties=sidecars.properties(told) if told else {},
    )
