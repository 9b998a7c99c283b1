"""Who may see a document: the one definition, for the index, the API, all pages and every list."""

from typing import NamedTuple

from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Filing
from services.core.plan.file_plan import FilePlan, level_of
from services.core.ports.entries import Viewer


class Audience(NamedTuple):
    """Members of one of the offices who have this level of protection, or a higher one."""

    offices: frozenset[str]
    protection: int


def audience_of(found: Record, plan: FilePlan) -> Audience:
    """Whose a document is under the plan in force.

    Its level is the highest of the places where it is filed. One that was never filed has the lowest: a machine's
    proposal, which the next judgement may change, hides no letter from those who have to clear it.
    """
    levels = (level_of(filing.position or "", plan) for filing in _filings(found))
    return Audience(record.offices_of(found, plan.office_of), max(levels, default=1))


def is_visible(found: Record, viewer: Viewer, plan: FilePlan) -> bool:
    """Whether the viewer is among them."""
    return viewer.may_see(*audience_of(found, plan))


def acting_for(found: Record, viewer: Viewer, plan: FilePlan) -> str | None:
    """In whose place the viewer deals with a document; None where their own rights are enough."""
    return viewer.in_place_of(*audience_of(found, plan)) or None if viewer.represents else None


def _filings(found: Record) -> tuple[Filing, ...]:
    """Those that hold, or where it lay until it was taken up again: its level stays until it has another place.

    Whoever assigns it to somebody else says that it does not belong there, and lets it go. So does automation when it
    takes its own filing back.
    """
    holding = record.current_filings(found)
    if holding or not found.decisions or found.decisions[-1].action == "assign":
        return holding
    return tuple(filing for filing in found.filings if filing.outcome == "filed")[-1:]
