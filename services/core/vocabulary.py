r"""The constrained words that records and events are made of.

An event may hold nothing else (ids, enums, hashes, counts, numbers, times): a log cannot forget one entry, a city must.
Patterns end in `$(?!\n)`: to Python `$` also stands before a last line feed, and an id with one passed every check and
stopped the services that made a key of it. In JSON Schema `$` is the end, so the exported schemas leave the rest out.
"""

from typing import Annotated, Literal

from msgspec import Meta

Tenant = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,30}$(?!\n)")]
DocumentId = Annotated[str, Meta(pattern=r"^d[0-9a-hjkmnp-tv-z]{26}$(?!\n)")]
ReceiptId = Annotated[
    str, Meta(pattern=r"^PE-[0-9]{6}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-Z*~$=]$(?!\n)")
]
EventId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)")]
DecisionId = EventId
PartId = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)*$(?!\n)", max_length=255)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
SourceId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)")]
ServiceName = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,31}$(?!\n)")]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,47}$(?!\n)")]
BlobKey = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,511}$(?!\n)")]
MediaType = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$(?!\n)")]
FileNumber = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z./_-]{0,63}$(?!\n)")]
ProductNumber = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z. /-]{0,31}$(?!\n)")]
ServiceKey = Annotated[str, Meta(pattern=r"^[0-9]{14}$(?!\n)")]
CaseNumber = Annotated[int, Meta(ge=1)]
"""Of a Vorgang, within its file: 1, 2, 3 … without a gap."""
CaseWanted = CaseNumber | Literal["new"]
"""The Vorgang of a file that a document shall lie in; `new` opens the next one."""
Position = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]{0,31}$(?!\n)")]
Office = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$(?!\n)")]
Actor = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$(?!\n)")]
VersionWord = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$(?!\n)")]
ProcedureName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$(?!\n)")]
"""Without dots: it stands between those of a topic."""
PartPath = Annotated[
    str,
    Meta(
        pattern=r"^/api/v1/documents/d[0-9a-hjkmnp-tv-z]{26}/"
        r"(original|parts/[0-9]{1,6}(\.[0-9]{1,6}){0,20}/(content|invoice))$(?!\n)"
    ),
]
"""Where a procedure reads a part of what was delivered, or what the checks of an invoice found."""
ContentPath = Annotated[str, Meta(pattern=r"^/api/v1/documents/d[0-9a-hjkmnp-tv-z]{26}/original$(?!\n)")]
TopicName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{0,120}$(?!\n)")]
RuleId = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,63}$(?!\n)")]
"""The id of a rule of a check: `BR-CO-15`, `BR-DE-15`, or one of our own."""
Amount = Annotated[str, Meta(pattern=r"^-?[0-9]{1,20}(\.[0-9]{1,10})?$(?!\n)")]
"""Money, exactly: a decimal number with a point."""
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
LeitwegId = Annotated[str, Meta(pattern=r"^[0-9]{2,12}(-[0-9A-Z]{1,30})?-[0-9]{2}$(?!\n)")]
FieldName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$(?!\n)")]
"""An attribute or a field of an event, by its name in the schema."""
Sentence = Annotated[str, Meta(pattern=r"^[A-ZÄÖÜ][^@<>\n]{7,298}\.$(?!\n)")]
"""A German sentence of the catalogue, whole; never made of what somebody wrote."""
WebhookUrl = Annotated[str, Meta(pattern=r"^https?://[!-~]{1,2000}$(?!\n)")]
"""Where a procedure is told of its inbox; a record's word, no event holds it."""
Count = Annotated[int, Meta(ge=0)]
Revision = Annotated[int, Meta(ge=1)]
Confidence = Annotated[float, Meta(ge=0, le=1)]

Channel = Literal["mail", "scan", "procedure"]
Problem = Literal[
    "empty", "broken", "encrypted", "too_large", "too_deep", "too_many_parts",
    "too_slow", "bomb", "infected", "unsupported", "no_text", "ocr_unavailable", "illegible", "damaged",
    "sheets_differ", "partial",
]  # fmt: skip
Custody = Literal["whole", "changed", "missing"]
"""How an original was found: what was stored, something else, or nothing."""
RescanOutcome = Literal["infected", "clean", "too_large", "damaged", "unanswered"]
"""Why a sealed document stays so after a further look: found again, nothing found by signatures that are no newer, more
than the scanner takes, the original is not what was stored, or the scanner fell silent over it."""
UnsealingGround = Literal["rescan", "reason"]
"""Why a sealed document was taken for a false alarm: the scanner found nothing any more, or a person said so."""
FiledBy = Literal[
    "number", "thread", "rule", "learned", "neighbour", "cover_sheet", "address", "sender", "frequent", "procedure",
    "reference",
]  # fmt: skip
"""Kinds of evidence for a place, each with a sentence of its own (`catalogue.REASONS`)."""
ResponsibleBy = Literal["leitweg_id", "order_number", "supplier"]
"""Kinds of evidence for the office that decides about an electronic invoice; they have sentences, too."""
HeldBecause = Literal[
    "unsure", "unknown_number", "conflicting", "no_text", "closed_position", "system_notice", "advertising",
    "foreign_place", "sheets_differ", "cover_faulty", "rejected", "unanswered", "no_case",
]  # fmt: skip
Reason = Literal[
    "number", "thread", "rule", "learned", "neighbour", "cover_sheet", "address", "sender", "frequent",
    "unsure", "unknown_number", "conflicting", "no_text", "closed_position", "system_notice", "advertising", "reopened",
    "procedure", "reference", "foreign_place", "separated", "superseded", "sheets_differ", "cover_faulty",
    "rejected", "unanswered", "no_case",
]  # fmt: skip
Certainty = Literal["sure", "likely", "unsure"]
"""What the desk says of a probability: sicher (95 of 100 are right), wahrscheinlich (more often right than not)."""
LetterKind = Literal[
    "application", "objection", "invoice", "reminder", "court_letter", "notice", "appointment", "advertising",
    "system_notice",
]  # fmt: skip
InvoiceSyntax = Literal["ubl-invoice", "ubl-credit-note", "cii", "zugferd-1"]
InvoiceOutcome = Literal["valid", "invalid", "duplicate", "unreadable"]
Severity = Literal["error", "warning", "information"]
Door = Annotated[str, Meta(pattern=r"^[A-Z]{3,7} /[A-Za-z0-9/{}:._-]{0,120}$(?!\n)")]
"""Method and path of a route as our code spells it, never as somebody typed it: `GET /api/v1/documents/{document}`."""
Protection = Literal[1, 2, 3]
"""Datenschutzstufe of a position, and the highest one of an account or key."""
USUAL_PROTECTION: Protection = 2
"""Of an account of some offices to whom nothing else was granted."""
HIGHEST_PROTECTION: Protection = 3
"""From this level on each view is put down in the audit log."""
Action = Literal["file", "move", "no_record", "assign", "reopen", "arrange", "supersede"]
"""`arrange`: the pages of a scan are other documents. `supersede`: one that has none of them any more is set aside."""
HandlingKind = Literal["note", "due", "clerk"]
"""What a person adds to a document without deciding where it belongs: a note, a day to look again, who works on it."""
Turn = Literal[0, 90, 180, 270]
InboxKind = Literal["delivered", "outcome", "refused", "invoice", "reminded", "tested", "matched"]
ReturnedBecause = Literal["rejected", "unanswered"]
"""Why a delivery is put before a clerk again."""
Outcome = Literal["proposed", "abstained"]
Decider = Literal["automation", "clerk"]
ConfigurationKind = Literal["plan", "accounts", "rules", "procedures", "model"]
State = Literal["received", "reading", "classifying", "filing", "held", "filed", "no_record", "erased"]

MAIN_OFFICE = "poststelle"
"""The office that holds what no other office was found for: the mail room itself."""
