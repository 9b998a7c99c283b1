"""Taking a scan in, whichever intake it came through."""

from dataclasses import dataclass, field

from services.core.model.documents import BytesIdentity
from services.core.protocol.receiving import Accepted, Arrival, receive
from services.core.vocabulary import MAIN_OFFICE
from services.runtime.context.scanning import check_may_take_in
from services.runtime.context.service import Context
from services.runtime.streams import labels
from services.runtime.streams.spooling import Spool, spool_folder
from services.runtime.worker.publishing import Announcer

IN_MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What is known of a scan besides its bytes."""

    source: str
    name: str
    """For display only, harmless already."""
    declared_type: str = ""
    office: str = ""
    """Where the delivery itself names one; else the source's counts."""
    idempotency_key: str = ""
    size_bytes: int | None = None
    """As it was read; None where nobody will compare it."""
    properties: dict[str, str] = field(default_factory=dict)


class Intake:
    """The counter for scans; belongs to all threads."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = context.settings.scan_intake
        self._folder = spool_folder(context.settings.storage.folder)
        self.announcer = Announcer(context.ports.log, log=context.log)

    def spool(self) -> Spool:
        """Where one scan is laid down while it comes in."""
        limit = int(self.settings.max_size)
        return Spool(BytesIdentity(), limit=limit, in_memory=IN_MEMORY_BYTES, folder=self._folder)

    def accept(self, spool: Spool, submission: Submission) -> Accepted:
        """Store a scan that is here whole; what this returns may be acknowledged."""
        check_may_take_in(self.context)
        spool.content.seek(0)
        beginning = spool.content.read(labels.BEGINNING_BYTES)
        arrival = Arrival(
            tenant=self.context.settings.tenant,
            channel="scan",
            source=submission.source,
            media_type=labels.media_type(submission.declared_type, beginning),
            content=spool.content,
            identity=spool.identity,
            name=submission.name,
            office=submission.office or self.settings.offices.get(submission.source, MAIN_OFFICE),
            idempotency_key=submission.idempotency_key,
            properties=submission.properties,
        )
        return receive(arrival, blobs=self.context.ports.blobs, clock=self.context.ports.clock)
