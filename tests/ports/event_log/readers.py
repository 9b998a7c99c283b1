"""How the contract suite writes and reads: own keys only, patient, and never by sleeping."""

import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from services.core.messages import events, topics
from services.core.messages.envelope import Event, Message, message_id
from services.core.ports.event_log import Delivery, Follower, Reader

PATIENCE = 180.0
"""Seconds until a test gives up: a broker's first assignment alone may take 15."""
MOMENT = timedelta(milliseconds=200)
TOPIC = topics.INDEXED


def a_key() -> str:
    """A document that nobody else's test knows."""
    return "d" + uuid.uuid4().hex[:26]


def a_group() -> str:
    """A group that nobody else's test knows."""
    return f"group-{uuid.uuid4().hex[:12]}"


def an_event(key: str, number: int, topic: str = TOPIC) -> Event:
    """The n-th event of a key."""
    return Event(
        id=str(uuid.uuid4()),
        topic=topic,
        key=key,
        tenant="main",
        service="indexing",
        subject=key,
        time=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        cause=str(uuid.uuid4()),
        facts=events.DocumentIndexed(document=key, version=number),
    )


def events_of(key: str, count: int, first: int = 1) -> list[Event]:
    """Events of one key, counted on."""
    return [an_event(key, number) for number in range(first, first + count)]


def gather(reader: Reader, keys: Collection[str], count: int, limit: int = 100) -> list[Delivery]:
    """Read until so many messages of these keys are in hand; the messages of other tests are acked on the way."""
    mine: list[Delivery] = []
    until = time.monotonic() + PATIENCE
    while len(mine) < count:
        assert time.monotonic() < until, f"{len(mine)} of {count} messages came"
        mine += own(reader, reader.read(min(limit, count - len(mine)), MOMENT), keys)
    return mine


def own(reader: Reader, batch: Sequence[Delivery], keys: Collection[str]) -> list[Delivery]:
    """Those of these keys; the others are acknowledged."""
    strangers = [delivery for delivery in batch if delivery.message.key not in keys]
    if strangers:
        reader.ack(strangers)
    return [delivery for delivery in batch if delivery.message.key in keys]


def silent(reader: Reader, keys: Collection[str], seconds: float = 1.0) -> bool:
    """Whether nothing of these keys comes for a while; only for a reader that has already been given something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if own(reader, reader.read(100, MOMENT), keys):
            return False
    return True


def follow_until(follower: Follower, keys: Collection[str], count: int) -> list[Message]:
    """Follow until so many messages of these keys came."""
    mine: list[Message] = []
    until = time.monotonic() + PATIENCE
    while len(mine) < count:
        assert time.monotonic() < until, f"{len(mine)} of {count} messages came"
        mine += [message for message in follower.read(MOMENT) if message.key in keys]
    return mine


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


def ids(things: Iterable[Delivery | Event]) -> list[str]:
    """Event ids, in order."""
    return [thing.id if isinstance(thing, Event) else message_id(thing.message) for thing in things]
