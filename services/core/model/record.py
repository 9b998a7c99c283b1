"""One document as its record folder tells it: loaded whole, with its version and its standing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import (
    Classification,
    Decision,
    Erased,
    Extraction,
    Filing,
    Receipt,
    Referenced,
)
from services.core.model.side_files import Handling, OriginalCheck, Rescan, Stored, Titled, Unsealed
from services.core.ports.blob_store import BlobStore
from services.core.ports.entries import TOMBSTONE_VERSION
from services.core.vocabulary import MAIN_OFFICE, State

_Shape = TypeVar("_Shape", bound=Struct)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The latest extraction and classification, all receipts, decisions and filings, oldest first."""

    tenant: str
    document: str
    receipts: tuple[Receipt, ...] = ()
    extraction: Extraction | None = None
    classification: Classification | None = None
    decisions: tuple[Decision, ...] = ()
    filings: tuple[Filing, ...] = ()
    references: tuple[Referenced, ...] = ()
    """The numbers that specialist procedures keep it under, oldest first."""
    titles: tuple[Titled, ...] = ()
    """What people called it, oldest first."""
    handlings: tuple[Handling, ...] = ()
    """Notes, days to look again, and who works on it, oldest first; see `working.handling`."""
    stored: Stored | None = None
    check: OriginalCheck | None = None
    rescan: Rescan | None = None
    unsealed: Unsealed | None = None
    erased: Erased | None = None
    revisions: dict[str, int] = field(default_factory=dict)
    """Latest revision of each stage that has one."""

    @property
    def version(self) -> int:
        """Number of receipts and sum of stage revisions: it only grows, and erasure is above all.

        Claims are a registrar's notes to itself, and looks of the scanner that change nothing are the scanner's: no
        event tells of them, so they do not count.
        """
        if self.erased:
            return TOMBSTONE_VERSION
        claims = sum(filing.outcome == "claimed" for filing in self.filings)
        return len(self.receipts) + sum(self.revisions.values()) - claims - self.revisions.get("rescan", 0)

    def next_revision(self, stage: str) -> int:
        """The revision that a new file of this stage would get."""
        return self.revisions.get(stage, 0) + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a document is now, for the index, the pages and the ledger."""

    state: State
    reason: str = ""
    office: str = MAIN_OFFICE
    """Who looks after it; of a filed document the office of its place when it was filed, see `in_charge`."""
    filings: tuple[Filing, ...] = ()
    """The filings that hold, at most one per file; superseded ones are left out."""
    problems: tuple[str, ...] = ()

    def in_charge(self, office_of_position: dict[str, str]) -> str:
        """Who looks after it under the plan in force: a filed document goes with its place, the newest of several."""
        return office_of(self.filings[-1], office_of_position) if self.state == "filed" else self.office


def load(blobs: BlobStore, tenant: str, document: str) -> Record:
    """The record as it is stored now; a record without receipts is a document that nobody accepted."""
    names = _names(blobs, tenant, document)
    if "erased" in names:
        erased = _read(blobs, Erased, keys.stage(tenant, document, "erased", 1))
        return Record(tenant=tenant, document=document, erased=erased, revisions={"erased": 1})
    receipts = [_read(blobs, Receipt, key) for key in names.get("receipts", ())]
    numbered = {stage: _in_order(found) for stage, found in names.items() if stage != "receipts"}
    decisions = [_read(blobs, Decision, key) for key in numbered.get("decision", ())]
    filings = [_read(blobs, Filing, key) for key in numbered.get("filing", ())]
    references = [_read(blobs, Referenced, key) for key in numbered.get("reference", ())]
    titles = [_read(blobs, Titled, key) for key in numbered.get("title", ())]
    handlings = [_read(blobs, Handling, key) for key in numbered.get("handling", ())]
    return Record(
        tenant=tenant,
        document=document,
        receipts=tuple(sorted((r for r in receipts if r), key=lambda r: (r.received_at, r.receipt))),
        extraction=_latest(blobs, Extraction, numbered.get("extraction")),
        classification=_latest(blobs, Classification, numbered.get("classification")),
        decisions=tuple(d for d in decisions if d),
        filings=tuple(f for f in filings if f),
        references=tuple(r for r in references if r),
        titles=tuple(t for t in titles if t),
        handlings=tuple(h for h in handlings if h),
        stored=_latest(blobs, Stored, numbered.get("stored")),
        check=_latest(blobs, OriginalCheck, numbered.get("check")),
        rescan=_latest(blobs, Rescan, numbered.get("rescan")),
        unsealed=_latest(blobs, Unsealed, numbered.get("unsealing")),
        revisions={stage: keys.number_in(found[-1]) for stage, found in numbered.items()},
    )


def standing(record: Record) -> Standing:
    """What the record amounts to. A clerk outranks automation in any order of arrival."""
    if record.erased:
        return Standing(state="erased")
    problems = problems_of(record)
    decision = record.decisions[-1] if record.decisions else None
    if decision is None:
        return _by_automation(record, problems)
    office = latest_office(record)
    if decision.action in ("no_record", "arrange", "supersede"):
        return _aside(record, decision, problems)
    if decision.action in ("assign", "reopen"):
        reason = decision.reason or ("reopened" if decision.action == "reopen" else _reason_held(record))
        kept = current_filings(record)
        return Standing(state="held", reason=reason, office=office, filings=kept, problems=problems)
    filed = current_filings(record)
    if any(f.outcome == "filed" and f.decision == decision.decision for f in record.filings):
        # Who held it before has no say any more: the office is that of the place, as `in_charge` tells it.
        return Standing(state="filed", office=filed[-1].office, filings=filed, problems=problems)
    return Standing(state="filing", office=office, filings=filed, problems=problems)


def _aside(record: Record, decision: Decision, problems: tuple[str, ...]) -> Standing:
    """Put before nobody. A scan whose pages are other documents is not done with until those are there."""
    office = latest_office(record)
    if decision.action != "arrange":
        reason = "superseded" if decision.action == "supersede" else ""
        return Standing(state="no_record", reason=reason, office=office, problems=problems)
    sheets = record.extraction.sheets if record.extraction else None
    if sheets is None or sheets.decision != decision.decision:
        return Standing(state="reading", office=office, problems=problems)
    if not sheets.is_batch:
        return Standing(state="held", reason="sheets_differ", office=office, problems=problems)
    return Standing(state="no_record", reason="separated", office=office, problems=problems)


def title_of(record: Record) -> str:
    """What the document is called: as a person called it last, else as it says itself; empty where it says nothing."""
    given = record.titles[-1].title if record.titles else ""
    return given or (record.extraction.title if record.extraction else "")


def current_filings(record: Record) -> tuple[Filing, ...]:
    """The filings that hold, one a file: what the last clerk kept and decided, else automation's last."""
    filed = {f.decision: f for f in record.filings if f.outcome == "filed"}
    if not record.decisions:
        return () if _taken_back(record) else tuple(filed.values())[-1:]
    last = record.decisions[-1]
    holding = (filed[decision] for decision in (*last.retained_filings, last.decision) if decision in filed)
    return tuple({filing.file: filing for filing in holding}.values())


def _taken_back(record: Record) -> bool:
    """Whether automation holds what it had filed: it does so only when judging anew was taken back."""
    last = next((f.outcome for f in reversed(record.filings) if f.outcome != "claimed"), "")
    return last == "held"


def holding_decisions(record: Record) -> tuple[str, ...]:
    """The decisions whose filings hold or are still to come; a newer decision may keep them."""
    if not record.decisions:
        return tuple(filing.decision for filing in current_filings(record))
    last = record.decisions[-1]
    return (*last.retained_filings, last.decision) if last.action in ("file", "move") else last.retained_filings


def problems_of(record: Record) -> tuple[str, ...]:
    """The codes of everything that could not be read, each once; a damaged original comes first."""
    extraction = record.extraction
    found: list[str | None] = ["damaged"] if record.check and record.check.outcome != "whole" else []
    sheets = extraction.sheets if extraction else None
    last = record.decisions[-1].action if record.decisions else ""
    if sheets and sheets.faults and (not last or (last == "arrange" and not sheets.is_batch)):
        found.append("sheets_differ")  # until a person has said what is to become of it
    if extraction:
        found += [extraction.problem, *(part.problem for part in extraction.parts)]
    return tuple(dict.fromkeys(code for code in found if code))


def attached_parts(extraction: Extraction) -> frozenset[str]:
    """The parts that can be given back as they were sent: we had their bytes, or they are mails attached to a mail.

    Of what the extractor alone could open, it gave the text and no bytes.
    """
    return frozenset(p.part for p in extraction.parts if p.part != "0" and (p.sha256 or p.role == "message"))


def latest_office(record: Record) -> str:
    """The office that looks after the document while nobody has filed it."""
    for decision in reversed(record.decisions):
        if decision.office:
            return decision.office
    for filing in reversed(record.filings):
        if filing.outcome == "held":
            return filing.office
    return MAIN_OFFICE


def office_of(filing: Filing, office_of_position: dict[str, str]) -> str:
    """The office of a filing's place in the plan in force.

    That of the time of filing where the plan no longer knows the place: nothing becomes invisible to everybody.
    """
    return office_of_position.get(filing.position or "", filing.office)


def offices_of(record: Record, office_of_position: dict[str, str]) -> frozenset[str]:
    """Whose members may see the document: the union over its filings and its occurrences, and who looks after it."""
    now = standing(record)
    filed = (office_of(filing, office_of_position) for filing in now.filings)
    received = (receipt.office for receipt in record.receipts)
    return frozenset({*filed, *received, now.in_charge(office_of_position)})


def since(record: Record) -> datetime:
    """When the newest thing of the record happened: since then it stands as it does."""
    if record.erased:
        return record.erased.erased_at
    times = [receipt.received_at for receipt in record.receipts]
    times += [made.made_at for made in (record.extraction, record.classification, *record.filings) if made]
    times += [decision.decided_at for decision in record.decisions]
    times += [title.given_at for title in record.titles]
    times += [handling.made_at for handling in record.handlings]
    return max(times, default=datetime.fromtimestamp(0, UTC))


def is_erased(blobs: BlobStore, tenant: str, document: str) -> bool:
    """Whether the tombstone stands: every worker writes first, then looks here and takes its writing back."""
    return blobs.size(Bucket.RECORDS, keys.stage(tenant, document, "erased", 1)) is not None


def _by_automation(record: Record, problems: tuple[str, ...]) -> Standing:
    filed = current_filings(record)
    if filed:
        return Standing(state="filed", office=filed[-1].office, filings=filed, problems=problems)
    last = next((f for f in reversed(record.filings) if f.outcome in ("held", "no_record")), None)
    if last and last.outcome == "no_record":
        return Standing(state="no_record", reason=last.reason or "", office=last.office, problems=problems)
    held = [f for f in record.filings if f.outcome == "held"]
    if held:
        return Standing(state="held", reason=held[-1].reason or "", office=held[-1].office, problems=problems)
    if record.classification:
        return Standing(state="filing", problems=problems)
    if record.extraction is None:
        return Standing(state="received", problems=problems)
    return Standing(state="classifying" if record.extraction.complete else "reading", problems=problems)


def _reason_held(record: Record) -> str:
    held = [f.reason for f in record.filings if f.outcome == "held" and f.reason]
    return held[-1] if held else "unsure"


def _names(blobs: BlobStore, tenant: str, document: str) -> dict[str, list[str]]:
    prefix = keys.record(tenant, document)
    names: dict[str, list[str]] = {}
    for key in blobs.keys(Bucket.RECORDS, prefix):
        names.setdefault(key[len(prefix) :].partition("/")[0], []).append(key)
    return names


def _in_order(found: list[str]) -> list[str]:
    return sorted(found, key=keys.number_in) if len(found) > 1 else found


def _latest(blobs: BlobStore, shape: type[_Shape], found: list[str] | None) -> _Shape | None:
    return _read(blobs, shape, found[-1]) if found else None


def _read(blobs: BlobStore, shape: type[_Shape], key: str) -> _Shape | None:
    # None: erased between our list and our look; the caller's writing is then taken back like any other.
    try:
        return record_files.decode(shape, blobs.read(Bucket.RECORDS, key))
    except BlobMissing:
        return None
