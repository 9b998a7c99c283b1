"""Who counts: a clerk outranks automation in any order of arrival, a newer judgement an older one."""

from services.core.messages.envelope import event_id
from services.core.messages.events import DocumentClassified
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Classification
from services.core.vocabulary import Decider


def decision_of(classified_event: str) -> str:
    """The id of the decision that automation makes on a judgement; computed, so that repeats are recognised."""
    return event_id(classified_event, "decision")


def holds(found: Record, decision: str, by: Decider) -> bool:
    """Whether a filing by this decision is still wanted."""
    if by == "clerk":
        return decision in record.holding_decisions(found)
    newest = found.classification
    return not found.decisions and newest is not None and decision == _automations(newest)


def _automations(judgement: Classification) -> str:
    return decision_of(event_id(judgement.cause, DocumentClassified.NAME))
