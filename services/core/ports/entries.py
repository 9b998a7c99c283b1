"""What the index holds of a document, how it is asked, and by whom."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from services.core.vocabulary import Actor, Office, Protection

Field = Literal[
    "title",
    "sender",
    "recipients",
    "names",
    "body",
    "attachments",
    "file",
    "spellings",
    "occurrences",
    "position",
    "any",
]
Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["exact", "all", "most", "any"]
"""How much of a query has to hold. `exact`: all words as written; `all`: all words in any form, synonyms included;
`most`: a word that is not common, hits with all words first; `any`: one word. Phrases, beginnings, fields, alternatives
and exclusions always hold, and words like `der` are only asked for where nothing else is, or by `exact`."""

COMPLETE = 100.0
"""What a hit with all words is worth more than any without, where words may be lacking: they come first."""

TOMBSTONE_VERSION = 2**53
"""Above every version that a record can reach, and exact as a double: what is erased stays erased."""


class Occurrence(Struct, frozen=True, array_like=True):
    """What one office knows of an arrival, and no other: the same bytes may have come elsewhere under another name."""

    office: str
    name: str = ""
    channel: str = ""
    received_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    """Whom the envelope names beside the headers: Bcc, members of lists."""


class Entry(Struct, frozen=True, kw_only=True):
    """One document as the index knows it, made from its whole record in this version."""

    tenant: str
    document: str
    version: int
    erased: bool = False
    state: str = "received"
    complete: bool = False
    problems: tuple[str, ...] = ()
    reason: str = ""
    channel: str = ""
    sources: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    """The arrivals, oldest first; each is found and shown only for its office."""
    received_at: datetime | None = None
    """The first arrival; `latest_at` is the last one."""
    latest_at: datetime | None = None
    sent_at: datetime | None = None
    title: str = ""
    """Subject of the mail or title of the document, as the document itself says it; empty where it says none."""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """File names of the parts."""
    body: str = ""
    attachments: str = ""
    """Text of everything that is not the body: attachments, attached mails, recognised pages."""
    spellings: str = ""
    """Further forms of words and numbers of the texts, see `spellings.of_text`."""
    files: tuple[str, ...] = ()
    """Normalised keys of the files it stands in."""
    cases: tuple[str, ...] = ()
    """Signs of the Vorgänge it lies in, as `file_numbers.normalised` writes them: `52.10.02/17-2026#3`."""
    positions: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    """Keys of the numbers of its invoices, see `invoice_keys`; so are those of their amounts and suppliers."""
    amounts: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    kind: str = ""
    """What kind of letter it was taken for (`LetterKind`); empty where nothing tells."""
    offices: tuple[str, ...] = ()
    """Whose members may see it: the union over filings and occurrences."""
    protection: int = 1
    """The level that a member needs as well, see `audience_of`."""
    clerk: str = ""
    """The account of whoever works on it; empty for nobody."""
    due: tuple[str, ...] = ()
    """The day on which it shall be looked at again, its month and its year, see `working.handling`."""
    meant: bytes = b""
    """What its passages mean, as points; empty until they are made, after the words are found."""
    meant_by: str = ""
    """The model that made the points, also where the text gave none."""
    near: tuple[str, ...] = ()
    """Landmarks of that model that the points lie near to."""
    sketch: bytes = b""
    """What its text is like, as `language.sketch` makes it; near-duplicates are found by its bands."""

    @property
    def rank(self) -> int:
        """Which of two entries of a document stays: the higher version, and of one version the one with points."""
        return 2 * self.version + bool(self.meant_by)


class Represented(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose rights a viewer has as a deputy: offices and level belong together, and are not mixed with the viewer's."""

    account: Actor
    offices: tuple[Office, ...] = ()
    all_offices: bool = False
    protection: Protection = 1
    rights: tuple[str, ...] = ()
    """Those that are handed over, of what the account itself may do."""

    def may_see(self, offices: tuple[str, ...] | frozenset[str], protection: int = 1) -> bool:
        """As of a viewer."""
        return protection <= self.protection and (self.all_offices or any(one in offices for one in self.offices))


class Viewer(Struct, frozen=True, kw_only=True):
    """Who asks. `all_offices` is the right of the mail room and of administrators."""

    account: str
    tenant: str
    offices: frozenset[str] = frozenset()
    all_offices: bool = False
    protection: Protection = 1
    """The highest level of protection (Datenschutzstufe) that the viewer may see: nobody sees more unless told so."""
    procedure: str = ""
    """The procedure whose key this is: it reads what was delivered to it."""
    door: str = ""
    """The route by which a person or machine came, for the audit log; empty where the mail room asks by itself."""
    represents: tuple[Represented, ...] = ()
    """In whose place the viewer may see further documents at this moment."""
    places: frozenset[str] = frozenset()
    """Positions at or below which what is filed may be found too, up to the level: of a procedure, asked by the index
    alone."""

    def may_see(self, offices: tuple[str, ...] | frozenset[str], protection: int = 1) -> bool:
        """Whether one of these offices is theirs and the level not above their own, or so of whom they represent."""
        own = protection <= self.protection and (self.all_offices or not self.offices.isdisjoint(offices))
        return own or any(one.may_see(offices, protection) for one in self.represents)

    def in_place_of(self, offices: tuple[str, ...] | frozenset[str], protection: int = 1) -> str:
        """For whom the viewer sees what they may not see by themselves; empty where their own rights are enough."""
        if not self.represents or msgspec.structs.replace(self, represents=()).may_see(offices, protection):
            return ""
        return next((one.account for one in self.represents if one.may_see(offices, protection)), "")


class Term(Struct, frozen=True, kw_only=True):
    """One word, one phrase in quotes, or the beginning of a word (`bau*`), somewhere or in one field."""

    text: str
    field: Field = "any"
    phrase: bool = False
    prefix: bool = False
    negated: bool = False
    like: tuple[str, ...] = ()
    """Words, or words one after the other, for the same thing; they do as well, and are worth less."""
    near: bool = False
    """Nothing has it: words that are spelled nearly like it do as well, and ends of compounds."""
    common: bool = False
    """So many have it that it is not enough for `most`."""
    idle: bool = False
    """It says nothing of what a text is about: it may be lacking where other words are asked for."""


class Filters(Struct, frozen=True, kw_only=True):
    """What narrows the hits without scoring; empty means all."""

    states: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    """Signs of Vorgänge, as those of an entry."""
    positions: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    not_documents: tuple[str, ...] = ()
    """None of these."""
    invoices: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    """Years at the city hall in which it came to an office of the viewer's."""
    senders: tuple[str, ...] = ()
    """As `sender_key` tells them."""
    clerks: tuple[str, ...] = ()
    """Who works on it."""
    due: tuple[str, ...] = ()
    """Days, months or years of which it shall be looked at again in one."""
    complete: bool | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    near: tuple[str, ...] = ()
    """Landmarks of a model of meaning."""
    not_meant_by: str = ""
    """Only those that have no points of this model."""
    bands: tuple[str, ...] = ()
    """Of a sketch, as `language.sketch` tells them."""


class Query(Struct, frozen=True, kw_only=True):
    """All of the groups, any term of a group; no groups finds everything that the filters leave."""

    groups: tuple[tuple[Term, ...], ...] = ()
    filters: Filters = Filters()
    match: Match = "all"
    sort: Sort = "relevance"
    cursor: str = ""
    limit: int = 20
    snippets: bool = True
    """Whether pieces of the texts are wanted; cutting them costs more than finding."""


FacetName = Literal["offices", "positions", "kinds", "channels", "years", "senders", "states", "problems"]
"""What hits are counted by. A position counts for those above it too; channel and year are those of the arrivals that
the viewer may know of."""


class FacetCount(Struct, frozen=True, array_like=True):
    """How many hits have a value."""

    value: str
    count: int


Facets = dict[FacetName, tuple[FacetCount, ...]]
"""The most frequent values first; a facet that no hit has is absent."""


class Snippet(Struct, frozen=True, kw_only=True):
    """A piece of one field; `marks` are (start, end) of the found words in it, in characters."""

    field: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()
    early: float = 0.0
    """How early in its field the first of the found words stands: 1 its beginning, towards 0 its end."""


class Hit(Struct, frozen=True, kw_only=True):
    """A found document, with what a list shows of it."""

    document: str
    version: int
    state: str
    complete: bool
    title: str
    sender: str
    channel: str
    received_at: datetime | None
    problems: tuple[str, ...] = ()
    reason: str = ""
    files: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    """Signs of the Vorgänge of these files that it lies in."""
    offices: tuple[str, ...] = ()
    protection: int = 1
    snippets: tuple[Snippet, ...] = ()
    early: float = 0.0
    """How early it says what was sought: 1 in its title or subject line or where its text begins, towards 0 its end.

    0 where no snippets were wanted."""
    without: tuple[str, ...] = ()
    """Words of the question, as typed, that it lacks; only where not all were asked for."""
    score: float = 0.0
    """How well it answers, beside the other hits of the same first page by relevance; 0 elsewhere. See `COMPLETE`."""
    meant: bytes = b""
    """The points of its passages, by the model `meant_by`; empty where they are not made yet."""
    meant_by: str = ""
    sketch: bytes = b""
    """Of the text; only where it was asked for by its bands."""


class Hits(Struct, frozen=True, kw_only=True):
    """One page of hits; `total` counts what the viewer may see; `next` continues, empty at the end."""

    items: tuple[Hit, ...]
    total: int
    next: str = ""
