"""The files of a record folder: what is stored of a document at each stage, create-once, with its schema.

Old versions stay readable: a changed shape gets a new tag beside the old one.
"""

from datetime import datetime
from functools import lru_cache
from typing import TypeVar, cast

import msgspec
from msgspec import Struct, field

from services.core import vocabulary
from services.core.errors import Rejected
from services.core.messages.events import Candidate
from services.core.model import side_files
from services.core.model.batches.sheets import PartOf, SeparatedPart, SheetAccount
from services.core.model.invoices import Invoice
from services.core.model.side_files import JournalReport


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How this copy came: SMTP envelope and the complete header block, so that each copy can be given back."""

    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    header_block: bytes = b""


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="receipt:1"):
    """One occurrence of a document: who brought it, when, through which intake."""

    receipt: vocabulary.ReceiptId
    tenant: vocabulary.Tenant
    document: vocabulary.DocumentId
    incarnation: vocabulary.Count
    channel: vocabulary.Channel
    source: vocabulary.SourceId
    received_at: datetime
    media_type: vocabulary.MediaType
    size_bytes: vocabulary.Count
    sha256: vocabulary.Sha256
    kind: str
    digest: vocabulary.Sha256
    name: str = ""
    office: vocabulary.Office = vocabulary.MAIN_OFFICE
    """The office whose box or scanner it came through; its members may see the document."""
    envelope: Envelope | None = None
    properties: dict[str, str] = {}
    report: JournalReport | None = None
    """The journal report that brought it; it names people whom the office must not know of, so nobody is shown it."""
    part_of: PartOf | None = None


class PageRange(Struct, frozen=True, kw_only=True):
    """Pages of a part that wait for OCR."""

    part: vocabulary.PartId
    first_page: vocabulary.Revision
    last_page: vocabulary.Revision
    content_key: vocabulary.BlobKey
    sha256: vocabulary.Sha256


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing in the tree of a mail or archive, as it was read."""

    part: vocabulary.PartId
    name: str = ""
    media_type: str = "application/octet-stream"
    size_bytes: vocabulary.Count = 0
    sha256: str = ""
    role: str = "attachment"
    """`body` (what the author wrote), `message` (an attached mail), `attachment`, `inline`."""
    text: str = ""
    properties: dict[str, str] = {}
    page_count: vocabulary.Count = 0
    recognised: bool = False
    """Whether text was read from pictures of pages."""
    recognised_pages: vocabulary.Count = 0
    """How many pages the mean confidence is made of."""
    confidence: float | None = None
    problem: vocabulary.Problem | None = None
    invoice: Invoice | None = None
    """What it says as an electronic invoice."""


class MailHead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The headers of a mail that people search by, decoded; addresses as written."""

    subject: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    automatic: bool = False
    """A system notice: delivery report, automatic reply (RFC 3834, RFC 3464)."""


class Extraction(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="extraction:1"):
    """What was read of a document; one revision more for every range of pages that OCR brings."""

    cause: vocabulary.EventId
    made_at: datetime
    complete: bool
    extractor_version: str
    title: str = ""
    sender_on_page: str = ""
    """Who wrote a letter that came as a scan, as its letterhead says; read by a machine, and marked so."""
    mail: MailHead | None = None
    parts: tuple[Part, ...] = ()
    awaiting: tuple[PageRange, ...] = ()
    problem: vocabulary.Problem | None = None
    sheets: SheetAccount | None = None


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that speaks for a place; the sentence for people is made of its kind and what it refers to."""

    kind: vocabulary.FiledBy | vocabulary.ResponsibleBy
    position: vocabulary.Position
    strength: vocabulary.Confidence
    """How much it says, compared with others of its kind."""
    words: tuple[str, ...] = ()
    """As they stand in the document: a number, words of a rule, the words that weighed most."""
    document: vocabulary.DocumentId | None = None
    """The filed document that it resembles or answers."""
    file: vocabulary.FileNumber | None = None


class Classification(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="classification:1"):
    """Where the document belongs, or why nobody can say."""

    cause: vocabulary.EventId
    made_at: datetime
    extraction: vocabulary.Revision
    plan_version: vocabulary.VersionWord
    classifier_version: vocabulary.VersionWord
    outcome: vocabulary.Outcome
    candidates: tuple[Candidate, ...] = ()
    file: vocabulary.FileNumber | None = None
    case: vocabulary.CaseNumber | None = None
    """File and Vorgang that the evidence names, and that exist."""
    office: vocabulary.Office = vocabulary.MAIN_OFFICE
    reason: vocabulary.Reason
    restores: vocabulary.Revision | None = None
    """The earlier judgement that this one gives back, because judging anew was taken back."""
    certainty: vocabulary.Certainty = "unsure"
    office_confidence: vocabulary.Confidence = 0.0
    kind: vocabulary.LetterKind | None = None
    knowledge_version: vocabulary.VersionWord = "0"
    evidence: tuple[Evidence, ...] = ()
    """Of all candidates, those of the first candidate first."""


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="decision:1"):
    """What a clerk decided, about which version of the record."""

    decision: vocabulary.DecisionId
    decided_at: datetime
    base_revision: vocabulary.Count
    action: vocabulary.Action
    file: vocabulary.FileNumber | None = None
    position: vocabulary.Position | None = None
    case: vocabulary.CaseWanted | None = None
    part: vocabulary.PartId | None = None
    office: vocabulary.Office | None = None
    plan_version: vocabulary.VersionWord | None = None
    """The plan by which the clerk filed: what is told again after a change of plans must say what was said."""
    retained_filings: tuple[vocabulary.DecisionId, ...] = field(default=(), name="keeps")
    """The filings that go on holding beside this one, by their decisions; a move keeps none."""
    arrangement: tuple[SeparatedPart, ...] = ()
    """The documents that the pages of a scan are now."""
    superseded: tuple[vocabulary.DocumentId, ...] = ()
    """The documents that had pages of the scan before, and are none any more."""
    actor: vocabulary.Actor
    """An account, or the specialist procedure that gave a delivery back."""
    in_place_of: vocabulary.Actor | None = None
    """Whose rights the account used as a deputy; None where its own were enough."""
    reason: vocabulary.ReturnedBecause | None = None
    """Why a delivery was given back."""
    reason_code: vocabulary.Code | None = None
    """What the procedure itself says of that."""
    returned_filing: vocabulary.DecisionId | None = None
    """The filing that was given back, by its decision: it holds until somebody files the document anew."""


class Filing(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="filing:1"):
    """What filing did: claimed a file number, entered the document in a register, held it, or set it aside."""

    cause: vocabulary.EventId
    made_at: datetime
    decision: vocabulary.DecisionId
    by: vocabulary.Decider
    outcome: str
    """`claimed` (before an entry is made: the file and its first free entry), `filed`, `held`, `no_record`."""
    plan_version: vocabulary.VersionWord = "0"
    file: vocabulary.FileNumber | None = None
    entry: vocabulary.Revision | None = None
    case: vocabulary.CaseNumber | None = None
    """The Vorgang of the file; of a claim that opens one it is not known yet."""
    position: vocabulary.Position | None = None
    part: vocabulary.PartId | None = None
    office: vocabulary.Office = vocabulary.MAIN_OFFICE
    reason: vocabulary.Reason | None = None


class Referenced(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="referenced:1"):
    """The number under which a procedure keeps the document; the cause is the delivery or what it said with it."""

    cause: vocabulary.EventId
    made_at: datetime
    procedure: vocabulary.ProcedureName
    reference: vocabulary.BlobKey


class Erased(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="erased:1"):
    """The tombstone: written before anything is deleted, kept for good."""

    incarnation: vocabulary.Count
    decision: vocabulary.DecisionId
    erased_at: datetime


class RegisterEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="register-entry:1"):
    """One line in the register of a file; lines are gapless and never change."""

    file: vocabulary.FileNumber
    entry: vocabulary.Revision
    case: vocabulary.CaseNumber | None = None
    """The Vorgang that it lies in; the line that opened it is the first with its number."""
    cases: vocabulary.Count = 0
    """How many Vorgänge the file has after this line."""
    document: vocabulary.DocumentId
    decision: vocabulary.DecisionId
    position: vocabulary.Position
    plan_version: vocabulary.VersionWord
    by: vocabulary.Decider
    part: vocabulary.PartId | None = None
    entered_at: datetime


class Claim(Struct, frozen=True, kw_only=True, tag_field="schema", tag="claim:1"):
    """What a sender's idempotency key stands for."""

    receipt: vocabulary.ReceiptId
    received_at: datetime
    digest: vocabulary.Sha256


class DeadLetter(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="dead-letter:1"):
    """What one service gave up: the record of its topic verbatim, and why, when and by which program."""

    id: vocabulary.EventId
    """What the letter is called: the event's id, and another one where a replay of it died again."""
    event_id: vocabulary.EventId
    service: vocabulary.ServiceName
    document: vocabulary.DocumentId | None = None
    topic: vocabulary.TopicName
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes
    error_code: vocabulary.Code
    code_version: vocabulary.VersionWord
    died_at: datetime


ALL: tuple[type[Struct], ...] = (
    Receipt,
    Extraction,
    Classification,
    Decision,
    Filing,
    Referenced,
    Erased,
    RegisterEntry,
    Claim,
    DeadLetter,
    *side_files.ALL,
)
"""Every stored shape; `schemas/records` is exported from it."""

_decoder = lru_cache(None)(msgspec.json.Decoder)
_Shape = TypeVar("_Shape", bound=Struct)


def encode(record: Struct) -> bytes:
    """The record as JSON."""
    return msgspec.json.encode(record)


def decode(shape: type[_Shape], content: bytes) -> _Shape:
    """The record of that shape; an unreadable one is our fault, and says so."""
    try:
        return cast("_Shape", _decoder(shape).decode(content))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Rejected("record_broken", shape=shape.__name__) from error
