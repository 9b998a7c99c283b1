"""Taking a mail in, whichever intake it came through."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import msgspec

from services.core.errors import Rejected
from services.core.model.documents import MailIdentity
from services.core.model.record_files import Envelope
from services.core.model.side_files import BROKEN_REPORT, JOURNAL, JournalReport
from services.core.protocol.receiving import Accepted, Arrival, receive
from services.mail_intake import journal, policy
from services.runtime.context.scanning import check_may_take_in
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
    properties: dict[str, str] = field(default_factory=dict)
    """What the receipt keeps beside the envelope, such as the folder of an imported mail."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One occurrence for each office that a mail is for, in the order of the first recipient of each."""

    accepted: tuple[Accepted, ...]
    recipients: tuple[Sequence[str], ...]
    """Those of each occurrence."""
    reported: bool = False
    """Whether they are those of a journal report, and not of the transaction that brought it."""

    def receipts_of(self, recipients: Sequence[str]) -> tuple[str, ...]:
        """The receipt of each recipient, empty for an excluded box; of a journal report those of all occurrences."""
        if self.reported:
            return tuple(one.receipt for one in self.accepted)
        by_recipient = {
            recipient: one.receipt
            for one, theirs in zip(self.accepted, self.recipients, strict=True)
            for recipient in theirs
        }
        return tuple(by_recipient.get(recipient, "") for recipient in recipients)


NOTHING = Delivered((), ())
"""What came of a mail for excluded boxes alone; whoever took it in counts it."""


class Intake:
    """The mail room's counter; belongs to all threads."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = context.settings.mail_intake
        self.exclusion = policy.Exclusion(self.settings)
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

    def accept(self, spool: Spool, submission: Submission) -> "Delivered":
        """Store a mail that is here whole, once for each office that it is for; then it may be acknowledged.

        All receipts are stored before anything is told: a mail that only some offices have is answered with an error,
        and the sender brings it again, to all of them.
        """
        check_may_take_in(self.context)
        spool.identity.digest()  # ends the header block of a mail that has no body
        if journal.is_believed(submission.source, submission.recipients, self.settings):
            return self._accept_report(spool, submission)
        return self._accept(spool, submission)

    def _accept(self, spool: Spool, submission: Submission) -> Delivered:
        if self.exclusion.leaves_nobody(submission.recipients, spool.identity.header_block):
            return NOTHING
        submission = replace(submission, recipients=self.exclusion.kept(submission.recipients))
        found = policy.destinations(submission.recipients, self.settings, self.context.settings.scan_intake)
        return self._store(spool, submission, found)

    def _accept_report(self, spool: Spool, submission: Submission) -> Delivered:
        """Store what a journal report brought, for each office that it went to; a broken one as it is."""
        try:
            report = journal.unwrapped(spool, self.spool)
        except journal.Broken:
            self.context.log.warning("journal_report_broken", source=submission.source)
            if journal.named_in(spool, self.exclusion.addresses):  # whose mail is in it, nobody can say
                raise Rejected("report_broken") from None
            properties = submission.properties | {JOURNAL: BROKEN_REPORT}
            return self._accept(spool, replace(submission, properties=properties))
        if report is None:
            return self._accept(spool, submission)
        with report.original as original:
            original.identity.digest()
            found = journal.destinations(report, self.settings, self.context.settings.scan_intake)
            if not found:
                return NOTHING
            kept = report.kept
            if report.names(self.exclusion):
                kept = msgspec.structs.replace(kept, before=b"", after=b"")
            return self._store(original, replace(submission, mail_from=report.sender), found, report=kept)

    def _store(
        self,
        spool: Spool,
        submission: Submission,
        found: Mapping[policy.Destination, list[str]],
        *,
        report: JournalReport | None = None,
    ) -> Delivered:
        """All receipts; the bytes around the original are kept in the first of them."""
        ports, rest = self.context.ports, msgspec.structs.replace(report, before=b"", after=b"") if report else None
        places = enumerate(found.items())
        arrivals = [
            replace(self._arrival(spool, submission, place, alone=len(found) == 1), report=rest if number else report)
            for number, place in places
        ]
        return Delivered(
            tuple(receive(arrival, blobs=ports.blobs, clock=ports.clock) for arrival in arrivals),
            tuple(found.values()),
            reported=report is not None,
        )

    def _arrival(
        self, spool: Spool, submission: Submission, place: tuple[policy.Destination, list[str]], *, alone: bool
    ) -> Arrival:
        destination, recipients = place
        key, head = submission.idempotency_key, spool.identity.header_block
        if key and not alone:  # one number cannot stand for two occurrences
            key = f"{key}\0{destination.scanner}\0{destination.office}"
        return Arrival(
            tenant=self.context.settings.tenant,
            channel="scan" if destination.scanner else "mail",
            source=destination.scanner or submission.source,
            media_type=MEDIA_TYPE,
            content=spool.content,
            identity=spool.identity,
            office=destination.office,
            envelope=Envelope(mail_from=submission.mail_from, recipients=tuple(recipients), header_block=head),
            idempotency_key=key,
            properties=submission.properties,
        )
