"""The pipeline as our pages tell it: for every event its topic, key, writers and readers."""

from dataclasses import dataclass

from services.core.messages import topics
from services.core.messages.events import (
    ALL,
    ConfigurationChanged,
    DeliveryDead,
    DeliveryRequested,
    Facts,
    FilingRequested,
    OcrRequested,
    ProcedureAcknowledged,
    ProcedureDelivered,
    ProcedureRejected,
    ProcedureReminded,
    ProcedureSubmitted,
    ProcedureTested,
    SubmissionAccepted,
    SubmissionRefused,
)

ANY_SERVICE = "{service}"
EVERY_PROCESS = "every process"
THE_PROCEDURE = "procedure"
DOCUMENT = "document"

KEYS: dict[str, str] = {
    OcrRequested.NAME: "content hash",
    FilingRequested.NAME: "tenant and file, or tenant and position",
    ConfigurationChanged.NAME: "tenant and kind",
    DeliveryRequested.NAME: "tenant and file",
    ProcedureDelivered.NAME: "file",
    ProcedureReminded.NAME: "delivery",
    ProcedureTested.NAME: "delivery",
    ProcedureAcknowledged.NAME: "delivery",
    ProcedureRejected.NAME: "delivery",
    ProcedureSubmitted.NAME: "submission",
    SubmissionAccepted.NAME: "submission",
    SubmissionRefused.NAME: "submission",
    DeliveryDead.NAME: "event id",
}
"""What orders an event, where that is not its document."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One event on its way."""

    facts: type[Facts]
    topic: str
    key: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]


def passages() -> list[Passage]:
    """Every event, in the order of `events.ALL`."""
    return [_passage(facts) for facts in ALL]


def topic_of(facts: type[Facts]) -> str:
    """The topic of an event; dead letters have one for every service."""
    return topics.dead_topic(ANY_SERVICE) if facts is DeliveryDead else topics.TOPIC_OF[facts.NAME]


def readers_of(topic: str) -> tuple[str, ...]:
    """The groups that work on a topic; a compacted one is followed by every process."""
    if topic in topics.READ_OUTSIDE:
        return (THE_PROCEDURE,)
    if topic in topics.COMPACTED:
        return (EVERY_PROCESS,)
    return tuple(service for service, read in topics.READ_BY.items() if topic in read)


def _passage(facts: type[Facts]) -> Passage:
    topic = topic_of(facts)
    return Passage(
        facts=facts,
        topic=topic,
        key=KEYS.get(facts.NAME, DOCUMENT),
        written_by=topics.WRITTEN_BY[facts.NAME],
        read_by=readers_of(topic),
    )
