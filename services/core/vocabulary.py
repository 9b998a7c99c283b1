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
Position = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]{0,31}$(?!\n)")]
Office = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$(?!\n)")]
Actor = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$(?!\n)")]
VersionWord = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$(?!\n)")]
ProcedureName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$(?!\n)")]
"""Without dots: it stands between those of a topic."""
ContentPath = Annotated[str, Meta(pattern=r"^/api/v1/documents/d[0-9a-hjkmnp-tv-z]{26}/original$(?!\n)")]
TopicName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{0,120}$(?!\n)")]
Count = Annotated[int, Meta(ge=0)]
Revision = Annotated[int, Meta(ge=1)]
Confidence = Annotated[float, Meta(ge=0, le=1)]

Channel = Literal["mail", "scan", "procedure"]
Problem = Literal[
    "empty", "broken", "encrypted", "too_large", "too_deep", "too_many_parts",
    "too_slow", "bomb", "infected", "unsupported", "no_text", "ocr_unavailable", "illegible", "damaged",
]  # fmt: skip
FiledBy = Literal["number", "thread", "rule", "learned", "neighbour", "cover_sheet", "address"]
HeldBecause = Literal["unsure", "unknown_number", "conflicting", "no_text", "closed_position", "system_notice"]
Reason = Literal[
    "number", "thread", "rule", "learned", "neighbour", "cover_sheet", "address",
    "unsure", "unknown_number", "conflicting", "no_text", "closed_position", "system_notice", "reopened",
]  # fmt: skip
Action = Literal["file", "move", "no_record", "assign", "reopen"]
InboxKind = Literal["delivered", "outcome"]
Outcome = Literal["proposed", "abstained"]
Decider = Literal["automation", "clerk"]
ConfigurationKind = Literal["plan", "accounts", "rules", "procedures", "model"]
State = Literal["received", "reading", "classifying", "filing", "held", "filed", "no_record", "erased"]

MAIN_OFFICE = "poststelle"
"""The office that holds what no other office was found for: the mail room itself."""
