"""Who counts: a clerk outranks automation in any order of arrival, a newer judgement an older one."""

from collections.abc import Iterator
from itertools import takewhile

from services.core.messages.envelope import event_id
from services.core.messages.events import DocumentClassified
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Classification, Decision
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


def kept_beside(found: Record) -> tuple[str, ...]:
    """The decisions whose filings stay beside a further one; what a procedure gave back moves to where that leads."""
    files = {filing.decision: filing.file for filing in found.filings if filing.outcome == "filed"}
    left = {files.get(decision) for decision in _returned_filings(found)}
    return tuple(decision for decision in record.holding_decisions(found) if files.get(decision) not in left - {None})


def given_back(found: Record) -> tuple[Decision, ...]:
    """What procedures said who gave the document back since it was filed last, the oldest first."""
    since = takewhile(lambda made: made.action in ("assign", "reopen"), reversed(found.decisions))
    return tuple(reversed([made for made in since if made.reason]))


def _returned_filings(found: Record) -> Iterator[str]:
    """The filings that they gave back, by their decisions."""
    for decision in given_back(found):
        if decision.returned_filing:
            yield decision.returned_filing
        elif len(decision.retained_filings) == 1:
            yield decision.retained_filings[0]  # written before the filing was named


def _automations(judgement: Classification) -> str:
    return decision_of(event_id(judgement.cause, DocumentClassified.NAME))
