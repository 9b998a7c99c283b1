"""Every event of the mail room and what its data may hold: words of `core.words`, nothing personal."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from services.core import vocabulary


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event says. Subclasses name their event and version; fields are words of `core.words` only."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1


class DocumentReceived(Facts, frozen=True, kw_only=True):
    """A receipt was stored: this document came in (again)."""

    NAME = "document.received"
    document: vocabulary.DocumentId
    receipt: vocabulary.ReceiptId
    channel: vocabulary.Channel
    source: vocabulary.SourceId
    received_at: datetime
    media_type: vocabulary.MediaType
    size_bytes: vocabulary.Count
    sha256: vocabulary.Sha256


class DocumentExtracted(Facts, frozen=True, kw_only=True):
    """A revision of the extraction was stored; complete means that nothing is awaited any more."""

    NAME = "document.extracted"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    complete: bool
    part_count: vocabulary.Count
    problem_code: vocabulary.Problem | None = None


class OriginalChecked(Facts, frozen=True, kw_only=True):
    """The original was found damaged, or whole again; without a problem it is what was stored."""

    NAME = "original.checked"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    problem_code: vocabulary.Problem | None = None


class OriginalUnsealed(Facts, frozen=True, kw_only=True):
    """A sealed document was taken for a false alarm; it is read now. What was said to it stands in the record."""

    NAME = "original.unsealed"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    ground: vocabulary.UnsealingGround
    actor: vocabulary.Actor


class OcrRequested(Facts, frozen=True, kw_only=True):
    """Up to 20 pages of one part are to be read; the content key names the bytes in the derived bucket."""

    NAME = "ocr.requested"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    part: vocabulary.PartId
    first_page: vocabulary.Revision
    last_page: vocabulary.Revision
    content_key: vocabulary.BlobKey


class OcrCompleted(Facts, frozen=True, kw_only=True):
    """The pages were read, or cannot be; the result key names the result in the derived bucket."""

    NAME = "ocr.completed"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    part: vocabulary.PartId
    first_page: vocabulary.Revision
    last_page: vocabulary.Revision
    result_key: vocabulary.BlobKey
    confidence: vocabulary.Confidence
    problem_code: vocabulary.Problem | None = None


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of the file plan that may fit, how sure we are, and which kinds of evidence say so."""

    position: vocabulary.Position
    confidence: vocabulary.Confidence
    """The calibrated probability that it is right, of all evidence together (decision 0033)."""
    evidence: vocabulary.FiledBy
    """The kind that says most for it."""
    kinds: tuple[vocabulary.FiledBy, ...] = ()
    """Every kind that speaks for it, the strongest first."""


class DocumentClassified(Facts, frozen=True, kw_only=True):
    """A revision of the classification was stored: a proposal, or an abstention with its reason."""

    NAME = "document.classified"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    plan_version: vocabulary.VersionWord
    classifier_version: vocabulary.VersionWord
    outcome: vocabulary.Outcome
    candidates: tuple[Candidate, ...] = ()
    reason_code: vocabulary.Reason
    certainty: vocabulary.Certainty = "unsure"
    """What the probability of the first candidate amounts to."""
    office: vocabulary.Office = vocabulary.MAIN_OFFICE
    """Where it waits if it is not filed."""
    office_confidence: vocabulary.Confidence = 0.0
    """The probability that this office is right; 0 where nothing was decided about it."""
    kind: vocabulary.LetterKind | None = None
    knowledge_version: vocabulary.VersionWord = "0"
    """Examples and decisions that it was judged by: the same document and version give the same judgement."""


class FilingDecided(Facts, frozen=True, kw_only=True):
    """A clerk has decided about a document that the person saw in `base_revision` (the record's version)."""

    NAME = "filing.decided"
    document: vocabulary.DocumentId
    decision: vocabulary.DecisionId
    base_revision: vocabulary.Count
    action: vocabulary.Action
    file: vocabulary.FileNumber | None = None
    position: vocabulary.Position | None = None
    case: vocabulary.CaseWanted | None = None
    part: vocabulary.PartId | None = None
    office: vocabulary.Office | None = None
    actor: vocabulary.Actor


class FilingRequested(Facts, frozen=True, kw_only=True):
    """The registrar of a file (or of a position, for a new file) is asked for an entry."""

    NAME = "filing.requested"
    document: vocabulary.DocumentId
    decision: vocabulary.DecisionId
    file: vocabulary.FileNumber | None = None
    position: vocabulary.Position | None = None
    case: vocabulary.CaseWanted | None = None
    plan_version: vocabulary.VersionWord
    by: vocabulary.Decider


class DocumentFiled(Facts, frozen=True, kw_only=True):
    """The document stands in the register of a file."""

    NAME = "document.filed"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    filing: vocabulary.DecisionId
    file: vocabulary.FileNumber
    entry: vocabulary.Revision
    case: vocabulary.CaseNumber | None = None
    position: vocabulary.Position
    plan_version: vocabulary.VersionWord


class DocumentHeld(Facts, frozen=True, kw_only=True):
    """The document waits for a clerk of this office, or was set aside as no record."""

    NAME = "document.held"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    reason_code: vocabulary.Reason
    office: vocabulary.Office


class DocumentReferenced(Facts, frozen=True, kw_only=True):
    """A specialist procedure has told its own number of the document; the number stands in the record."""

    NAME = "document.referenced"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    procedure: vocabulary.ProcedureName


class DocumentTitled(Facts, frozen=True, kw_only=True):
    """A person gave the document another title; it stands in the record."""

    NAME = "document.titled"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    actor: vocabulary.Actor


class DocumentHandled(Facts, frozen=True, kw_only=True):
    """A person added a note, a day to look again, or who works on it; it stands in the record."""

    NAME = "document.handled"
    document: vocabulary.DocumentId
    revision: vocabulary.Revision
    kind: vocabulary.HandlingKind
    actor: vocabulary.Actor


class DocumentIndexed(Facts, frozen=True, kw_only=True):
    """The index holds the record in this version."""

    NAME = "document.indexed"
    document: vocabulary.DocumentId
    version: vocabulary.Count


class DocumentErased(Facts, frozen=True, kw_only=True):
    """The content of this incarnation is gone; the proof of it is kept."""

    NAME = "document.erased"
    document: vocabulary.DocumentId
    incarnation: vocabulary.Count
    decision: vocabulary.DecisionId
    proof_key: vocabulary.BlobKey


class ConfigurationChanged(Facts, frozen=True, kw_only=True):
    """A new version of the plan, the accounts, the rules … is stored under the key."""

    NAME = "configuration.changed"
    kind: vocabulary.ConfigurationKind
    version: vocabulary.Revision
    key: vocabulary.BlobKey
    sha256: vocabulary.Sha256


class DeliveryRequested(Facts, frozen=True, kw_only=True):
    """The procedures that take part at the place of a filing are to be told; its file orders them."""

    NAME = "delivery.requested"
    document: vocabulary.DocumentId
    filing: vocabulary.DecisionId
    file: vocabulary.FileNumber
    entry: vocabulary.Revision


class DeliveredInvoice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An electronic invoice of a delivered document: what its checks came to, and where its parts are."""

    part: vocabulary.PartId
    outcome: vocabulary.InvoiceOutcome
    content_path: vocabulary.PartPath
    """The XML; the original, where it is no attachment of it."""
    report_path: vocabulary.PartPath
    """All fields and lines, and every finding with its rule and a German sentence."""
    pdf_path: vocabulary.PartPath | None = None
    """The PDF that holds the XML, where one does."""


class ProcedureDelivered(Facts, frozen=True, kw_only=True):
    """A document was filed where a procedure takes part; its key may read the content at this path."""

    NAME = "procedure.delivered"
    delivery: vocabulary.EventId
    document: vocabulary.DocumentId
    filing: vocabulary.DecisionId
    file: vocabulary.FileNumber
    position: vocabulary.Position
    content_path: vocabulary.ContentPath
    entry: vocabulary.Revision | None = None
    """Its place in the register of the file, in whose order a procedure is told of it."""
    case: vocabulary.CaseNumber | None = None
    """The Vorgang of the file that it lies in."""
    invoices: tuple[DeliveredInvoice, ...] = ()
    """The electronic invoices in it; its key may read their parts."""


class ProcedureReminded(Facts, frozen=True, kw_only=True):
    """A delivery was not answered in time; without an answer by the time told here a clerk looks after it."""

    NAME = "procedure.reminded"
    delivery: vocabulary.EventId
    answer_by: datetime


class ProcedureTested(Facts, frozen=True, kw_only=True):
    """A test by whoever looks after the mail room: no document stands behind it. It is answered like a delivery."""

    NAME = "procedure.tested"
    delivery: vocabulary.EventId


class DeliveryReturned(Facts, frozen=True, kw_only=True):
    """A procedure rejected a delivery, or did not answer even after a reminder: a clerk has to look at the document."""

    NAME = "delivery.returned"
    document: vocabulary.DocumentId
    delivery: vocabulary.EventId
    filing: vocabulary.DecisionId
    procedure: vocabulary.ProcedureName
    because: vocabulary.ReturnedBecause
    reason_code: vocabulary.Code | None = None


class ProcedureAcknowledged(Facts, frozen=True, kw_only=True):
    """The procedure has taken a delivery over, under a key of its own. It writes this, or our HTTP interface for it."""

    NAME = "procedure.acknowledged"
    delivery: vocabulary.EventId
    reference_key: vocabulary.BlobKey | None = None


class ProcedureRejected(Facts, frozen=True, kw_only=True):
    """The procedure does not want a delivery. It writes this, or our HTTP interface for it."""

    NAME = "procedure.rejected"
    delivery: vocabulary.EventId
    reason_code: vocabulary.Code


class ProcedureSubmitted(Facts, frozen=True, kw_only=True):
    """The procedure brings a document that it uploaded before. It writes this, or our HTTP interface for it."""

    NAME = "procedure.submitted"
    submission: vocabulary.EventId
    upload: vocabulary.EventId
    sha256: vocabulary.Sha256
    metadata_key: vocabulary.BlobKey | None = None
    file: vocabulary.FileNumber | None = None
    """The file of ours that it belongs to: it is filed there where the procedure may file at its position."""
    case: vocabulary.CaseNumber | None = None
    """The Vorgang of that file, which exists."""
    position: vocabulary.Position | None = None
    """The place of the plan, where no file is known."""
    reference_key: vocabulary.BlobKey | None = None
    """The procedure's own number of it."""


class SubmissionAccepted(Facts, frozen=True, kw_only=True):
    """What a procedure submitted is received, under this receipt."""

    NAME = "submission.accepted"
    submission: vocabulary.EventId
    receipt: vocabulary.ReceiptId


class SubmissionRefused(Facts, frozen=True, kw_only=True):
    """What a procedure said is not taken in, for these reasons: a submission, or a record that breaks the contract."""

    NAME = "submission.refused"
    submission: vocabulary.EventId
    """The procedure's own id; of a record that names none the event's id, or one made from that (UUIDv5)."""
    reason_codes: tuple[vocabulary.Code, ...]
    delivery: vocabulary.EventId | None = None
    """The delivery that the record was about, where it names one."""
    field: vocabulary.FieldName | None = None
    """The attribute or the field of the data that is wrong."""
    sentence: vocabulary.Sentence | None = None
    """The first reason, for people."""


class InvoiceReceived(Facts, frozen=True, kw_only=True):
    """An electronic invoice was read and checked; its fields are in the record, under the document and the part."""

    NAME = "invoice.received"
    document: vocabulary.DocumentId
    part: vocabulary.PartId
    syntax: vocabulary.InvoiceSyntax
    profile: vocabulary.VersionWord
    number_hash: vocabulary.Sha256
    """SHA-256 of the number, without blanks, signs and case."""
    seller_hash: vocabulary.Sha256
    """SHA-256 of the seller's VAT id, else of the tax number, else of the name, likewise."""
    total: vocabulary.Amount | None = None
    currency: vocabulary.Currency | None = None
    leitweg_id: vocabulary.LeitwegId | None = None
    outcome: vocabulary.InvoiceOutcome
    rule_codes: tuple[vocabulary.RuleId, ...] = ()
    """The rules that found an error."""


class SearchMatched(Facts, frozen=True, kw_only=True):
    """A document is a new hit of a search that a procedure keeps; once for each search and document."""

    NAME = "search.matched"
    document: vocabulary.DocumentId
    procedure: vocabulary.ProcedureName
    search: vocabulary.EventId


class DeliveryDead(Facts, frozen=True, kw_only=True):
    """One service gave one delivery up; its record lies verbatim in a sealed blob."""

    NAME = "delivery.dead"
    event_id: vocabulary.EventId
    topic: vocabulary.TopicName
    service: vocabulary.ServiceName
    code_version: vocabulary.VersionWord
    error_code: vocabulary.Code
    sealed_key: vocabulary.BlobKey


ALL: tuple[type[Facts], ...] = (
    DocumentReceived,
    DocumentExtracted,
    OriginalChecked,
    OriginalUnsealed,
    OcrRequested,
    OcrCompleted,
    DocumentClassified,
    FilingDecided,
    FilingRequested,
    DocumentFiled,
    DocumentHeld,
    DocumentReferenced,
    DocumentTitled,
    DocumentHandled,
    DocumentIndexed,
    DocumentErased,
    ConfigurationChanged,
    DeliveryRequested,
    ProcedureDelivered,
    ProcedureReminded,
    ProcedureTested,
    DeliveryReturned,
    ProcedureAcknowledged,
    ProcedureRejected,
    ProcedureSubmitted,
    SubmissionAccepted,
    SubmissionRefused,
    InvoiceReceived,
    SearchMatched,
    DeliveryDead,
)
"""Every event there is; `schemas/events` is exported from it."""
BY_NAME = {facts.NAME: facts for facts in ALL}
