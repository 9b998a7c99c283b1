"""Every event of the house and what its data may hold: words of `core.words`, nothing personal."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from services.core import words


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event says. Subclasses name their event and version; fields are words of `core.words` only."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1


class DocumentReceived(Facts, frozen=True, kw_only=True):
    """A receipt was stored: this document came in (again)."""

    NAME = "document.received"
    document: words.DocumentId
    receipt: words.ReceiptId
    channel: words.Channel
    source: words.SourceId
    received_at: datetime
    media_type: words.MediaType
    size_bytes: words.Count
    sha256: words.Sha256


class DocumentExtracted(Facts, frozen=True, kw_only=True):
    """A revision of the extraction was stored; complete means that nothing is awaited any more."""

    NAME = "document.extracted"
    document: words.DocumentId
    revision: words.Revision
    complete: bool
    part_count: words.Count
    problem_code: words.Problem | None = None


class OcrRequested(Facts, frozen=True, kw_only=True):
    """Up to 20 pages of one part are to be read; the content key names the bytes in the derived bucket."""

    NAME = "ocr.requested"
    document: words.DocumentId
    revision: words.Revision
    part: words.PartId
    first_page: words.Revision
    last_page: words.Revision
    content_key: words.BlobKey


class OcrCompleted(Facts, frozen=True, kw_only=True):
    """The pages were read, or cannot be; the result key names the result in the derived bucket."""

    NAME = "ocr.completed"
    document: words.DocumentId
    revision: words.Revision
    part: words.PartId
    first_page: words.Revision
    last_page: words.Revision
    result_key: words.BlobKey
    confidence: words.Confidence
    problem_code: words.Problem | None = None


class Candidate(Struct, frozen=True, kw_only=True):
    """One place of the file plan that may fit, how sure we are, and which kind of evidence says so."""

    position: words.Position
    confidence: words.Confidence
    evidence: words.FiledBy


class DocumentClassified(Facts, frozen=True, kw_only=True):
    """A revision of the classification was stored: a proposal, or an abstention with its reason."""

    NAME = "document.classified"
    document: words.DocumentId
    revision: words.Revision
    plan_version: words.VersionWord
    classifier_version: words.VersionWord
    outcome: words.Outcome
    candidates: tuple[Candidate, ...] = ()
    reason_code: words.Reason


class FilingDecided(Facts, frozen=True, kw_only=True):
    """A clerk has decided about a document that the person saw in `base_revision` (the record's version)."""

    NAME = "filing.decided"
    document: words.DocumentId
    decision: words.DecisionId
    base_revision: words.Count
    action: words.Action
    file: words.FileNumber | None = None
    position: words.Position | None = None
    part: words.PartId | None = None
    office: words.Office | None = None
    actor: words.Actor


class FilingRequested(Facts, frozen=True, kw_only=True):
    """The registrar of a file (or of a position, for a new file) is asked for an entry."""

    NAME = "filing.requested"
    document: words.DocumentId
    decision: words.DecisionId
    file: words.FileNumber | None = None
    position: words.Position | None = None
    plan_version: words.VersionWord
    by: words.Decider


class DocumentFiled(Facts, frozen=True, kw_only=True):
    """The document stands in the register of a file."""

    NAME = "document.filed"
    document: words.DocumentId
    revision: words.Revision
    filing: words.DecisionId
    file: words.FileNumber
    entry: words.Revision
    position: words.Position
    plan_version: words.VersionWord


class DocumentHeld(Facts, frozen=True, kw_only=True):
    """The document waits for a clerk of this office, or was set aside as no record."""

    NAME = "document.held"
    document: words.DocumentId
    revision: words.Revision
    reason_code: words.Reason
    office: words.Office


class DocumentIndexed(Facts, frozen=True, kw_only=True):
    """The index holds the record in this version."""

    NAME = "document.indexed"
    document: words.DocumentId
    version: words.Count


class DocumentErased(Facts, frozen=True, kw_only=True):
    """The content of this incarnation is gone; the proof of it is kept."""

    NAME = "document.erased"
    document: words.DocumentId
    incarnation: words.Count
    decision: words.DecisionId
    proof_key: words.BlobKey


class ConfigurationChanged(Facts, frozen=True, kw_only=True):
    """A new version of the plan, the accounts, the rules … is stored under the key."""

    NAME = "configuration.changed"
    kind: words.ConfigurationKind
    version: words.Revision
    key: words.BlobKey
    sha256: words.Sha256


class ProcedureDelivered(Facts, frozen=True, kw_only=True):
    """A document was filed where a procedure takes part; its key may read the content at this path."""

    NAME = "procedure.delivered"
    delivery: words.EventId
    document: words.DocumentId
    filing: words.DecisionId
    file: words.FileNumber
    position: words.Position
    content_path: words.ContentPath


class ProcedureAcknowledged(Facts, frozen=True, kw_only=True):
    """The procedure has taken a delivery over, under a key of its own. It writes this, or our HTTP door for it."""

    NAME = "procedure.acknowledged"
    delivery: words.EventId
    reference_key: words.BlobKey | None = None


class ProcedureRejected(Facts, frozen=True, kw_only=True):
    """The procedure does not want a delivery. It writes this, or our HTTP door for it."""

    NAME = "procedure.rejected"
    delivery: words.EventId
    reason_code: words.Code


class ProcedureSubmitted(Facts, frozen=True, kw_only=True):
    """The procedure brings a document that it uploaded before. It writes this, or our HTTP door for it."""

    NAME = "procedure.submitted"
    submission: words.EventId
    upload: words.EventId
    sha256: words.Sha256
    metadata_key: words.BlobKey | None = None


class SubmissionAccepted(Facts, frozen=True, kw_only=True):
    """What a procedure submitted is received, under this receipt."""

    NAME = "submission.accepted"
    submission: words.EventId
    receipt: words.ReceiptId


class SubmissionRefused(Facts, frozen=True, kw_only=True):
    """What a procedure submitted is not received, for these reasons."""

    NAME = "submission.refused"
    submission: words.EventId
    reason_codes: tuple[words.Code, ...]


class DeliveryDead(Facts, frozen=True, kw_only=True):
    """One service gave one delivery up; its record lies verbatim in a sealed blob."""

    NAME = "delivery.dead"
    event_id: words.EventId
    topic: words.TopicName
    service: words.ServiceName
    code_version: words.VersionWord
    error_code: words.Code
    sealed_key: words.BlobKey


ALL: tuple[type[Facts], ...] = (
    DocumentReceived,
    DocumentExtracted,
    OcrRequested,
    OcrCompleted,
    DocumentClassified,
    FilingDecided,
    FilingRequested,
    DocumentFiled,
    DocumentHeld,
    DocumentIndexed,
    DocumentErased,
    ConfigurationChanged,
    ProcedureDelivered,
    ProcedureAcknowledged,
    ProcedureRejected,
    ProcedureSubmitted,
    SubmissionAccepted,
    SubmissionRefused,
    DeliveryDead,
)
"""Every event there is; `schemas/events` is exported from it."""

BY_NAME = {facts.NAME: facts for facts in ALL}
