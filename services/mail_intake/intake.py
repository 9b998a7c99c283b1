"""Taking a mail in, whichever intake it came through."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from services.core.model.documents import MailIdentity
from services.core.model.record_files import Envelope
from services.core.protocol.receiving import Accepted, Arrival, receive
from services.mail_intake import policy
from services.runtime.context.service import Context
from services.runtime.streams.spooling import Share, Spool, spool_folder
from services.runtime.worker.publishing import Announcer

MEDIA_TYPE = "message/rfc822"


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """Who brought a mail, and for whom."""

    source: str
    mail_from: str
    recipients: tuple[str, ...]
    idempotency_key: str = ""


class Intake:
    """The mail room's counter; belongs to all threads."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = context.settings.mail_intake
        self._folder = spool_folder(context.settings.storage.folder)
        self.announcer = Announcer(context.ports.log, log=context.log)

    def share(self, size_bytes: int | None) -> AbstractContextManager[Share]:
        """Claim room for a mail of the announced size, or of the largest; TryLater `busy`."""
        wanted = self.settings.max_size if size_bytes is None else size_bytes
        return self.context.under_way.share(wanted, budget=self.settings.byte_budget)

    def spool(self) -> Spool:
        """Where one mail is laid down while it comes in."""
        settings = self.settings
        return Spool(MailIdentity(), limit=settings.max_size, in_memory=settings.spool_above, folder=self._folder)

    def accept(self, spool: Spool, submission: Submission) -> Accepted:
        """Store a mail that is here whole; what this returns may be acknowledged."""
        spool.identity.digest()  # ends the header block of a mail that has no body
        head = spool.identity.header_block
        scanner = policy.scanner_of(submission.recipients, self.settings.scanners)
        arrival = Arrival(
            tenant=self.context.settings.tenant,
            channel="scan" if scanner else "mail",
            source=scanner or submission.source,
            media_type=MEDIA_TYPE,
            content=spool.content,
            identity=spool.identity,
            office=self._office(submission.recipients, scanner),
            envelope=Envelope(mail_from=submission.mail_from, recipients=submission.recipients, header_block=head),
            idempotency_key=submission.idempotency_key,
        )
        return receive(arrival, blobs=self.context.ports.blobs, clock=self.context.ports.clock)

    def _office(self, recipients: tuple[str, ...], scanner: str) -> str:
        scanners = self.context.settings.scan_intake.offices
        return scanners[scanner] if scanner in scanners else policy.office_of(recipients, self.settings.offices)
