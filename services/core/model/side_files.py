"""What is stored beside the record of a document: its original, title and handling, decisions without an effect yet."""

from datetime import date, datetime

from msgspec import Struct

from services.core import vocabulary
from services.core.ports.entries import Represented

JOURNAL, BROKEN_REPORT = "journal", "broken"
"""Property of a receipt and its value: a journal report that could not be taken apart is a document as it came."""


class JournalReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came around a mail that a journal report brought: report = before + original as it came + after."""

    sha256: vocabulary.Sha256
    """Of the whole report as it came."""
    size_bytes: vocabulary.Count
    before: bytes = b""
    after: bytes = b""
    """Empty where another receipt of the same report keeps them, or where it names a mailbox that is not captured."""


class Stored(Struct, frozen=True, kw_only=True, tag_field="schema", tag="stored:1"):
    """What lies under `originals` where no receipt tells it: the delivery that stored it died before its receipt."""

    sha256: vocabulary.Sha256
    size_bytes: vocabulary.Count
    noted_at: datetime


class OriginalCheck(Struct, frozen=True, kw_only=True, tag_field="schema", tag="original-check:1"):
    """How the original was found when that changed: damaged, or mended since."""

    id: vocabulary.EventId
    checked_at: datetime
    outcome: vocabulary.Custody


class Rescan(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="rescan:1"):
    """The last look of the scanner at a sealed document that changed nothing; the one before goes when it is there."""

    rescanned_at: datetime
    actor: vocabulary.Actor
    """The administrator who asked for it, or `scanner` where it came about by itself."""
    outcome: vocabulary.RescanOutcome
    found: str = ""
    """The signature, where one was found."""
    signatures: str = ""
    """The database, as the scanner calls it."""
    newest: int = 0
    """The highest number of a database with which it was looked at, this time or before."""


class Unsealed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="unsealed:1"):
    """That a sealed document was taken for a false alarm, by whom and on what ground."""

    id: vocabulary.EventId
    unsealed_at: datetime
    actor: vocabulary.Actor
    """The administrator, or `scanner` where newer signatures found nothing and nobody had asked."""
    ground: vocabulary.UnsealingGround
    reason: str = ""
    """In the administrator's words; empty where the scanner itself found nothing any more."""
    signatures: str = ""
    """The database with which nothing was found, as the scanner calls it."""


class Viewing(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="viewing:1"):
    """That somebody looked at a protected document: an entry of the audit log, which are chained and never change."""

    number: vocabulary.Revision
    """Without gaps, from 1."""
    at: datetime
    actor: vocabulary.Actor
    """The account, or the key of a machine."""
    document: vocabulary.DocumentId
    door: vocabulary.Door
    protection: vocabulary.Protection
    """The level of the document at that time."""
    previous: vocabulary.Sha256
    """Of the bytes of the entry before; zeros in the first one."""
    in_place_of: vocabulary.Actor | None = None
    """Whose rights the account used as a deputy."""


class SavedSearch(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="saved-search:1"):
    """A question that an account keeps, and which of its hits were there when it was last looked at."""

    id: vocabulary.EventId
    actor: vocabulary.Actor
    """The account, the key of a machine or the procedure, whose it is; nobody else reads it."""
    name: str
    question: str = ""
    """The line as it was typed."""
    filters: tuple[str, ...] = ()
    """As the search takes them beside the line: `amt:bauamt`."""
    exact: bool = False
    saved_at: datetime
    seen_at: datetime
    known: tuple[vocabulary.DocumentId, ...] = ()
    """Hits that are not new."""
    since: datetime | None = None
    """Of a search with more hits than are known by name: only what arrived from then on can be new."""
    mail: str = ""
    """Where its owner is told by mail that there are new hits; empty: nowhere."""
    told: tuple[vocabulary.DocumentId, ...] = ()
    """New hits of which the last mail told, or was to tell."""
    told_at: datetime | None = None
    telling_since: datetime | None = None
    """Since when a process is handing such a mail over; None where none is."""


class Titled(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="titled:1"):
    """What a person calls the document, from a version of the record on; empty: as it says itself again."""

    title: str = ""
    given_at: datetime
    base_revision: vocabulary.Count
    """The version of the record that the person saw."""
    actor: vocabulary.Actor
    in_place_of: vocabulary.Actor | None = None
    """For whom, as a deputy."""


class Handling(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="handling:1"):
    """What a person added to the document while working on it; the newest `due` and `clerk` count, every `note`."""

    kind: vocabulary.HandlingKind
    text: str = ""
    """Of a note."""
    due: date | None = None
    """Of `due`: the day on which it shall be looked at again; None: on none any more."""
    clerk: vocabulary.Actor | None = None
    """Of `clerk`: the account of whoever works on it; None: nobody any more."""
    made_at: datetime
    base_revision: vocabulary.Count
    """The version of the record that the person saw."""
    actor: vocabulary.Actor
    in_place_of: vocabulary.Actor | None = None
    """For whom, as a deputy."""


class Decided(Struct, frozen=True, kw_only=True, tag_field="schema", tag="decided:1"):
    """A pointer to a decision, a title or a handling that may not have had its effect yet."""

    document: vocabulary.DocumentId
    decided_at: datetime


class Postponed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="postponed:1"):
    """A decision of the desk that can still be taken back: until it is due nobody but the desk knows of it."""

    id: vocabulary.DecisionId
    bundle: vocabulary.DecisionId
    """What was decided at one time is taken back together."""
    document: vocabulary.DocumentId
    decided_at: datetime
    due_at: datetime
    base_revision: vocabulary.Count
    decisions: vocabulary.Count
    filings: vocabulary.Count
    """How many decisions and entries in registers the clerk saw in the record; with more the decision is refused."""
    action: vocabulary.Action
    file: vocabulary.FileNumber | None = None
    position: vocabulary.Position | None = None
    case: vocabulary.CaseWanted | None = None
    office: vocabulary.Office | None = None
    actor: vocabulary.Actor
    offices: tuple[vocabulary.Office, ...] = ()
    all_offices: bool = False
    protection: vocabulary.Protection = vocabulary.HIGHEST_PROTECTION
    """What the clerk might see when deciding; before there were levels, all of them."""
    represents: tuple[Represented, ...] = ()
    """In whose place the clerk might act when deciding."""
    refused: vocabulary.Code | None = None
    """Why it could not be carried out."""


class PostponedEnd(Struct, frozen=True, kw_only=True, tag_field="schema", tag="postponed-end:1"):
    """What came of a decision that could be taken back: `applied` or `withdrawn`, whichever was first."""

    outcome: vocabulary.Code
    ended_at: datetime


class Rejudged(Struct, frozen=True, kw_only=True):
    """A document of a run, and the revision of its judgement before it; the run wrote the next one."""

    document: vocabulary.DocumentId
    before: vocabulary.Revision


class Reclassification(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="reclassification:1"
):
    """A selection that was judged anew in one run, so that it can be taken back in one step."""

    run: vocabulary.EventId
    made_at: datetime
    actor: vocabulary.Actor
    plan_version: vocabulary.VersionWord
    items: tuple[Rejudged, ...] = ()


ALL: tuple[type[Struct], ...] = (
    Stored,
    OriginalCheck,
    Rescan,
    Unsealed,
    SavedSearch,
    Titled,
    Handling,
    Decided,
    Postponed,
    PostponedEnd,
    Reclassification,
)
"""Every shape of these; see `record_files.ALL`."""
