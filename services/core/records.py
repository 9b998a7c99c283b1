"""The files of a record folder: what is stored of a document at each stage, create-once, with its schema.

Old versions stay readable: a changed shape gets a new tag beside the old one.
"""

from datetime import datetime
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from services.core import words
from services.core.errors import Rejected
from services.core.events import Candidate


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How this copy came: SMTP envelope and the complete header block, so that each copy can be given back."""

    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    header_block: bytes = b""


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="receipt:1"):
    """One occurrence of a document: who brought it, when, through which door."""

    receipt: words.ReceiptId
    tenant: words.Tenant
    document: words.DocumentId
    incarnation: words.Count
    channel: words.Channel
    source: words.SourceId
    received_at: datetime
    media_type: words.MediaType
    size_bytes: words.Count
    sha256: words.Sha256
    kind: str
    digest: words.Sha256
    name: str = ""
    office: words.Office = words.MAIN_OFFICE
    """The office whose box or scanner it came through; its members may see the document."""
    envelope: Envelope | None = None
    properties: dict[str, str] = {}


class PageRange(Struct, frozen=True, kw_only=True):
    """Pages of a part that wait for OCR."""

    part: words.PartId
    first_page: words.Revision
    last_page: words.Revision
    content_key: words.BlobKey
    sha256: words.Sha256


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing in the tree of a mail or archive, as it was read."""

    part: words.PartId
    name: str = ""
    media_type: str = "application/octet-stream"
    size_bytes: words.Count = 0
    sha256: str = ""
    role: str = "attachment"
    """`body` (what the author wrote), `message` (an attached mail), `attachment`, `inline`."""
    text: str = ""
    properties: dict[str, str] = {}
    page_count: words.Count = 0
    recognised: bool = False
    """Whether text was read from pictures of pages."""
    recognised_pages: words.Count = 0
    """How many pages the mean confidence is made of."""
    confidence: float | None = None
    problem: words.Problem | None = None


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

    cause: words.EventId
    made_at: datetime
    complete: bool
    extractor_version: str
    title: str = ""
    mail: MailHead | None = None
    parts: tuple[Part, ...] = ()
    awaiting: tuple[PageRange, ...] = ()
    problem: words.Problem | None = None


class Classification(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="classification:1"):
    """Where the document belongs, or why nobody can say."""

    cause: words.EventId
    made_at: datetime
    extraction: words.Revision
    plan_version: words.VersionWord
    classifier_version: words.VersionWord
    outcome: words.Outcome
    candidates: tuple[Candidate, ...] = ()
    file: words.FileNumber | None = None
    """The existing file that the evidence names."""
    office: words.Office = words.MAIN_OFFICE
    reason: words.Reason


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="decision:1"):
    """What a clerk decided, about which version of the record."""

    decision: words.DecisionId
    decided_at: datetime
    base_revision: words.Count
    action: words.Action
    file: words.FileNumber | None = None
    position: words.Position | None = None
    part: words.PartId | None = None
    office: words.Office | None = None
    keeps: tuple[words.DecisionId, ...] = ()
    """The filings that go on holding beside this one, by their decisions; a move keeps none."""
    actor: words.Actor


class Filing(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="filing:1"):
    """What filing did: claimed a file number, entered the document in a register, held it, or set it aside."""

    cause: words.EventId
    made_at: datetime
    decision: words.DecisionId
    by: words.Decider
    outcome: str
    """`claimed` (before an entry is made: the file and its first free entry), `filed`, `held`, `no_record`."""
    plan_version: words.VersionWord = "0"
    file: words.FileNumber | None = None
    entry: words.Revision | None = None
    position: words.Position | None = None
    part: words.PartId | None = None
    office: words.Office = words.MAIN_OFFICE
    reason: words.Reason | None = None


class Erased(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="erased:1"):
    """The tombstone: written before anything is deleted, kept for good."""

    incarnation: words.Count
    decision: words.DecisionId
    erased_at: datetime


class RegisterEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="register-entry:1"):
    """One line in the register of a file; lines are gapless and never change."""

    file: words.FileNumber
    entry: words.Revision
    document: words.DocumentId
    decision: words.DecisionId
    position: words.Position
    plan_version: words.VersionWord
    by: words.Decider
    part: words.PartId | None = None
    entered_at: datetime


class Claim(Struct, frozen=True, kw_only=True, tag_field="schema", tag="claim:1"):
    """What a sender's idempotency key stands for."""

    receipt: words.ReceiptId
    received_at: datetime
    digest: words.Sha256


class Decided(Struct, frozen=True, kw_only=True, tag_field="schema", tag="decided:1"):
    """A pointer to a decision that may not have had its effect yet."""

    document: words.DocumentId
    decided_at: datetime


class DeadLetter(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="dead-letter:1"):
    """What one service gave up: the record of its topic verbatim, and why, when and by which program."""

    id: words.EventId
    """What the letter is called: the event's id, and another one where a replay of it died again."""
    event_id: words.EventId
    service: words.ServiceName
    document: words.DocumentId | None = None
    topic: words.TopicName
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes
    error_code: words.Code
    code_version: words.VersionWord
    died_at: datetime


ALL: tuple[type[Struct], ...] = (
    Receipt,
    Extraction,
    Classification,
    Decision,
    Filing,
    Erased,
    RegisterEntry,
    Claim,
    Decided,
    DeadLetter,
)
"""Every stored shape; `schemas/records` is exported from it."""

_ENCODER = msgspec.json.Encoder()
_DECODERS = {shape: msgspec.json.Decoder(shape) for shape in ALL}
_Shape = TypeVar("_Shape", bound=Struct)


def encode(record: Struct) -> bytes:
    """The record as JSON."""
    return _ENCODER.encode(record)


def decode(shape: type[_Shape], content: bytes) -> _Shape:
    """The record of that shape; an unreadable one is our fault, and says so."""
    try:
        return cast("_Shape", _DECODERS[shape].decode(content))
    except msgspec.MsgspecError as error:
        raise Rejected("record_broken", shape=shape.__name__) from error
