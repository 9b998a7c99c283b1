"""How a judgement turned out: what classification said of a document, and what became of it."""

from services.core.model import record
from services.core.model.record import Record
from services.core.ports.ledger_store import Judged

DECIDING = ("file", "move", "no_record")
"""Actions by which a clerk says where a document belongs; to assign or to reopen it only passes it on."""


def judged_of(found: Record, office_of: dict[str, str]) -> Judged | None:
    """The judgement beside its outcome; None for what was never judged, or is gone.

    The first judgement that the record still holds counts with the newest words; a repeat of the same changes nothing.
    """
    made = found.classification
    if made is None or found.erased:
        return None
    now = record.standing(found)
    first = made.candidates[0] if made.candidates else None
    final = (now.filings[-1].position or "") if now.state == "filed" else ""
    automatic = next((f.position or "" for f in found.filings if f.outcome == "filed" and f.by == "automation"), "")
    decided = any(decision.action in DECIDING for decision in found.decisions)
    said = now.state in ("filed", "no_record") and decided
    return Judged(
        tenant=found.tenant,
        document=found.document,
        version=found.version,
        judged_at=made.made_at,
        office=now.in_charge(office_of),
        proposed_office=office_of.get(first.position, made.office) if first else made.office,
        position=first.position if first else "",
        confidence=first.confidence if first else 0.0,
        reason=made.reason,
        automatic=bool(automatic),
        corrected=bool(automatic) and said and final != automatic,
        decided=said,
        final=final,
    )
