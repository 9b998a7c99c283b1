"""The journey of a document, read off its record: what happened, when, by whom; no text of the document."""

from datetime import date, datetime

from msgspec import Struct

from services.core.model.batches.sheets import pages_shown
from services.core.model.record import Record
from services.core.model.record_files import Decision, Filing
from services.core.model.side_files import Handling


class Stop(Struct, frozen=True, kw_only=True):
    """One stop of the journey. `code` names a sentence of the catalogue; the rest are references."""

    at: datetime
    stage: str
    """Of `catalogue.STAGES`."""
    code: str = ""
    receipt: str = ""
    file: str = ""
    entry: int = 0
    case: int = 0
    """The Vorgang of the file; 0 for none."""
    position: str = ""
    office: str = ""
    actor: str = ""
    in_place_of: str = ""
    """For whom the actor did it, as a deputy."""
    reference: str = ""
    """The number that a specialist procedure keeps the document under, or its reason to reject it; `actor` is it."""
    pages: str = ""
    """Which pages of a scan were made which documents."""
    due: date | None = None
    clerk: str = ""
    """The account of whoever works on it from then on; `actor` is who said so."""
    complete: bool = True


def journey(found: Record) -> list[Stop]:
    """Every stop that the record knows of, oldest first."""
    if found.erased:
        return [Stop(at=found.erased.erased_at, stage="erased", code="erased")]
    stops = [Stop(at=r.received_at, stage="received", code=r.channel, receipt=r.receipt) for r in found.receipts]
    if found.extraction:
        made = found.extraction
        stops.append(Stop(at=made.made_at, stage="extracted", code=made.problem or "", complete=made.complete))
    if found.classification:
        stops.append(Stop(at=found.classification.made_at, stage="classified", code=found.classification.reason))
    stops += [_decided(decision) for decision in found.decisions]
    stops += [_filed(filing) for filing in found.filings if filing.outcome != "claimed"]
    stops += [
        Stop(at=told.made_at, stage="referenced", reference=told.reference, actor=told.procedure)
        for told in found.references
    ]
    stops += [
        Stop(at=given.given_at, stage="titled", actor=given.actor, in_place_of=given.in_place_of or "")
        for given in found.titles
    ]
    stops += [_handled(handling) for handling in found.handlings]
    return sorted(stops, key=lambda stop: stop.at)


def _decided(decision: Decision) -> Stop:
    return Stop(
        at=decision.decided_at,
        stage="decided",
        code=decision.action,
        file=decision.file or "",
        position=decision.position or "",
        office=decision.office or "",
        actor=decision.actor,
        in_place_of=decision.in_place_of or "",
        reference=decision.reason_code or "",
        pages="; ".join(pages_shown(part.pages, part.turns) for part in decision.arrangement),
    )


def _handled(made: Handling) -> Stop:
    """That there is a note is told, never what it says: who may ask where a letter is need not be who may read it."""
    stages = {"due": "due" if made.due else "due_done", "clerk": "in_charge" if made.clerk else "nobody_in_charge"}
    stage = stages.get(made.kind, "noted")
    return Stop(
        at=made.made_at,
        stage=stage,
        due=made.due,
        clerk=made.clerk or "",
        actor=made.actor,
        in_place_of=made.in_place_of or "",
    )


def _filed(filing: Filing) -> Stop:
    return Stop(
        at=filing.made_at,
        stage="filed" if filing.outcome == "filed" else filing.outcome,
        code=filing.reason or "",
        file=filing.file or "",
        entry=filing.entry or 0,
        case=filing.case or 0,
        position=filing.position or "",
        office=filing.office,
        actor=filing.by,
    )
