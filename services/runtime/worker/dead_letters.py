"""What a service gives up: sealed verbatim in the store, told by an event that holds no word of it, replayed by filter.

A letter is dead until the mark beside it says that a replay of it was worked off. A replay that dies again is a letter
of its own, under an id of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from itertools import islice

from msgspec import Struct, structs

import services
from services.core import keys, vocabulary
from services.core.errors import BlobMissing, EventBroken, EventNewer, Rejected
from services.core.keys import Bucket
from services.core.messages import envelope, said, topics
from services.core.messages.envelope import Cause, Event, Message, delivery_id, message_id, replayed_id
from services.core.messages.events import DeliveryDead
from services.core.model import record_files
from services.core.model.record_files import DeadLetter
from services.core.ports.blob_store import BlobStore
from services.core.ports.bundle import Ports
from services.core.ports.event_log import EventLog

BATCH = 200
"""Replays published at one time."""
UNREADABLE = "record_broken"
"""Stands for the error code where the sealed copy itself cannot be read."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_DOCUMENT = re.compile(vocabulary.DocumentId.__metadata__[0].pattern)  # type: ignore[attr-defined]  # the word's own pattern


class LetterFilter(Struct, frozen=True, kw_only=True):
    """What narrows a list of dead letters; empty means all."""

    id: str = ""
    service: str = ""
    error_code: str = ""
    topic: str = ""
    code_version: str = ""
    document: str = ""
    died_from: datetime | None = None
    died_before: datetime | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether the letter is meant."""
        asked = ((name, getattr(self, name)) for name in _COMPARED)
        same = all(getattr(letter, name) == value for name, value in asked if value)
        late_enough = self.died_from is None or letter.died_at >= self.died_from
        return same and late_enough and (self.died_before is None or letter.died_at < self.died_before)


@dataclass(slots=True)
class Tally:
    """How many were meant, by service and code, and how many of them no service can read."""

    groups: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: int = 0


_COMPARED = ("id", "service", "error_code", "topic", "code_version", "document")


def dead_letter(message: Message, *, service: str, error_code: str, tenant: str, ports: Ports) -> Event:
    """Seal the record and return the event that tells of it. Repeatable: same record, same seal, same event."""
    letter_id, now = delivery_id(message), ports.clock.now()
    sealed_key = keys.sealed(tenant, service, letter_id)
    letter = DeadLetter(
        id=letter_id,
        event_id=message_id(message),
        service=service,
        document=_document(message),
        topic=message.topic,
        key=message.key,
        headers=message.headers,
        value=message.value,
        error_code=error_code,
        code_version=services.__version__,
        died_at=now,
    )
    ports.blobs.create(Bucket.RECORDS, sealed_key, record_files.encode(letter))
    facts = DeliveryDead(
        event_id=letter_id,
        topic=message.topic,
        service=service,
        code_version=services.__version__,
        error_code=error_code,
        sealed_key=sealed_key,
    )
    return topics.emit(facts, cause=Cause(tenant, letter_id), service=service, now=now)


def original_message(letter: DeadLetter) -> Message:
    """The record as it lay on its topic."""
    return Message(topic=letter.topic, key=letter.key, headers=letter.headers, value=letter.value)


def letters(blobs: BlobStore, tenant: str, narrow: LetterFilter) -> Iterator[DeadLetter]:
    """What is dead now, by service and id."""
    for key in _unacked(blobs.keys(Bucket.RECORDS, keys.dead(tenant, narrow.service))):
        if narrow.id and not key.endswith(narrow.id):
            continue
        letter = _opened(blobs, key)
        if letter and narrow.takes(letter):
            yield letter


def counts(blobs: BlobStore, tenant: str) -> Counter[str]:
    """How many letters of each service are dead now."""
    return Counter(_named(key)[0] for key in _unacked(blobs.keys(Bucket.RECORDS, keys.dead(tenant))))


def page(found: Iterable[DeadLetter], *, limit: int, after: str = "") -> tuple[list[DeadLetter], str]:
    """The newest of them behind the place `after`, newest first, and the place where the next page begins, if any.

    Every letter is opened, as for counting them: only a page of them is held at a time. A place is a value, not a
    number of letters: what is worked off or dies between two pages makes none of the others come twice or never.
    """
    behind = (letter for letter in found if not after or place_of(letter) < after)
    newest = nlargest(limit + 1, behind, key=place_of)
    return newest[:limit], place_of(newest[limit - 1]) if len(newest) > limit else ""


def place_of(letter: DeadLetter) -> str:
    """Where it stands among all: by the microsecond of its death, then by service and id."""
    return f"{(letter.died_at - _EPOCH) // timedelta(microseconds=1):016}/{letter.service}/{letter.id}"


def again(letter: DeadLetter) -> Event | None:
    """The event that puts the letter before its service, and nobody else, once more; None where it can be read by none.

    It is the same event under the same id, so that the handler finds what its first attempt left; only the number of
    the replay tells it from the delivery that died.
    """
    if letter.service not in topics.DEAD_SERVICES:
        return None
    message = original_message(letter)
    try:
        if topics.procedure_of(letter.topic):
            event = said.decode(
                message,
                tenant=dict(message.headers).get("ce_tenant", b"main").decode("ascii", "replace"),
                now=letter.died_at,
            )
        else:
            event = envelope.decode(message)
    except (EventBroken, EventNewer):
        return None
    return structs.replace(event, topic=topics.replayed_on(letter.service, event.topic), replay=event.replay + 1)


def replay(found: Iterable[DeadLetter], log: EventLog, *, dry_run: bool) -> Tally:
    """Put them before their services, or only count them.

    Whoever is interrupted does it again: the same replay is known by the same id.
    """
    tally, waiting = Tally(), iter(found)
    while batch := list(islice(waiting, BATCH)):
        tally.groups.update((letter.service, letter.error_code) for letter in batch)
        events = [event for event in map(again, batch) if event]
        tally.unreadable += len(batch) - len(events)
        if events and not dry_run:
            log.publish(*events)
    return tally


def ack_replays(messages: Sequence[Message], *, service: str, tenant: str, ports: Ports) -> None:
    """Mark the letters whose replays are among these deliveries, which have been worked off, well or not.

    Called before the deliveries are acknowledged: a crash between repeats the delivery, and the mark is there already.
    Where the replay died, its own letter was sealed before.
    """
    for message in messages:
        replay = envelope.replay_of(message)
        if replay and message.topic == topics.replayed_on(service, message.topic):
            letter = replayed_id(message_id(message), replay - 1)
            sealed = _opened(ports.blobs, keys.sealed(tenant, service, letter))
            if sealed is None or sealed.value != message.value:
                continue  # a procedure may write any number of a replay on its own topic, but not what was sealed
            ports.blobs.create(Bucket.RECORDS, keys.settled(tenant, service, letter), b"")


def _unacked(found: Iterable[str]) -> Iterator[str]:
    """The keys of sealed records that no mark follows."""
    before = ""
    for key in found:
        if before and key != before + keys.SETTLED:
            yield before
        before = "" if key.endswith(keys.SETTLED) else key
    if before:
        yield before


def _opened(blobs: BlobStore, key: str) -> DeadLetter | None:
    try:
        return record_files.decode(DeadLetter, blobs.read(Bucket.RECORDS, key))
    except BlobMissing:
        return None  # removed since it was listed
    except Rejected:
        return _unreadable(*_named(key))


def _named(key: str) -> tuple[str, str]:
    """Service and id in the key of a sealed record."""
    service, _, letter = key.split("/", 2)[2].partition("/")
    return service, letter


def _unreadable(service: str, letter: str) -> DeadLetter:
    """Shown, so that nobody believes that nothing is there; it cannot be replayed."""
    return DeadLetter(
        id=letter,
        event_id=letter,
        service=service,
        topic="",
        key="",
        headers=(),
        value=b"",
        error_code=UNREADABLE,
        code_version="",
        died_at=_EPOCH,
    )


def _document(message: Message) -> str | None:
    subject = next(
        ((value or b"").decode("ascii", "replace") for name, value in message.headers if name == "ce_subject"), ""
    )
    return subject if _DOCUMENT.fullmatch(subject) else None
